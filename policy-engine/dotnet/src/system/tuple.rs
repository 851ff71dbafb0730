//! `System.Tuple`: the tuple classes and `Tuple.Create`. C#'s own tuples are value tuples, which the collections hold.
use std::any::Any;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::ambient::Ambient;
use crate::collections::graveyard;
use crate::collections::nesting::{self, Nesting};
use crate::collections::tuple::{combine, nested_text, new_tuple};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Object, Str, Value};

/// Definitions by number of items, from one.
const IDS: [TypeId; 7] = [
    TypeId("System.Tuple`1"),
    TypeId("System.Tuple`2"),
    TypeId("System.Tuple`3"),
    TypeId("System.Tuple`4"),
    TypeId("System.Tuple`5"),
    TypeId("System.Tuple`6"),
    TypeId("System.Tuple`7"),
];

const LONG: TypeId = TypeId("System.Tuple`8");

/// A tuple object; immutable.
struct Tuple {
    ty: Type,
    items: Vec<Value>,
    nesting: Nesting,
}

/// A tuple of the constructed type `ty`.
fn tuple(cx: &mut dyn Ambient, ty: Type, items: Vec<Value>) -> Result<Value> {
    let nesting = Nesting::over(&items);
    nesting::charge(cx, Value::object(Tuple { ty, items, nesting }))
}

impl Drop for Tuple {
    fn drop(&mut self) {
        graveyard::bury(std::mem::take(&mut self.items));
    }
}

impl Object for Tuple {
    fn net_type(&self) -> Type {
        self.ty.clone()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, cx: &mut dyn Ambient) -> Result<Str> {
        let mut parts = Vec::new();
        for item in &self.items {
            parts.push(nested_text(cx, item)?.to_string());
        }
        let mut text = format!("({})", parts.join(", "));
        // The rest is a tuple of its own, which goes on in the same brackets.
        if self.items.len() > IDS.len()
            && let Some((last, before)) = parts.split_last()
        {
            text = format!("({}, {}", before.join(", "), last.strip_prefix('(').unwrap_or(last));
        }
        cx.charge_bytes(text.len())?;
        Ok(text.into())
    }
    fn equals(&self, other: &Value) -> bool {
        other
            .as_object::<Tuple>()
            .is_some_and(|o| o.ty == self.ty && self.items.iter().zip(&o.items).all(|(a, b)| object::equals(a, b)))
    }
    fn hash_code(&self) -> i32 {
        combine(self.items.iter().map(object::hash_code))
    }
    fn compare(&self, other: &Value) -> Option<Ordering> {
        let other = other.as_object::<Tuple>().filter(|o| o.ty == self.ty)?;
        for (a, b) in self.items.iter().zip(&other.items) {
            match object::compare(a, b).ok()? {
                Ordering::Equal => {}
                order => return Some(order),
            }
        }
        Some(Ordering::Equal)
    }
    fn nesting(&self) -> Nesting {
        self.nesting
    }
    fn fields(&self) -> Option<Vec<(Arc<str>, Value)>> {
        let name = |n: usize| Arc::from(format!("Item{}", n.saturating_add(1)));
        Some(self.items.iter().enumerate().map(|(n, v)| (name(n), v.clone())).collect())
    }
}

/// All arguments become items; the type arguments are in `c.types`.
fn make(c: &mut Call<'_>) -> Result<Value> {
    let count = c.args.len();
    let id = count.checked_sub(1).and_then(|n| IDS.get(n)).ok_or_else(Exception::null_reference)?;
    let types: Vec<Type> = (0..count).map(|n| c.ty(n)).collect();
    let items = (0..count).map(|n| c.take(n)).collect();
    tuple(c.cx, Type::generic(*id, types), items)
}

