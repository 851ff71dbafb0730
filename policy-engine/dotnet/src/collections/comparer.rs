//! Rules of equality and order that collections and LINQ are given: `StringComparer`, `EqualityComparer<T>.Default`,
//! `Comparer<T>.Default` and `Comparer<T>.Create`.
//!
//! A comparer is one kind of object, [`ComparerObject`], so that collections can reach its rules without a member call.
use std::any::Any;
use std::cmp::Ordering;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};

use super::names;
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::Type;
use crate::value::{Object, Value};

/// What a comparer decides. Arguments may be `null`.
pub trait Rules: Send + Sync + 'static {
    /// `IEqualityComparer.Equals`.
    fn equals(&self, a: &Value, b: &Value) -> bool;
    /// `IEqualityComparer.GetHashCode`; equal values have equal hashes.
    fn hash(&self, value: &Value) -> i32;
    /// `IComparer.Compare`.
    fn compare(&self, cx: &mut dyn Ambient, a: &Value, b: &Value) -> Result<Ordering>;
    /// Has `null` a hash?
    fn hashes_null(&self) -> bool {
        false
    }
    /// What rules of the same kind call themselves, where two comparers made apart are equal.
    fn name(&self) -> Option<&'static str> {
        None
    }
}

/// A comparer as an object.
#[derive(Clone)]
pub struct ComparerObject {
    ty: Type,
    rules: Arc<dyn Rules>,
}

/// A comparer of the .NET type `ty` (such as `StringComparer`).
pub fn new_comparer(ty: Type, rules: impl Rules) -> Value {
    Value::object(ComparerObject { ty, rules: Arc::new(rules) })
}

impl ComparerObject {
    /// What it decides, for the members of the comparer types.
    pub(crate) fn rules(&self) -> &dyn Rules {
        &*self.rules
    }
}

impl Object for ComparerObject {
    fn net_type(&self) -> Type {
        self.ty.clone()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Seed against keys chosen to collide.
static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Rules of equality of one collection; `Default` is `EqualityComparer<T>.Default`.
#[derive(Clone, Default)]
pub(crate) struct Equality(Option<ComparerObject>);

impl Equality {
    /// From an `IEqualityComparer<T>` argument that may be `null`.
    pub(crate) fn of(value: &Value) -> Result<Equality> {
        Ok(Equality(comparer(value)?))
    }

    pub(crate) fn equals(&self, a: &Value, b: &Value) -> bool {
        match (&self.0, a, b) {
            (Some(c), ..) => c.rules.equals(a, b),
            (None, Value::Str(a), Value::Str(b)) => a == b,
            (None, ..) => object::equals(a, b),
        }
    }

    /// Do both decide alike?
    pub(crate) fn is_same(&self, other: &Equality) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                Arc::ptr_eq(&a.rules, &b.rules) || (a.rules.name().is_some() && a.rules.name() == b.rules.name())
            }
            _ => false,
        }
    }

    /// Hash for tables inside this process; not what `GetHashCode` answers.
    pub(crate) fn hash(&self, value: &Value) -> u64 {
        match (&self.0, value) {
            (_, Value::Null) => 0,
            (Some(c), v) => SEED.hash_one(c.rules.hash(v)),
            (None, Value::Str(s)) => SEED.hash_one(s.as_bytes()),
            (None, v) => SEED.hash_one(object::hash_code(v)),
        }
    }

    /// As the `Comparer` property shows it.
    pub(crate) fn to_value(&self, item: Type) -> Value {
        match &self.0 {
            Some(c) => Value::object(c.clone()),
            None => new_comparer(Type::generic(names::DEFAULT_EQUALITY_COMPARER_T, [item]), DefaultRules),
        }
    }
}

/// Rules of order; `Default` is `Comparer<T>.Default`.
#[derive(Clone, Default)]
pub(crate) struct Order(Option<ComparerObject>);

impl Order {
    /// From an `IComparer<T>` argument that may be `null`.
    pub(crate) fn of(value: &Value) -> Result<Order> {
        Ok(Order(comparer(value)?))
    }

    /// From a `Comparison<T>` delegate.
    pub(crate) fn of_delegate(delegate: &Value, item: Type) -> Order {
        let ty = Type::generic(names::DEFAULT_COMPARER_T, [item]);
        Order(Some(ComparerObject { ty, rules: Arc::new(DelegateRules(delegate.clone())) }))
    }

    pub(crate) fn compare(&self, cx: &mut dyn Ambient, a: &Value, b: &Value) -> Result<Ordering> {
        match &self.0 {
            Some(c) => c.rules.compare(cx, a, b),
            None => object::compare(a, b),
        }
    }

