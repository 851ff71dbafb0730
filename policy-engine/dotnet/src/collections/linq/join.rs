//! `Join` and `GroupJoin`: the inner sequence is read into groups when the first item is asked for, the outer one streams.
use super::group::{Groups, Recipe};
use super::{Source, call, delegate, query, sequence};
use crate::collections::comparer::Equality;
use crate::collections::list::new_list;
use crate::collections::names::ENUMERABLE_CLASS;
use crate::exception::Result;
use crate::member::Call;
use crate::table::Builder;
use crate::types::Type;
use crate::value::Value;

/// What both forms are given.
struct Parts {
    outer: Value,
    outer_key: Value,
    result: Value,
    inner: Recipe,
    yields: Type,
    inner_type: Type,
}

fn parts(c: &mut Call<'_>) -> Result<Parts> {
    let (outer, inner) = (sequence(c, 0, "outer")?, sequence(c, 1, "inner")?);
    let (outer_key, inner_key) = (delegate(c, 2, "outerKeySelector")?, delegate(c, 3, "innerKeySelector")?);
    let result = delegate(c, 4, "resultSelector")?;
    let equality = Equality::of(c.arg(5))?;
    let inner = Recipe { source: inner, key: inner_key, element: None, equality, skip_null: true };
    Ok(Parts { outer, outer_key, result, inner, yields: c.ty(3), inner_type: c.ty(1) })
}

fn join(c: &mut Call<'_>) -> Result<Value> {
    let p = parts(c)?;
    let sources = [p.outer.clone(), p.inner.source.clone()];
    query("<JoinIterator>d__81", p.yields, &sources.each_ref(), move || {
        let (mut outer, key, result, inner) =
            (Source::of(&p.outer), p.outer_key.clone(), p.result.clone(), p.inner.clone());
        let mut groups: Option<Groups> = None;
        let mut matches: Option<(Value, std::vec::IntoIter<Value>)> = None;
        move |cx| {
            loop {
                if let Some((item, rest)) = &mut matches
                    && let Some(other) = rest.next()
                {
                    return call(cx, &result, &mut [item.clone(), other]).map(Some);
                }
                let Some(item) = outer.next(cx)? else { return Ok(None) };
                let groups = match &mut groups {
                    Some(groups) => groups,
                    None => groups.insert(inner.run(cx)?),
                };
                let wanted = call(cx, &key, &mut [item.clone()])?;
                let found = groups.get(&wanted).filter(|_| !wanted.is_null()).cloned().unwrap_or_default();
                cx.charge_steps(u64::try_from(found.len()).unwrap_or(u64::MAX))?;
                matches = Some((item, found.into_iter()));
            }
        }
    })
}

fn group_join(c: &mut Call<'_>) -> Result<Value> {
    let p = parts(c)?;
    let sources = [p.outer.clone(), p.inner.source.clone()];
    query("<GroupJoinIterator>d__68", p.yields, &sources.each_ref(), move || {
        let (mut outer, key, result, inner) =
            (Source::of(&p.outer), p.outer_key.clone(), p.result.clone(), p.inner.clone());
        let (mut groups, inner_type): (Option<Groups>, Type) = (None, p.inner_type.clone());
        move |cx| {
            let Some(item) = outer.next(cx)? else { return Ok(None) };
            let groups = match &mut groups {
                Some(groups) => groups,
                None => groups.insert(inner.run(cx)?),
            };
            let wanted = call(cx, &key, &mut [item.clone()])?;
            let found = groups.get(&wanted).filter(|_| !wanted.is_null()).cloned().unwrap_or_default();
            cx.charge_bytes(found.len().saturating_mul(size_of::<Value>()))?;
            call(cx, &result, &mut [item, new_list(inner_type.clone(), found)]).map(Some)
        }
    })
}

pub(super) fn define(b: &mut Builder) {
    b.static_class(ENUMERABLE_CLASS)
        .def(
            "static IEnumerable<R> Join<A, B, K, R>(this IEnumerable<A> outer, IEnumerable<B> inner, \
             Func<A, K> outerKeySelector, Func<B, K> innerKeySelector, Func<A, B, R> resultSelector)",
            join,
        )
        .def(
            "static IEnumerable<R> Join<A, B, K, R>(this IEnumerable<A> outer, IEnumerable<B> inner, \
             Func<A, K> outerKeySelector, Func<B, K> innerKeySelector, Func<A, B, R> resultSelector, \
             IEqualityComparer<K> comparer)",
            join,
        )
        .def(
            "static IEnumerable<R> GroupJoin<A, B, K, R>(this IEnumerable<A> outer, IEnumerable<B> inner, \
             Func<A, K> outerKeySelector, Func<B, K> innerKeySelector, Func<A, IEnumerable<B>, R> resultSelector)",
            group_join,
        )
        .def(
            "static IEnumerable<R> GroupJoin<A, B, K, R>(this IEnumerable<A> outer, IEnumerable<B> inner, \
             Func<A, K> outerKeySelector, Func<B, K> innerKeySelector, Func<A, IEnumerable<B>, R> resultSelector, \
             IEqualityComparer<K> comparer)",
            group_join,
        );
}
