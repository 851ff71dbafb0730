//! Item by item: `Select`, `Where`, `SelectMany`, `Cast`, `OfType`, `Zip`, `Concat`, `Append`, `Prepend`, `Reverse`,
//! `DefaultIfEmpty`, `Chunk`.
use super::chain::{Stage, Step};
use super::{Source, all, call, delegate, query, sequence, source, stage};
use crate::collections::array::new_array;
use crate::collections::cast;
use crate::collections::names::ENUMERABLE_CLASS;
use crate::collections::{nesting, tuple};
use crate::exception::{Exception, Result};
use crate::member::{Call, QueryOperator};
use crate::table::Builder;
use crate::types::{TupleType, Type};
use crate::value::Value;
use std::sync::Arc;

fn select(c: &mut Call<'_>) -> Result<Value> {
    let (from, f) = (source(c)?, delegate(c, 1, "selector")?);
    stage("SelectEnumerableIterator", c.ty(1), Stage { from, step: Step::Select(f) })
}

fn select_indexed(c: &mut Call<'_>) -> Result<Value> {
    let (from, f) = (source(c)?, delegate(c, 1, "selector")?);
    query("<SelectIterator>d__154", c.ty(1), &[&from.clone()], move || {
        let (mut from, f, mut at) = (Source::of(&from), f.clone(), -1_i32);
        move |cx| {
            let Some(item) = from.next(cx)? else { return Ok(None) };
            at = at.checked_add(1).ok_or_else(Exception::overflow)?;
            call(cx, &f, &mut [item, Value::Int32(at)]).map(Some)
        }
    })
}

fn filter(c: &mut Call<'_>) -> Result<Value> {
    let (from, f) = (source(c)?, delegate(c, 1, "predicate")?);
    stage("WhereEnumerableIterator", c.ty(0), Stage { from, step: Step::Where(f) })
}

