//! `System.Tuple`: the tuple classes and `Tuple.Create`. C#'s own tuples are value tuples, which the collections hold.
use std::any::Any;
use std::cmp::Ordering;
use std::sync::Arc;

use crate::ambient::Ambient;
use crate::collections::tuple::combine;
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

/// A tuple object; immutable.
struct Tuple {
    ty: Type,
    items: Vec<Value>,
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
            parts.push(object::text(cx, item)?.to_string());
        }
        Ok(format!("({})", parts.join(", ")).into())
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
    Ok(Value::object(Tuple { ty: Type::generic(*id, types), items }))
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
        .def("static Tuple<T1, T2, T3, T4, T5, T6, T7> Create<T1, T2, T3, T4, T5, T6, T7>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5, T6 item6, T7 item7)", make);
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
}
