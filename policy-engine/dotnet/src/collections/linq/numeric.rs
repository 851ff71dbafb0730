//! `Sum`, `Average`, `Min` and `Max` over all number types, nullable or not, of the items or of what a selector makes of them;
//! `MinBy` and `MaxBy`.
use std::cmp::Ordering;

use super::{Source, call, delegate, no_elements, source};
use crate::collections::comparer::Order;
use crate::collections::names::ENUMERABLE_CLASS;
use crate::decimal;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::Type;
use crate::value::Value;
use rust_decimal::Decimal;

/// Items of the first argument, through the selector in the second if there is one; `null` is passed over.
struct Numbers {
    from: Source,
    selector: Option<Value>,
}

impl Numbers {
    fn of(c: &mut Call<'_>) -> Result<Numbers> {
        let from = source(c)?;
        let selector = if c.args.len() > 1 { Some(delegate(c, 1, "selector")?) } else { None };
        Ok(Numbers { from: Source::of(&from), selector })
    }

    fn next(&mut self, c: &mut Call<'_>) -> Result<Option<Value>> {
        while let Some(item) = self.from.next(c.cx)? {
            let item = match &self.selector {
                Some(f) => call(c.cx, f, &mut [item])?,
                None => item,
            };
            if !item.is_null() {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}

/// A running sum and the number of items in it.
struct Total<T> {
    sum: T,
    count: i64,
}

fn total<T>(c: &mut Call<'_>, zero: T, mut add: impl FnMut(T, &Value) -> Result<T>) -> Result<Total<T>> {
    let (mut numbers, mut sum, mut count) = (Numbers::of(c)?, zero, 0_i64);
    while let Some(item) = numbers.next(c)? {
        sum = add(sum, &item)?;
        count = count.saturating_add(1);
    }
    Ok(Total { sum, count })
}

fn wrong(value: &Value, ty: &Type) -> Exception {
    Exception::invalid_cast(&value.net_type(), ty)
}

fn add_long(sum: i64, v: &Value) -> Result<i64> {
    let n = match v {
        Value::Int32(n) => i64::from(*n),
        Value::Int64(n) => *n,
        other => return Err(wrong(other, &Type::LONG)),
    };
    sum.checked_add(n).ok_or_else(Exception::overflow)
}

fn add_int(sum: i32, v: &Value) -> Result<i32> {
    match v {
        Value::Int32(n) => sum.checked_add(*n).ok_or_else(Exception::overflow),
        other => Err(wrong(other, &Type::INT)),
    }
}

fn add_double(sum: f64, v: &Value) -> Result<f64> {
    match v {
        Value::Double(n) => Ok(sum + n),
        Value::Single(n) => Ok(sum + f64::from(*n)),
        other => Err(wrong(other, &Type::DOUBLE)),
    }
}

fn add_decimal(sum: Decimal, v: &Value) -> Result<Decimal> {
    match v {
        Value::Decimal(n) => decimal::add(sum, *n),
        other => Err(wrong(other, &Type::DECIMAL)),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "LINQ sums floats as doubles and rounds once at the end")]
fn to_single(v: f64) -> Value {
    Value::Single(v as f32)
}

#[expect(clippy::cast_precision_loss, reason = "`(double)sum / count` in C#")]
fn quotient(sum: i64, count: i64) -> f64 {
    sum as f64 / count as f64
}

#[expect(clippy::cast_precision_loss, reason = "`sum / count` in C#")]
fn quotient_of_double(sum: f64, count: i64) -> f64 {
    sum / count as f64
}

fn sum_int(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Int32(total(c, 0, add_int)?.sum))
}

fn sum_long(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Int64(total(c, 0, add_long)?.sum))
}

fn sum_float(c: &mut Call<'_>) -> Result<Value> {
    Ok(to_single(total(c, 0.0, add_double)?.sum))
}

fn sum_double(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Double(total(c, 0.0, add_double)?.sum))
}

fn sum_decimal(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Decimal(total(c, Decimal::ZERO, add_decimal)?.sum))
}

