//! One-dimensional arrays. `byte[]` is held as bytes, every other array as values; the length never changes.
//!
//! What an array offers to C# stands in [`super::array_members`]; this file is the object and its fast paths.
use std::any::Any;
use std::sync::Arc;

use super::cast;
use super::settled::{Seen, Settled};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::table::TypeTable;
use crate::types::Type;
use crate::value::{Enumerator, Object, Value};

/// A one-dimensional array.
pub struct ArrayObject {
    item: Type,
    len: usize,
    data: Settled<Data>,
}

#[derive(Clone)]
enum Data {
    Bytes(Vec<u8>),
    Values(Vec<Value>),
}

impl Default for Data {
    fn default() -> Self {
        Data::Values(Vec::new())
    }
}

/// The bytes of a `byte[]`. Do not hold them across calls.
pub struct Bytes<'a>(Seen<'a, Data>);

impl std::ops::Deref for Bytes<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match &*self.0 {
            Data::Bytes(b) => b,
            Data::Values(_) => &[],
        }
    }
}

/// An array of `item` with these elements.
pub fn new_array(item: Type, items: Vec<Value>) -> Value {
    let len = items.len();
    let data = if item == Type::BYTE {
        Data::Bytes(items.iter().map(|v| if let Value::Byte(b) = v { *b } else { 0 }).collect())
    } else {
        Data::Values(items)
    };
    Value::object(ArrayObject { item, len, data: Settled::new(data) })
}

/// A `byte[]`.
pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Value {
    let bytes = bytes.into();
    Value::object(ArrayObject { item: Type::BYTE, len: bytes.len(), data: Settled::new(Data::Bytes(bytes)) })
}

/// A `string[]`.
pub fn from_strings<S: Into<crate::value::Str>>(items: impl IntoIterator<Item = S>) -> Value {
    new_array(Type::STRING, items.into_iter().map(Value::str).collect())
}

/// `new T[len]`: every element is the type's default. Charges for it; a negative length throws as .NET does.
pub fn new_default(cx: &mut dyn Ambient, item: Type, len: i64) -> Result<Value> {
    let len = usize::try_from(len).map_err(|_| Exception::overflow())?;
    let width = if item == Type::BYTE { 1 } else { size_of::<Value>() };
    cx.charge_bytes(len.saturating_mul(width))?;
    let data = if item == Type::BYTE {
        Data::Bytes(vec![0; len])
    } else {
        Data::Values(vec![cast::default_value(cx.types(), &item); len])
    };
    Ok(Value::object(ArrayObject { item, len, data: Settled::open(data) }))
}

/// The array behind a value.
#[inline]
pub fn array(value: &Value) -> Option<&ArrayObject> {
    match value {
        Value::Object(o) => o.as_array(),
        _ => None,
    }
}

/// The array behind a value; `NullReferenceException` for `null`.
pub fn expect_array(value: &Value) -> Result<&ArrayObject> {
    match array(value) {
        Some(a) => Ok(a),
        None if value.is_null() => Err(Exception::null_reference()),
        None => Err(Exception::invalid_cast(&value.net_type(), &Type::Simple(crate::types::ids::ARRAY))),
    }
}

/// Copy of the bytes of a `byte[]`.
pub fn bytes(value: &Value) -> Option<Vec<u8>> {
    array(value)?.bytes().map(|b| b.to_vec())
}

/// `a.Length`.
pub fn len(value: &Value) -> Result<usize> {
    expect_array(value).map(ArrayObject::len)
}

/// `a[index]`.
pub fn get(value: &Value, index: i64) -> Result<Value> {
    expect_array(value)?.get(index)
}

/// `a[index] = item`.
pub fn set(table: &TypeTable, value: &Value, index: i64, item: Value) -> Result<()> {
    expect_array(value)?.set(table, index, item)
}

