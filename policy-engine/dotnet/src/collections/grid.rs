//! Arrays of two and three dimensions. To the table they are generic classes, so that `a[i, j]`, `a.Length` and `foreach` need
//! nothing special: the compiler only maps `T[,]` to ``Grid2<T>`` and `new T[m, n]` to its constructor.
use std::any::Any;
use std::sync::Arc;

use parking_lot::Mutex;

use super::cast;
use super::enumerator::{Items, get_enumerator};
use super::search::index;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::{Builder, TypeBuilder};
use crate::types::{Type, TypeId};
use crate::value::{Enumerator, Object, Value};

/// `T[,]`
pub const GRID_2: TypeId = TypeId("System.Grid2`1");
/// `T[,,]`
pub const GRID_3: TypeId = TypeId("System.Grid3`1");

/// An array of several dimensions; the last one runs fastest.
pub(crate) struct GridObject {
    item: Type,
    lengths: Vec<usize>,
    items: Mutex<Vec<Value>>,
}

impl Drop for GridObject {
    fn drop(&mut self) {
        super::graveyard::bury(std::mem::take(self.items.get_mut()));
    }
}

impl Object for GridObject {
    fn net_type(&self) -> Type {
        Type::generic(if self.lengths.len() == 2 { GRID_2 } else { GRID_3 }, [self.item.clone()])
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn crate::Ambient) -> Result<crate::Str> {
        let commas = ",".repeat(self.lengths.len().saturating_sub(1));
        Ok(format!("{}[{commas}]", self.item.clr_name()).into())
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Items::boxed(self.items.lock().clone()))
    }
    fn count(&self) -> Option<usize> {
        Some(self.items.lock().len())
    }
}

fn me<'a>(c: &'a Call<'_>) -> Result<&'a GridObject> {
    c.arg(0).as_object::<GridObject>().ok_or_else(Exception::null_reference)
}

fn construct(c: &mut Call<'_>) -> Result<Value> {
    let mut lengths = Vec::new();
    for n in 0..c.args.len() {
        lengths.push(usize::try_from(c.int(n)?).map_err(|_| Exception::overflow())?);
    }
    let item = c.ty(0);
    new_grid(c.cx, item, lengths)
}

/// An array of two or three dimensions, with every item the type's default.
pub(super) fn new_grid(cx: &mut dyn crate::Ambient, item: Type, lengths: Vec<usize>) -> Result<Value> {
    let total = lengths.iter().try_fold(1_usize, |all, n| all.checked_mul(*n)).ok_or_else(Exception::overflow)?;
    cx.charge_bytes(total.saturating_mul(size_of::<Value>()))?;
    let blank = cast::default_value(cx.types(), &item);
    Ok(Value::object(GridObject { item, lengths, items: Mutex::new(vec![blank; total]) }))
}

impl GridObject {
    pub(super) fn item(&self) -> &Type {
        &self.item
    }

    pub(super) fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// Position of the item with these indices.
    fn position(&self, indices: &[i32]) -> Result<usize> {
        let mut at = 0_usize;
        for (length, index) in self.lengths.iter().zip(indices) {
            let i = usize::try_from(*index).ok().filter(|i| i < length);
            at = at.saturating_mul(*length).saturating_add(i.ok_or_else(Exception::index_out_of_range)?);
        }
        Ok(at)
    }

    pub(super) fn at(&self, indices: &[i32]) -> Result<Value> {
        let at = self.position(indices)?;
        self.items.lock().get(at).cloned().ok_or_else(Exception::index_out_of_range)
    }

    pub(super) fn put(&self, indices: &[i32], value: Value) -> Result<()> {
        self.put_at(self.position(indices)?, value);
        Ok(())
    }

    /// Writes the item at a position among all.
    pub(super) fn put_at(&self, at: usize, value: Value) {
        if let Some(slot) = self.items.lock().get_mut(at) {
            *slot = value;
        }
    }

    pub(super) fn to_vec(&self) -> Vec<Value> {
        self.items.lock().clone()
    }
}

/// Position of the item whose indices begin at argument 1.
fn position(c: &Call<'_>) -> Result<usize> {
    let mut at = 0_usize;
    for (n, length) in me(c)?.lengths.iter().enumerate() {
        let i = usize::try_from(c.int(n.saturating_add(1))?).ok().filter(|i| i < length);
        at = at.saturating_mul(*length).saturating_add(i.ok_or_else(Exception::index_out_of_range)?);
    }
    Ok(at)
}

fn get(c: &mut Call<'_>) -> Result<Value> {
    let at = position(c)?;
    me(c)?.items.lock().get(at).cloned().ok_or_else(Exception::index_out_of_range)
}

fn set(c: &mut Call<'_>) -> Result<Value> {
    let at = position(c)?;
    let value = c.take(c.args.len().saturating_sub(1));
    if let Some(slot) = me(c)?.items.lock().get_mut(at) {
        *slot = value;
    }
    Ok(Value::Null)
}

fn length_of(c: &Call<'_>) -> Result<usize> {
    let n = usize::try_from(c.int(1)?).map_err(|_| Exception::index_out_of_range())?;
    me(c)?.lengths.get(n).copied().ok_or_else(Exception::index_out_of_range)
}

fn upper_bound(c: &mut Call<'_>) -> Result<Value> {
    let length = i32::try_from(length_of(c)?).unwrap_or(i32::MAX);
    Ok(Value::Int32(length.saturating_sub(1)))
}

fn clone(c: &mut Call<'_>) -> Result<Value> {
    let items = me(c)?.items.lock().clone();
    c.cx.charge_bytes(items.len().saturating_mul(size_of::<Value>()))?;
    let me = me(c)?;
    Ok(Value::object(GridObject { item: me.item.clone(), lengths: me.lengths.clone(), items: Mutex::new(items) }))
}

fn common(b: &mut Builder, id: TypeId) -> TypeBuilder<'_> {
    b.class(id)
        .params(&["T"])
        .base("Array")
        .implements(&["IEnumerable<T>", "IEnumerable"])
        .def("int Length", |c| Ok(index(me(c)?.items.lock().len())))
        .def("long LongLength", |c| Ok(Value::Int64(i64::try_from(me(c)?.items.lock().len()).unwrap_or(i64::MAX))))
        .def("int Rank", |c| Ok(index(me(c)?.lengths.len())))
        .def("int GetLength(int dimension)", |c| Ok(index(length_of(c)?)))
        .def("int GetLowerBound(int dimension)", |c| length_of(c).map(|_| Value::Int32(0)))
        .def("int GetUpperBound(int dimension)", upper_bound)
        .def("object Clone()", clone)
        .def("IEnumerator<T> GetEnumerator()", get_enumerator)
}

pub(crate) fn define(b: &mut Builder) {
    common(b, GRID_2).def("new(int a, int b)", construct).get_set("T this[int a, int b]", get, set);
    common(b, GRID_3).def("new(int a, int b, int c)", construct).get_set("T this[int a, int b, int c]", get, set);
}
