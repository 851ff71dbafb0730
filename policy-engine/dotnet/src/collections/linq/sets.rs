//! Without repetition: `Distinct`, `Union`, `Intersect`, `Except` and their `By` forms; `ToDictionary` and `ToHashSet`.
use super::{Source, all, call, delegate, query, sequence, source};
use crate::ambient::Ambient;
use crate::collections::comparer::Equality;
use crate::collections::dictionary::with_equality;
use crate::collections::hash::HashTableOf;
use crate::collections::hash_set::new_set;
use crate::collections::names::ENUMERABLE_CLASS;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::value::Value;

type Seen = HashTableOf<()>;

/// The item's key: what the selector makes of it, or itself.
fn key_of(cx: &mut dyn Ambient, selector: Option<&Value>, item: &Value) -> Result<Value> {
    match selector {
        Some(f) => call(cx, f, &mut [item.clone()]),
        None => Ok(item.clone()),
    }
}

fn remember(cx: &mut dyn Ambient, seen: &mut Seen, key: Value) -> Result<bool> {
    cx.charge_bytes(seen.growth())?;
    Ok(seen.try_insert(key, ()))
}

/// Items of one or two sequences whose key was not seen before.
fn unique(
    c: &mut Call<'_>,
    class: &'static str,
    sources: Vec<Value>,
    selector: Option<Value>,
    comparer: usize,
) -> Result<Value> {
    let equality = Equality::of(c.arg(comparer))?;
    let held = sources.clone();
    query(class, c.ty(0), &held.iter().collect::<Vec<_>>(), move || {
        let (mut rest, selector) = (sources.clone().into_iter(), selector.clone());
        let (mut seen, mut from) = (Seen::new(equality.clone()), rest.next().map(|s| Source::of(&s)));
        move |cx| {
            while let Some(running) = &mut from {
                while let Some(item) = running.next(cx)? {
                    let key = key_of(cx, selector.as_ref(), &item)?;
                    if remember(cx, &mut seen, key)? {
                        return Ok(Some(item));
                    }
                }
                from = rest.next().map(|s| Source::of(&s));
            }
            Ok(None)
        }
    })
}

fn distinct(c: &mut Call<'_>) -> Result<Value> {
    let from = source(c)?;
    unique(c, "DistinctIterator", vec![from], None, 1)
}

fn distinct_by(c: &mut Call<'_>) -> Result<Value> {
    let (from, f) = (source(c)?, delegate(c, 1, "keySelector")?);
    unique(c, "<DistinctByIterator>d__84", vec![from], Some(f), 2)
}

fn union(c: &mut Call<'_>) -> Result<Value> {
    let both = vec![sequence(c, 0, "first")?, sequence(c, 1, "second")?];
    unique(c, "UnionIterator2", both, None, 2)
}

fn union_by(c: &mut Call<'_>) -> Result<Value> {
    let both = vec![sequence(c, 0, "first")?, sequence(c, 1, "second")?];
    let f = delegate(c, 2, "keySelector")?;
    unique(c, "<UnionByIterator>d__263", both, Some(f), 3)
}