/// `new Tuple<..., TRest>(...)`: seven items and a tuple of more.
fn make_long(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(7).as_object::<Tuple>().is_none() {
        let text = "The last element of an eight element tuple must be a Tuple.";
        return Err(Exception::argument_message(text));
    }
    let types: Vec<Type> = (0..8).map(|n| c.ty(n)).collect();
    let items = (0..8).map(|n| c.take(n)).collect();
    tuple(c.cx, Type::generic(LONG, types), items)
}

/// `Tuple.Create` of eight items.
fn make_eight(c: &mut Call<'_>) -> Result<Value> {
    let (last, item) = (c.ty(7), c.take(7));
    let rest = Type::generic(IDS[0], [last]);
    let types: Vec<Type> = (0..7).map(|n| c.ty(n)).chain([rest.clone()]).collect();
    let mut items: Vec<Value> = (0..7).map(|n| c.take(n)).collect();
    items.push(tuple(c.cx, rest, vec![item])?);
    tuple(c.cx, Type::generic(LONG, types), items)
}

fn item(c: &Call<'_>, n: usize) -> Result<Value> {
    let tuple = c.arg(0).as_object::<Tuple>().ok_or_else(Exception::null_reference)?;
    Ok(tuple.items.get(n).cloned().unwrap_or_default())
}

/// Adds the classes.
pub(crate) fn define(b: &mut Builder) {
    b.static_class(TypeId("System.Tuple"))
        .def("static Tuple<T1> Create<T1>(T1 item1)", make)
        .def("static Tuple<T1, T2> Create<T1, T2>(T1 item1, T2 item2)", make)
        .def("static Tuple<T1, T2, T3> Create<T1, T2, T3>(T1 item1, T2 item2, T3 item3)", make)
        .def("static Tuple<T1, T2, T3, T4> Create<T1, T2, T3, T4>(T1 item1, T2 item2, T3 item3, T4 item4)", make)
        .def("static Tuple<T1, T2, T3, T4, T5> Create<T1, T2, T3, T4, T5>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5)", make)
        .def("static Tuple<T1, T2, T3, T4, T5, T6> Create<T1, T2, T3, T4, T5, T6>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6)", make)
        .def("static Tuple<T1, T2, T3, T4, T5, T6, T7> Create<T1, T2, T3, T4, T5, T6, T7>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7)", make)
        .def("static Tuple<T1, T2, T3, T4, T5, T6, T7, Tuple<T8>> Create<T1, T2, T3, T4, T5, T6, T7, T8>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7, T8 item8)", make_eight);
    b.class(TypeId("System.Tuple`1"))
        .params(&["T1"])
        .implements(&["IComparable"])
        .def("new(T1 item1)", make)
        .def("T1 Item1", |c| item(c, 0));
    b.class(TypeId("System.Tuple`2"))
        .params(&["T1", "T2"])
        .implements(&["IComparable"])
        .def("new(T1 item1, T2 item2)", make)
        .def("T1 Item1", |c| item(c, 0))
        .def("T2 Item2", |c| item(c, 1));
    b.class(TypeId("System.Tuple`3"))
        .params(&["T1", "T2", "T3"])
        .implements(&["IComparable"])
        .def("new(T1 item1, T2 item2, T3 item3)", make)
        .def("T1 Item1", |c| item(c, 0))
        .def("T2 Item2", |c| item(c, 1))
        .def("T3 Item3", |c| item(c, 2));
    b.class(TypeId("System.Tuple`4"))
        .params(&["T1", "T2", "T3", "T4"])
        .implements(&["IComparable"])
        .def("new(T1 item1, T2 item2, T3 item3, T4 item4)", make)
        .def("T1 Item1", |c| item(c, 0))
        .def("T2 Item2", |c| item(c, 1))
        .def("T3 Item3", |c| item(c, 2))
        .def("T4 Item4", |c| item(c, 3));
    b.class(TypeId("System.Tuple`5"))
        .params(&["T1", "T2", "T3", "T4", "T5"])
        .implements(&["IComparable"])
        .def("new(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5)", make)
        .def("T1 Item1", |c| item(c, 0))
        .def("T2 Item2", |c| item(c, 1))
        .def("T3 Item3", |c| item(c, 2))
        .def("T4 Item4", |c| item(c, 3))
        .def("T5 Item5", |c| item(c, 4));
    b.class(TypeId("System.Tuple`6"))
        .params(&["T1", "T2", "T3", "T4", "T5", "T6"])
        .implements(&["IComparable"])
        .def("new(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6)", make)
        .def("T1 Item1", |c| item(c, 0))
        .def("T2 Item2", |c| item(c, 1))
        .def("T3 Item3", |c| item(c, 2))
        .def("T4 Item4", |c| item(c, 3))
        .def("T5 Item5", |c| item(c, 4))
        .def("T6 Item6", |c| item(c, 5));
    b.class(TypeId("System.Tuple`7"))
        .params(&["T1", "T2", "T3", "T4", "T5", "T6", "T7"])
        .implements(&["IComparable"])
        .def("new(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7)", make)
        .def("T1 Item1", |c| item(c, 0))
        .def("T2 Item2", |c| item(c, 1))
        .def("T3 Item3", |c| item(c, 2))
        .def("T4 Item4", |c| item(c, 3))
        .def("T5 Item5", |c| item(c, 4))
        .def("T6 Item6", |c| item(c, 5))
        .def("T7 Item7", |c| item(c, 6));
    b.class(LONG)
        .params(&["T1", "T2", "T3", "T4", "T5", "T6", "T7", "TRest"])
        .implements(&["IComparable"])
        .def("new(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7, TRest rest)", make_long)
        .def("T1 Item1", |c| item(c, 0))
        .def("T2 Item2", |c| item(c, 1))
        .def("T3 Item3", |c| item(c, 2))
        .def("T4 Item4", |c| item(c, 3))
        .def("T5 Item5", |c| item(c, 4))
        .def("T6 Item6", |c| item(c, 5))
        .def("T7 Item7", |c| item(c, 6))
        .def("TRest Rest", |c| item(c, 7));
    value_tuple(b);
}