/// An average of nothing: an exception, or `null` for nullable numbers.
fn empty<const NULLABLE: bool>() -> Result<Value> {
    if NULLABLE { Ok(Value::Null) } else { Err(no_elements()) }
}

/// Also of `int`: both give `double`.
fn average_long<const NULLABLE: bool>(c: &mut Call<'_>) -> Result<Value> {
    let t = total(c, 0, add_long)?;
    if t.count == 0 { empty::<NULLABLE>() } else { Ok(Value::Double(quotient(t.sum, t.count))) }
}

fn average_double<const NULLABLE: bool>(c: &mut Call<'_>) -> Result<Value> {
    let t = total(c, 0.0, add_double)?;
    if t.count == 0 { empty::<NULLABLE>() } else { Ok(Value::Double(quotient_of_double(t.sum, t.count))) }
}

fn average_float<const NULLABLE: bool>(c: &mut Call<'_>) -> Result<Value> {
    let t = total(c, 0.0, add_double)?;
    if t.count == 0 { empty::<NULLABLE>() } else { Ok(to_single(quotient_of_double(t.sum, t.count))) }
}

fn average_decimal<const NULLABLE: bool>(c: &mut Call<'_>) -> Result<Value> {
    let t = total(c, Decimal::ZERO, add_decimal)?;
    if t.count == 0 { empty::<NULLABLE>() } else { decimal::divide(t.sum, Decimal::from(t.count)).map(Value::Decimal) }
}

/// The largest (or smallest) item that is not null; the first of equal ones.
fn extreme(c: &mut Call<'_>, wanted: Ordering, order: &Order) -> Result<Option<Value>> {
    let mut numbers = Numbers::of(c)?;
    let mut best: Option<Value> = None;
    while let Some(item) = numbers.next(c)? {
        let better = match &best {
            Some(b) => order.compare(c.cx, &item, b)? == wanted,
            None => true,
        };
        if better {
            best = Some(item);
        }
    }
    Ok(best)
}

/// Of numbers: an empty sequence throws unless they are nullable.
fn extreme_number<const NULLABLE: bool>(c: &mut Call<'_>, wanted: Ordering) -> Result<Value> {
    match extreme(c, wanted, &Order::default())? {
        Some(best) => Ok(best),
        None => empty::<NULLABLE>(),
    }
}

/// Of any type: an empty sequence of references gives `null`.
fn extreme_any(c: &mut Call<'_>, wanted: Ordering) -> Result<Value> {
    let item = c.types.last().cloned().unwrap_or(Type::OBJECT);
    match extreme(c, wanted, &Order::default())? {
        Some(best) => Ok(best),
        None if c.cx.types().is_value_type(&item) => Err(no_elements()),
        None => Ok(Value::Null),
    }
}

/// `Max(source, comparer)`.
fn extreme_by_comparer(c: &mut Call<'_>, wanted: Ordering) -> Result<Value> {
    let order = Order::of(c.arg(1))?;
    let mut only_source = [c.take(0)];
    let mut inner = Call { cx: c.cx, types: c.types, args: &mut only_source };
    match extreme(&mut inner, wanted, &order)? {
        Some(best) => Ok(best),
        None if c.cx.types().is_value_type(&c.ty(0)) => Err(no_elements()),
        None => Ok(Value::Null),
    }
}

/// `MaxBy(source, keySelector[, comparer])`.
fn extreme_by_key(c: &mut Call<'_>, wanted: Ordering) -> Result<Value> {
    let (from, f) = (source(c)?, delegate(c, 1, "keySelector")?);
    let order = Order::of(c.arg(2))?;
    let mut from = Source::of(&from);
    let mut best: Option<(Value, Value)> = None;
    while let Some(item) = from.next(c.cx)? {
        let key = call(c.cx, &f, &mut [item.clone()])?;
        let better = match &best {
            None => true,
            Some((b, _)) if b.is_null() => !key.is_null(),
            Some((b, _)) => !key.is_null() && order.compare(c.cx, &key, b)? == wanted,
        };
        if better {
            best = Some((key, item));
        }
    }
    match best {
        Some((_, item)) => Ok(item),
        None if c.cx.types().is_value_type(&c.ty(0)) => Err(no_elements()),
        None => Ok(Value::Null),
    }
}