fn filter_indexed(c: &mut Call<'_>) -> Result<Value> {
    let (from, f) = (source(c)?, delegate(c, 1, "predicate")?);
    query("<WhereIterator>d__228", c.ty(0), &[&from.clone()], move || {
        let (mut from, f, mut at) = (Source::of(&from), f.clone(), -1_i32);
        move |cx| {
            while let Some(item) = from.next(cx)? {
                at = at.checked_add(1).ok_or_else(Exception::overflow)?;
                if matches!(call(cx, &f, &mut [item.clone(), Value::Int32(at)])?, Value::Bool(true)) {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        }
    })
}

/// All forms of `SelectMany`: with the index or without, with a result selector (the last argument) or without.
fn select_many(c: &mut Call<'_>, indexed: bool) -> Result<Value> {
    let from = source(c)?;
    let has_result = c.args.len() > 2;
    let f = delegate(c, 1, if has_result { "collectionSelector" } else { "selector" })?;
    let result = if has_result { Some(delegate(c, 2, "resultSelector")?) } else { None };
    let item_type = c.types.last().cloned().unwrap_or(Type::OBJECT);
    query("SelectManySingleSelectorIterator", item_type, &[&from.clone()], move || {
        let (mut from, f, result) = (Source::of(&from), f.clone(), result.clone());
        let (mut inner, mut at): (Option<(Value, Source)>, i32) = (None, -1);
        move |cx| {
            loop {
                if let Some((outer, items)) = &mut inner {
                    if let Some(item) = items.next(cx)? {
                        return match &result {
                            Some(f) => call(cx, f, &mut [outer.clone(), item]).map(Some),
                            None => Ok(Some(item)),
                        };
                    }
                    inner = None;
                }
                let Some(outer) = from.next(cx)? else { return Ok(None) };
                at = at.checked_add(1).ok_or_else(Exception::overflow)?;
                let items = if indexed {
                    call(cx, &f, &mut [outer.clone(), Value::Int32(at)])?
                } else {
                    call(cx, &f, &mut [outer.clone()])?
                };
                inner = Some((outer, Source::of(&items)));
            }
        }
    })
}

/// `Cast<R>()`: what is a sequence of `R` already stays itself.
fn convert(c: &mut Call<'_>) -> Result<Value> {
    let (from, ty) = (source(c)?, c.ty(0));
    if cast::is_instance(c.cx.types(), &from, &Type::enumerable(ty.clone())) {
        return Ok(from);
    }
    query("<CastIterator>d__63", ty.clone(), &[&from.clone()], move || {
        let (mut from, ty) = (Source::of(&from), ty.clone());
        move |cx| match from.next(cx)? {
            Some(item) => cast::unbox(cx.types(), item, &ty).map(Some),
            None => Ok(None),
        }
    })
}

fn of_type(c: &mut Call<'_>) -> Result<Value> {
    let (from, ty) = (source(c)?, c.ty(0));
    query("<OfTypeIterator>d__61", ty.clone(), &[&from.clone()], move || {
        let (mut from, ty) = (Source::of(&from), ty.clone());
        move |cx| {
            while let Some(item) = from.next(cx)? {
                if cast::is_instance(cx.types(), &item, &ty) {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        }
    })
}

/// `Zip(first, second, resultSelector)`.
fn zip_with(c: &mut Call<'_>) -> Result<Value> {
    let (first, second) = (sequence(c, 0, "first")?, sequence(c, 1, "second")?);
    let f = delegate(c, 2, "resultSelector")?;
    query("<ZipIterator>d__243", c.ty(2), &[&first.clone(), &second.clone()], move || {
        let (mut a, mut b, f) = (Source::of(&first), Source::of(&second), f.clone());
        move |cx| match (a.next(cx)?, b.next(cx)?) {
            (Some(x), Some(y)) => call(cx, &f, &mut [x, y]).map(Some),
            _ => Ok(None),
        }
    })
}

/// `Zip` of two or three sequences into tuples.
fn zip(c: &mut Call<'_>) -> Result<Value> {
    let parts = ["first", "second", "third"].iter().take(c.args.len()).enumerate();
    let sources = parts.map(|(n, name)| sequence(c, n, name)).collect::<Result<Vec<_>>>()?;
    let items: Vec<Type> = c.types.iter().take(sources.len()).cloned().collect();
    let names = ["First", "Second", "Third"].iter().take(items.len()).map(|n| Some((*n).into())).collect();
    let ty = Arc::new(TupleType { items, names });
    let held: Vec<Value> = sources.clone();
    query("<ZipIterator>d__240", Type::Tuple(ty.clone()), &held.iter().collect::<Vec<_>>(), move || {
        let (mut sources, ty) = (sources.iter().map(Source::of).collect::<Vec<_>>(), ty.clone());
        move |cx| {
            let mut items = Vec::with_capacity(sources.len());
            for s in &mut sources {
                let Some(item) = s.next(cx)? else { return Ok(None) };
                items.push(item);
            }
            nesting::charge(cx, tuple::of_type(ty.clone(), items)).map(Some)
        }
    })
}

fn concat(c: &mut Call<'_>) -> Result<Value> {
    let (first, second) = (sequence(c, 0, "first")?, sequence(c, 1, "second")?);
    query("Concat2Iterator", c.ty(0), &[&first.clone(), &second.clone()], move || {
        let (mut a, mut b, mut in_first) = (Source::of(&first), Source::of(&second), true);
        move |cx| {
            if in_first && let Some(item) = a.next(cx)? {
                return Ok(Some(item));
            }
            in_first = false;
            b.next(cx)
        }
    })
}

fn append(c: &mut Call<'_>) -> Result<Value> {
    let (from, last) = (source(c)?, c.take(1));
    query("AppendPrepend1Iterator", c.ty(0), &[&from.clone()], move || {
        let (mut from, mut last, mut done) = (Source::of(&from), Some(last.clone()), false);
        move |cx| {
            if !done && let Some(item) = from.next(cx)? {
                return Ok(Some(item));
            }
            done = true;
            Ok(last.take())
        }
    })
}

fn prepend(c: &mut Call<'_>) -> Result<Value> {
    let (from, first) = (source(c)?, c.take(1));
    query("AppendPrepend1Iterator", c.ty(0), &[&from.clone()], move || {
        let (mut from, mut first) = (Source::of(&from), Some(first.clone()));
        move |cx| match first.take() {
            Some(item) => Ok(Some(item)),
            None => from.next(cx),
        }
    })
}

fn reverse(c: &mut Call<'_>) -> Result<Value> {
    let from = source(c)?;
    query("ReverseIterator", c.ty(0), &[&from.clone()], move || {
        let (from, mut items): (Value, Option<Vec<Value>>) = (from.clone(), None);
        move |cx| {
            let items = match &mut items {
                Some(items) => items,
                None => items.insert(all(cx, &from)?),
            };
            Ok(items.pop())
        }
    })
}

fn default_if_empty(c: &mut Call<'_>) -> Result<Value> {
    let from = source(c)?;
    let missing = if c.args.len() > 1 { c.take(1) } else { cast::default_value(c.cx.types(), &c.ty(0)) };
    query("DefaultIfEmptyIterator", c.ty(0), &[&from.clone()], move || {
        let (mut from, mut missing) = (Source::of(&from), Some(missing.clone()));
        move |cx| match from.next(cx)? {
            Some(item) => {
                missing = None;
                Ok(Some(item))
            }
            None => Ok(missing.take()),
        }
    })
}

fn chunk(c: &mut Call<'_>) -> Result<Value> {
    let (from, size, ty) = (source(c)?, c.int(1)?, c.ty(0));
    let Some(size) = usize::try_from(size).ok().filter(|n| *n > 0) else {
        return Err(Exception::argument_range("Specified argument was out of the range of valid values.", "size"));
    };
    query("<ChunkIterator>d__68", Type::array(ty.clone()), &[&from.clone()], move || {
        let (mut from, ty) = (Source::of(&from), ty.clone());
        move |cx| {
            let mut items = Vec::new();
            while items.len() < size
                && let Some(item) = from.next(cx)?
            {
                cx.charge_bytes(size_of::<Value>())?;
                items.push(item);
            }
            Ok((!items.is_empty()).then(|| new_array(ty.clone(), items)))
        }
    })
}

pub(super) fn define(b: &mut Builder) {
    b.static_class(ENUMERABLE_CLASS)
        .def("static IEnumerable<R> Select<T, R>(this IEnumerable<T> source, Func<T, R> selector)", select)
        .query(QueryOperator::Select)
        .def("static IEnumerable<R> Select<T, R>(this IEnumerable<T> source, Func<T, int, R> selector)", select_indexed)
        .def("static IEnumerable<T> Where<T>(this IEnumerable<T> source, Func<T, bool> predicate)", filter)
        .query(QueryOperator::Where)
        .def("static IEnumerable<T> Where<T>(this IEnumerable<T> source, Func<T, int, bool> predicate)", filter_indexed)
        .def("static IEnumerable<R> SelectMany<T, R>(this IEnumerable<T> source, Func<T, IEnumerable<R>> selector)", |c| {
            select_many(c, false)
        })
        .def("static IEnumerable<R> SelectMany<T, R>(this IEnumerable<T> source, Func<T, int, IEnumerable<R>> selector)", |c| {
            select_many(c, true)
        })
        .def(
            "static IEnumerable<R> SelectMany<T, C, R>(this IEnumerable<T> source, Func<T, IEnumerable<C>> collectionSelector, \
             Func<T, C, R> resultSelector)",
            |c| select_many(c, false),
        )
        .def(
            "static IEnumerable<R> SelectMany<T, C, R>(this IEnumerable<T> source, Func<T, int, IEnumerable<C>> \
             collectionSelector, Func<T, C, R> resultSelector)",
            |c| select_many(c, true),
        )
        .def("static IEnumerable<R> Cast<R>(this IEnumerable source)", convert)
        .def("static IEnumerable<R> OfType<R>(this IEnumerable source)", of_type)
        .def(
            "static IEnumerable<R> Zip<A, B, R>(this IEnumerable<A> first, IEnumerable<B> second, Func<A, B, R> resultSelector)",
            zip_with,
        )
        .def("static IEnumerable<(A First, B Second)> Zip<A, B>(this IEnumerable<A> first, IEnumerable<B> second)", zip)
        .def(
            "static IEnumerable<(A First, B Second, C Third)> Zip<A, B, C>(this IEnumerable<A> first, IEnumerable<B> second, \
             IEnumerable<C> third)",
            zip,
        )
        .def("static IEnumerable<T> Concat<T>(this IEnumerable<T> first, IEnumerable<T> second)", concat)
        .def("static IEnumerable<T> Append<T>(this IEnumerable<T> source, T element)", append)
        .def("static IEnumerable<T> Prepend<T>(this IEnumerable<T> source, T element)", prepend)
        .def("static IEnumerable<T> Reverse<T>(this IEnumerable<T> source)", reverse)
        .def("static IEnumerable<T> DefaultIfEmpty<T>(this IEnumerable<T> source)", default_if_empty)
        .def("static IEnumerable<T> DefaultIfEmpty<T>(this IEnumerable<T> source, T defaultValue)", default_if_empty)
        .def("static IEnumerable<T[]> Chunk<T>(this IEnumerable<T> source, int size)", chunk);
}