impl ArrayObject {
    /// Element type.
    pub fn item(&self) -> &Type {
        &self.item
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Has it no elements?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Element at a position that is known to exist; `null` otherwise.
    pub fn at(&self, index: usize) -> Value {
        match &*self.data.read() {
            Data::Bytes(b) => b.get(index).map_or(Value::Null, |b| Value::Byte(*b)),
            Data::Values(v) => v.get(index).cloned().unwrap_or_default(),
        }
    }

    /// The elements, as long as nobody ever wrote to one; later reads must ask again. `None` for a `byte[]`.
    #[inline]
    pub fn settled(&self) -> Option<&[Value]> {
        match self.data.settled()? {
            Data::Values(items) => Some(items),
            Data::Bytes(_) => None,
        }
    }

    /// The element of an array of one.
    pub fn sole(&self) -> Option<Value> {
        if self.len == 1 { Some(self.at(0)) } else { None }
    }

    /// `a[index]`.
    pub fn get(&self, index: i64) -> Result<Value> {
        let Ok(index) = usize::try_from(index) else { return Err(Exception::index_out_of_range()) };
        if let Some(items) = self.settled() {
            return items.get(index).cloned().ok_or_else(Exception::index_out_of_range);
        }
        match &*self.data.read() {
            Data::Bytes(b) => b.get(index).map(|b| Value::Byte(*b)),
            Data::Values(v) => v.get(index).cloned(),
        }
        .ok_or_else(Exception::index_out_of_range)
    }

    /// `a[index] = item`, with the check that array covariance needs (`object[] o = new string[1]; o[0] = 1`).
    pub fn set(&self, table: &TypeTable, index: i64, item: Value) -> Result<()> {
        let Some(index) = usize::try_from(index).ok().filter(|i| *i < self.len) else {
            return Err(Exception::index_out_of_range());
        };
        if !self.accepts(table, &item) {
            return Err(Exception::array_type_mismatch(
                "Attempted to access an element as a type incompatible with the array.",
            ));
        }
        self.put(index, item);
        Ok(())
    }

    /// Writes without checks.
    pub(crate) fn put(&self, index: usize, item: Value) {
        match &mut *self.data.write() {
            Data::Bytes(b) => {
                if let (Some(slot), Value::Byte(v)) = (b.get_mut(index), item) {
                    *slot = v;
                }
            }
            Data::Values(v) => {
                if let Some(slot) = v.get_mut(index) {
                    *slot = item;
                }
            }
        }
    }

    /// Value types cannot be stored under a wrong static type, and `object[]` takes all: only the rest is checked.
    pub(crate) fn accepts(&self, table: &TypeTable, item: &Value) -> bool {
        item.is_null()
            || self.item == Type::OBJECT
            || cast::is_scalar(item, &self.item)
            || cast::is_instance(table, item, &self.item)
    }

    /// The bytes, if it is a `byte[]`. Do not hold them across calls.
    pub fn bytes(&self) -> Option<Bytes<'_>> {
        let data = self.data.read();
        matches!(&*data, Data::Bytes(_)).then(|| Bytes(data))
    }

    /// Copy of all elements.
    pub fn to_vec(&self) -> Vec<Value> {
        match &*self.data.read() {
            Data::Bytes(b) => b.iter().map(|b| Value::Byte(*b)).collect(),
            Data::Values(v) => v.clone(),
        }
    }

    /// Replaces all elements by as many others.
    pub(crate) fn replace(&self, items: Vec<Value>) {
        for (i, item) in items.into_iter().take(self.len).enumerate() {
            self.put(i, item);
        }
    }
}

impl Drop for ArrayObject {
    fn drop(&mut self) {
        for data in self.data.contents_mut() {
            if let Data::Values(items) = data {
                super::graveyard::bury(std::mem::take(items));
            }
        }
    }
}

impl Object for ArrayObject {
    fn net_type(&self) -> Type {
        Type::array(self.item.clone())
    }
    fn is_exactly(&self, ty: &Type) -> bool {
        ty.item() == Some(&self.item)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_array(&self) -> Option<&ArrayObject> {
        Some(self)
    }
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Box::new(ArrayEnumerator { array: this.clone(), at: 0 }))
    }
    fn count(&self) -> Option<usize> {
        Some(self.len)
    }
}

struct ArrayEnumerator {
    array: Arc<dyn Object>,
    at: usize,
}

impl Enumerator for ArrayEnumerator {
    fn next(&mut self, _: &mut dyn Ambient) -> Result<Option<Value>> {
        let Some(array) = self.array.as_any().downcast_ref::<ArrayObject>() else { return Ok(None) };
        if self.at >= array.len {
            return Ok(None);
        }
        let item = array.at(self.at);
        self.at = self.at.saturating_add(1);
        Ok(Some(item))
    }
}
