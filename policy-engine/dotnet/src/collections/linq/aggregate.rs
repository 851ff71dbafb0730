//! `Aggregate` in its three forms.
use super::{Source, call, delegate, no_elements, source};
use crate::collections::names::ENUMERABLE_CLASS;
use crate::exception::Result;
use crate::member::Call;
use crate::table::Builder;
use crate::value::Value;

fn fold(c: &mut Call<'_>, from: &mut Source, f: &Value, mut total: Value) -> Result<Value> {
    while let Some(item) = from.next(c.cx)? {
        total = call(c.cx, f, &mut [total, item])?;
    }
    Ok(total)
}

fn without_seed(c: &mut Call<'_>) -> Result<Value> {
    let (from, f) = (source(c)?, delegate(c, 1, "func")?);
    let mut from = Source::of(&from);
    let first = from.next(c.cx)?.ok_or_else(no_elements)?;
    fold(c, &mut from, &f, first)
}

fn with_seed(c: &mut Call<'_>) -> Result<Value> {
    let (from, seed, f) = (source(c)?, c.take(1), delegate(c, 2, "func")?);
    let result = if c.args.len() > 3 { Some(delegate(c, 3, "resultSelector")?) } else { None };
    let total = fold(c, &mut Source::of(&from), &f, seed)?;
    match result {
        Some(f) => call(c.cx, &f, &mut [total]),
        None => Ok(total),
    }
}

pub(super) fn define(b: &mut Builder) {
    b.static_class(ENUMERABLE_CLASS)
        .def("static T Aggregate<T>(this IEnumerable<T> source, Func<T, T, T> func)", without_seed)
        .def("static A Aggregate<T, A>(this IEnumerable<T> source, A seed, Func<A, T, A> func)", with_seed)
        .def(
            "static R Aggregate<T, A, R>(this IEnumerable<T> source, A seed, Func<A, T, A> func, Func<A, R> resultSelector)",
            with_seed,
        );
}