/// `Intersect` (wanted: in both) and `Except` (wanted: not in the second); the second sequence holds keys.
fn against(c: &mut Call<'_>, selector: Option<Value>, comparer: usize, in_both: bool) -> Result<Value> {
    let (first, second) = (sequence(c, 0, "first")?, sequence(c, 1, "second")?);
    let equality = Equality::of(c.arg(comparer))?;
    let class = if in_both { "<IntersectIterator>d__75" } else { "<ExceptIterator>d__57" };
    query(class, c.ty(0), &[&first.clone(), &second.clone()], move || {
        let (mut from, second, selector) = (Source::of(&first), second.clone(), selector.clone());
        let (mut others, equality): (Option<Seen>, _) = (None, equality.clone());
        move |cx| {
            let others = match &mut others {
                Some(others) => others,
                None => {
                    let mut read = Seen::new(equality.clone());
                    for item in all(cx, &second)? {
                        remember(cx, &mut read, item)?;
                    }
                    others.insert(read)
                }
            };
            while let Some(item) = from.next(cx)? {
                let key = key_of(cx, selector.as_ref(), &item)?;
                // Each key is answered once: taken out of the second set, or put into it.
                let fits = if in_both { others.remove(&key).is_some() } else { remember(cx, others, key)? };
                if fits {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        }
    })
}

fn against_by(c: &mut Call<'_>, in_both: bool) -> Result<Value> {
    let f = delegate(c, 2, "keySelector")?;
    against(c, Some(f), 3, in_both)
}

/// `ToDictionary(source, keySelector[, elementSelector][, comparer])`.
fn to_dictionary(c: &mut Call<'_>, has_element: bool) -> Result<Value> {
    let (from, key) = (source(c)?, delegate(c, 1, "keySelector")?);
    let element = if has_element { Some(delegate(c, 2, "elementSelector")?) } else { None };
    let equality = Equality::of(c.arg(if has_element { 3 } else { 2 }))?;
    let made = with_equality(c.ty(1), if has_element { c.ty(2) } else { c.ty(0) }, equality);
    let mut from = Source::of(&from);
    while let Some(item) = from.next(c.cx)? {
        let key = call(c.cx, &key, &mut [item.clone()])?;
        let value = key_of(c.cx, element.as_ref(), &item)?;
        if key.is_null() {
            return Err(Exception::argument_null("key"));
        }
        made.add(c.cx, key, value)?;
    }
    Ok(Value::object(made))
}

fn to_hash_set(c: &mut Call<'_>) -> Result<Value> {
    let from = source(c)?;
    let (items, equality, item) = (all(c.cx, &from)?, Equality::of(c.arg(1))?, c.ty(0));
    new_set(c.cx, item, items, equality)
}

/// One overload without comparer and one with.
macro_rules! with_comparer {
    ($b:ident, $head:literal, $of:literal, $f:expr) => {
        $b.static_class(ENUMERABLE_CLASS)
            .def(concat!($head, ")"), $f)
            .def(concat!($head, ", IEqualityComparer<", $of, "> comparer)"), $f);
    };
}

pub(super) fn define(b: &mut Builder) {
    with_comparer!(b, "static IEnumerable<T> Distinct<T>(this IEnumerable<T> source", "T", distinct);
    with_comparer!(
        b,
        "static IEnumerable<T> DistinctBy<T, K>(this IEnumerable<T> source, Func<T, K> keySelector",
        "K",
        distinct_by
    );
    with_comparer!(b, "static IEnumerable<T> Union<T>(this IEnumerable<T> first, IEnumerable<T> second", "T", union);
    with_comparer!(
        b,
        "static IEnumerable<T> UnionBy<T, K>(this IEnumerable<T> first, IEnumerable<T> second, Func<T, K> keySelector",
        "K",
        union_by
    );
    with_comparer!(
        b,
        "static IEnumerable<T> Intersect<T>(this IEnumerable<T> first, IEnumerable<T> second",
        "T",
        |c| { against(c, None, 2, true) }
    );
    with_comparer!(
        b,
        "static IEnumerable<T> IntersectBy<T, K>(this IEnumerable<T> first, IEnumerable<K> second, Func<T, K> keySelector",
        "K",
        |c| against_by(c, true)
    );
    with_comparer!(b, "static IEnumerable<T> Except<T>(this IEnumerable<T> first, IEnumerable<T> second", "T", |c| {
        against(c, None, 2, false)
    });
    with_comparer!(
        b,
        "static IEnumerable<T> ExceptBy<T, K>(this IEnumerable<T> first, IEnumerable<K> second, Func<T, K> keySelector",
        "K",
        |c| against_by(c, false)
    );
    with_comparer!(
        b,
        "static Dictionary<K, T> ToDictionary<T, K>(this IEnumerable<T> source, Func<T, K> keySelector",
        "K",
        |c| to_dictionary(c, false)
    );
    with_comparer!(
        b,
        "static Dictionary<K, E> ToDictionary<T, K, E>(this IEnumerable<T> source, Func<T, K> keySelector, \
         Func<T, E> elementSelector",
        "K",
        |c| to_dictionary(c, true)
    );
    with_comparer!(b, "static HashSet<T> ToHashSet<T>(this IEnumerable<T> source", "T", to_hash_set);
}