/// The four forms of one aggregate over one number type.
macro_rules! forms {
    ($b:ident, $name:literal, $ty:literal => $ret:literal, $plain:expr, $nullable:expr) => {
        $b = $b
            .def(concat!("static ", $ret, " ", $name, "(this IEnumerable<", $ty, "> source)"), $plain)
            .def(concat!("static ", $ret, "? ", $name, "(this IEnumerable<", $ty, "?> source)"), $nullable)
            .def(
                concat!("static ", $ret, " ", $name, "<T>(this IEnumerable<T> source, Func<T, ", $ty, "> selector)"),
                $plain,
            )
            .def(
                concat!("static ", $ret, "? ", $name, "<T>(this IEnumerable<T> source, Func<T, ", $ty, "?> selector)"),
                $nullable,
            );
    };
}

macro_rules! extremes {
    ($b:ident, $($ty:literal),*) => {$(
        forms!($b, "Min", $ty => $ty, |c| extreme_number::<false>(c, Ordering::Less), |c| extreme_number::<true>(c, Ordering::Less));
        forms!($b, "Max", $ty => $ty, |c| extreme_number::<false>(c, Ordering::Greater), |c| extreme_number::<true>(c, Ordering::Greater));
    )*};
}

pub(super) fn define(b: &mut Builder) {
    let mut t = b.static_class(ENUMERABLE_CLASS);
    forms!(t, "Sum", "int" => "int", sum_int, sum_int);
    forms!(t, "Sum", "long" => "long", sum_long, sum_long);
    forms!(t, "Sum", "float" => "float", sum_float, sum_float);
    forms!(t, "Sum", "double" => "double", sum_double, sum_double);
    forms!(t, "Sum", "decimal" => "decimal", sum_decimal, sum_decimal);
    forms!(t, "Average", "int" => "double", average_long::<false>, average_long::<true>);
    forms!(t, "Average", "long" => "double", average_long::<false>, average_long::<true>);
    forms!(t, "Average", "float" => "float", average_float::<false>, average_float::<true>);
    forms!(t, "Average", "double" => "double", average_double::<false>, average_double::<true>);
    forms!(t, "Average", "decimal" => "decimal", average_decimal::<false>, average_decimal::<true>);
    extremes!(t, "int", "long", "float", "double", "decimal");
    t.def("static T Min<T>(this IEnumerable<T> source)", |c| extreme_any(c, Ordering::Less))
        .def("static T Max<T>(this IEnumerable<T> source)", |c| extreme_any(c, Ordering::Greater))
        .def("static R Min<T, R>(this IEnumerable<T> source, Func<T, R> selector)", |c| extreme_any(c, Ordering::Less))
        .def("static R Max<T, R>(this IEnumerable<T> source, Func<T, R> selector)", |c| {
            extreme_any(c, Ordering::Greater)
        })
        .def("static T Min<T>(this IEnumerable<T> source, IComparer<T> comparer)", |c| {
            extreme_by_comparer(c, Ordering::Less)
        })
        .def("static T Max<T>(this IEnumerable<T> source, IComparer<T> comparer)", |c| {
            extreme_by_comparer(c, Ordering::Greater)
        })
        .def("static T MinBy<T, K>(this IEnumerable<T> source, Func<T, K> keySelector)", |c| {
            extreme_by_key(c, Ordering::Less)
        })
        .def("static T MinBy<T, K>(this IEnumerable<T> source, Func<T, K> keySelector, IComparer<K> comparer)", |c| {
            extreme_by_key(c, Ordering::Less)
        })
        .def("static T MaxBy<T, K>(this IEnumerable<T> source, Func<T, K> keySelector)", |c| {
            extreme_by_key(c, Ordering::Greater)
        })
        .def("static T MaxBy<T, K>(this IEnumerable<T> source, Func<T, K> keySelector, IComparer<K> comparer)", |c| {
            extreme_by_key(c, Ordering::Greater)
        });
}
