//! Parts of a sequence: `Skip`, `Take`, their `While` and `Last` forms.
use std::collections::VecDeque;

use super::chain::{Stage, Step};
use super::{PARTITION, Source, all, call, delegate, query, selected, source, stage};
use crate::collections::names::ENUMERABLE_CLASS;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::Type;
use crate::value::Value;

fn skip(c: &mut Call<'_>) -> Result<Value> {
    let (from, n) = (source(c)?, c.int(1)?);
    below_selects(from, c.ty(0), &|from, item| skipped(from, n, item))
}

/// A part of what a `Select` gives is the `Select` of that part: the lambda never sees the items left out, where .NET knows the way
/// to the part without walking.
fn below_selects(from: Value, item: Type, cut: &dyn Fn(Value, Type) -> Result<Value>) -> Result<Value> {
    let Some((inner, f)) = selected(&from) else { return cut(from, item) };
    let inner_item = match inner.net_type() {
        Type::Array(item) => (*item).clone(),
        Type::Generic(_, args) => args.first().cloned().unwrap_or(Type::OBJECT),
        _ => Type::OBJECT,
    };
    stage(
        "SelectIPartitionIterator",
        item,
        Stage { from: below_selects(inner, inner_item, cut)?, step: Step::Select(f) },
    )
}

fn skipped(from: Value, n: i32, item: Type) -> Result<Value> {
    query(PARTITION, item, &[&from.clone()], move || {
        let (mut from, mut left) = (Source::counted(&from), n);
        move |cx| {
            while left > 0 {
                left = left.saturating_sub(1);
                if from.next(cx)?.is_none() {
                    left = 0;
                    return Ok(None);
                }
            }
            from.next(cx)
        }
    })
}

fn take(c: &mut Call<'_>) -> Result<Value> {
    let (from, n) = (source(c)?, c.int(1)?);
    below_selects(from, c.ty(0), &|from, item| taken(from, n, item))
}

fn taken(from: Value, n: i32, item: Type) -> Result<Value> {
    query(PARTITION, item, &[&from.clone()], move || {
        let (mut from, mut left) = (Source::counted(&from), n);
        move |cx| {
            if left <= 0 {
                return Ok(None);
            }
            left = left.saturating_sub(1);
            from.next(cx)
        }
    })
}

/// `SkipWhile` and `TakeWhile`; the predicate may want the index.
fn partition_while(c: &mut Call<'_>, taking: bool, indexed: bool) -> Result<Value> {
    let (from, f) = (source(c)?, delegate(c, 1, "predicate")?);
    let class = if taking { "<TakeWhileIterator>d__201" } else { "<SkipWhileIterator>d__183" };
    query(class, c.ty(0), &[&from.clone()], move || {
        let (mut from, f, mut at, mut decided) = (Source::of(&from), f.clone(), -1_i32, false);
        move |cx| {
            if decided {
                return if taking { Ok(None) } else { from.next(cx) };
            }
            while let Some(item) = from.next(cx)? {
                at = at.checked_add(1).ok_or_else(Exception::overflow)?;
                let fits = if indexed {
                    call(cx, &f, &mut [item.clone(), Value::Int32(at)])?
                } else {
                    call(cx, &f, &mut [item.clone()])?
                };
                let fits = matches!(fits, Value::Bool(true));
                decided = !fits;
                if fits == taking {
                    return Ok(Some(item));
                }
                if decided && taking {
                    return Ok(None);
                }
            }
            Ok(None)
        }
    })
}

/// Holds back the last `n` items.
fn skip_last(c: &mut Call<'_>) -> Result<Value> {
    let (from, n) = (source(c)?, usize::try_from(c.int(1)?).unwrap_or(0));
    query("<SkipLastIterator>d__190", c.ty(0), &[&from.clone()], move || {
        let (mut from, mut held) = (Source::of(&from), VecDeque::new());
        move |cx| {
            while let Some(item) = from.next(cx)? {
                if held.len() < n {
                    cx.charge_bytes(size_of::<Value>())?;
                    held.push_back(item);
                    continue;
                }
                held.push_back(item);
                return Ok(held.pop_front());
            }
            Ok(None)
        }
    })
}

fn take_last(c: &mut Call<'_>) -> Result<Value> {
    let (from, n) = (source(c)?, usize::try_from(c.int(1)?).unwrap_or(0));
    query("<TakeLastIterator>d__208", c.ty(0), &[&from.clone()], move || {
        let (from, mut items): (Value, Option<std::vec::IntoIter<Value>>) = (from.clone(), None);
        move |cx| {
            let items = match &mut items {
                Some(items) => items,
                None => {
                    let mut all = if n == 0 { Vec::new() } else { all(cx, &from)? };
                    items.insert(all.split_off(all.len().saturating_sub(n)).into_iter())
                }
            };
            Ok(items.next())
        }
    })
}

pub(super) fn define(b: &mut Builder) {
    b.static_class(ENUMERABLE_CLASS)
        .def("static IEnumerable<T> Skip<T>(this IEnumerable<T> source, int count)", skip)
        .def("static IEnumerable<T> Take<T>(this IEnumerable<T> source, int count)", take)
        .def("static IEnumerable<T> SkipWhile<T>(this IEnumerable<T> source, Func<T, bool> predicate)", |c| {
            partition_while(c, false, false)
        })
        .def("static IEnumerable<T> SkipWhile<T>(this IEnumerable<T> source, Func<T, int, bool> predicate)", |c| {
            partition_while(c, false, true)
        })
        .def("static IEnumerable<T> TakeWhile<T>(this IEnumerable<T> source, Func<T, bool> predicate)", |c| {
            partition_while(c, true, false)
        })
        .def("static IEnumerable<T> TakeWhile<T>(this IEnumerable<T> source, Func<T, int, bool> predicate)", |c| {
            partition_while(c, true, true)
        })
        .def("static IEnumerable<T> SkipLast<T>(this IEnumerable<T> source, int count)", skip_last)
        .def("static IEnumerable<T> TakeLast<T>(this IEnumerable<T> source, int count)", take_last);
}