    /// As the `Comparer` property shows it.
    pub(crate) fn to_value(&self, item: Type) -> Value {
        match &self.0 {
            Some(c) => Value::object(c.clone()),
            None => new_comparer(Type::generic(names::DEFAULT_COMPARER_T, [item]), DefaultRules),
        }
    }
}

fn comparer(value: &Value) -> Result<Option<ComparerObject>> {
    match value.as_object::<ComparerObject>() {
        Some(c) => Ok(Some(c.clone())),
        None if value.is_null() => Ok(None),
        None => Err(Exception::invalid_cast(&value.net_type(), &Type::Simple(names::EQUALITY_COMPARER))),
    }
}

struct DefaultRules;

impl Rules for DefaultRules {
    fn equals(&self, a: &Value, b: &Value) -> bool {
        object::equals(a, b)
    }
    fn hash(&self, value: &Value) -> i32 {
        object::hash_code(value)
    }
    fn compare(&self, _: &mut dyn Ambient, a: &Value, b: &Value) -> Result<Ordering> {
        object::compare(a, b)
    }
}

struct DelegateRules(Value);

impl Rules for DelegateRules {
    fn equals(&self, a: &Value, b: &Value) -> bool {
        object::equals(a, b)
    }
    fn hash(&self, value: &Value) -> i32 {
        object::hash_code(value)
    }
    fn compare(&self, cx: &mut dyn Ambient, a: &Value, b: &Value) -> Result<Ordering> {
        let Value::Func(f) = &self.0 else { return Err(Exception::null_reference()) };
        match f.call(cx, &mut [a.clone(), b.clone()])? {
            Value::Int32(n) => Ok(n.cmp(&0)),
            other => Err(Exception::invalid_cast(&other.net_type(), &Type::INT)),
        }
    }
}

fn of_receiver<'a>(c: &'a Call<'_>) -> Result<&'a ComparerObject> {
    c.arg(0).as_object::<ComparerObject>().ok_or_else(Exception::null_reference)
}

/// `Equals(x, y)` of every comparer type.
pub(crate) fn equals(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(of_receiver(c)?.rules.equals(c.arg(1), c.arg(2))))
}

/// `GetHashCode(obj)` of every comparer type.
pub(crate) fn hash(c: &mut Call<'_>) -> Result<Value> {
    let rules = &of_receiver(c)?.rules;
    if c.arg(1).is_null() && !rules.hashes_null() {
        return Err(Exception::argument_null("obj"));
    }
    Ok(Value::Int32(rules.hash(c.arg(1))))
}

/// `Compare(x, y)` of every comparer type.
pub(crate) fn compare(c: &mut Call<'_>) -> Result<Value> {
    let rules = of_receiver(c)?.rules.clone();
    let (a, b) = (c.take(1), c.take(2));
    Ok(Value::Int32(rules.compare(c.cx, &a, &b)? as i32))
}

fn default_equality(c: &mut Call<'_>) -> Result<Value> {
    Ok(Equality::default().to_value(c.ty(0)))
}

fn default_order(c: &mut Call<'_>) -> Result<Value> {
    Ok(Order::default().to_value(c.ty(0)))
}

fn create_order(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("comparison"));
    }
    Ok(Order::of_delegate(c.arg(0), c.ty(0)).to_value(c.ty(0)))
}

pub(crate) fn define(b: &mut Builder) {
    b.interface(names::EQUALITY_COMPARER)
        .def("bool Equals(object x, object y)", equals)
        .def("int GetHashCode(object obj)", hash);
    b.interface(names::COMPARER).def("int Compare(object x, object y)", compare);
    b.interface(names::EQUALITY_COMPARER_T)
        .params(&["T"])
        .def("bool Equals(T x, T y)", equals)
        .def("int GetHashCode(T obj)", hash);
    b.interface(names::COMPARER_T).params(&["T"]).def("int Compare(T x, T y)", compare);
    b.class(names::DEFAULT_EQUALITY_COMPARER_T)
        .params(&["T"])
        .implements(&["IEqualityComparer<T>", "System.Collections.IEqualityComparer"])
        .def("static EqualityComparer<T> Default", default_equality)
        .def("bool Equals(T x, T y)", equals)
        .def("int GetHashCode(T obj)", hash);
    b.class(names::DEFAULT_COMPARER_T)
        .params(&["T"])
        .implements(&["IComparer<T>", "System.Collections.IComparer"])
        .def("static Comparer<T> Default", default_order)
        .def("static Comparer<T> Create(Comparison<T> comparison)", create_order)
        .def("int Compare(T x, T y)", compare);
}