/// `ValueTuple` in its own name; `ValueTuple<A, B>` is the type `(A, B)`, which has no members in the table.
fn value_tuple(b: &mut Builder) {
    const NAMES: [&str; 7] = ["T1", "T2", "T3", "T4", "T5", "T6", "T7"];
    for (id, n) in [
        ("System.ValueTuple`2", 2),
        ("System.ValueTuple`3", 3),
        ("System.ValueTuple`4", 4),
        ("System.ValueTuple`5", 5),
        ("System.ValueTuple`6", 6),
        ("System.ValueTuple`7", 7),
    ] {
        b.structure(TypeId(id)).params(NAMES.get(..n).unwrap_or_default());
    }
    b.static_class(TypeId("System.ValueTuple"))
        .def("static (T1, T2) Create<T1, T2>(T1 item1, T2 item2)", make_value)
        .def("static (T1, T2, T3) Create<T1, T2, T3>(T1 item1, T2 item2, T3 item3)", make_value)
        .def("static (T1, T2, T3, T4) Create<T1, T2, T3, T4>(T1 item1, T2 item2, T3 item3, T4 item4)", make_value)
        .def("static (T1, T2, T3, T4, T5) Create<T1, T2, T3, T4, T5>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5)", make_value)
        .def("static (T1, T2, T3, T4, T5, T6) Create<T1, T2, T3, T4, T5, T6>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6)", make_value)
        .def("static (T1, T2, T3, T4, T5, T6, T7) Create<T1, T2, T3, T4, T5, T6, T7>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7)", make_value);
}

fn make_value(c: &mut Call<'_>) -> Result<Value> {
    let types = (0..c.args.len()).map(|n| c.ty(n)).collect();
    let items = c.args.iter_mut().map(std::mem::take).collect();
    nesting::charge(c.cx, new_tuple(items, types))
}
