//! `Newtonsoft.Json.Linq.Extensions`: members of sequences of tokens.
use super::container_members::descendants;
use super::conversion::{JTOKEN, value_as};
use super::names;
use super::object_face::sequence_of;
use super::token::Token;
use crate::collections::enumerator;
use crate::collections::enumerator::to_vec;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::Type;
use crate::value::Value;
use std::sync::Arc;

fn source(c: &mut Call<'_>) -> Result<Vec<Arc<Token>>> {
    let sequence = c.arg(0).clone();
    if sequence.is_null() {
        return Err(Exception::argument_null("source"));
    }
    Ok(to_vec(c.cx, &sequence)?.iter().filter_map(Token::of).collect())
}

/// `Value<U>(this IEnumerable<JToken>)`: the receiver is one token.
fn value(c: &mut Call<'_>) -> Result<Value> {
    let target = c.types.last().cloned().unwrap_or(Type::OBJECT);
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("value"));
    }
    match Token::of(c.arg(0)) {
        Some(token) => value_as(c.cx, &token, &target),
        None => Err(Exception::argument_message("Source value must be a JToken.")),
    }
}

fn children_of(c: &mut Call<'_>) -> Result<Vec<Arc<Token>>> {
    let mut found = Vec::new();
    for token in source(c)? {
        let items = enumerator::to_vec(c.cx, &token.value())?;
        found.extend(items.iter().filter_map(Token::of));
    }
    Ok(found)
}

/// The value itself of each `JValue`, the children of the others.
fn values_of(c: &mut Call<'_>) -> Result<Vec<Arc<Token>>> {
    let mut found = Vec::new();
    for token in source(c)? {
        if token.is_container() {
            let items = enumerator::to_vec(c.cx, &token.value())?;
            found.extend(items.iter().filter_map(Token::of));
        } else {
            found.push(token);
        }
    }
    Ok(found)
}

fn values(c: &mut Call<'_>) -> Result<Value> {
    Ok(tokens(values_of(c)?))
}

fn values_as(c: &mut Call<'_>) -> Result<Value> {
    let target = c.types.last().cloned().unwrap_or(Type::OBJECT);
    let all = values_of(c)?;
    converted(c, all, target)
}

/// `Children()` of each token in turn.
fn children(c: &mut Call<'_>) -> Result<Value> {
    Ok(tokens(children_of(c)?))
}

/// With a type argument: converted.
fn children_as(c: &mut Call<'_>) -> Result<Value> {
    let target = c.types.last().cloned().unwrap_or(Type::OBJECT);
    let all = children_of(c)?;
    converted(c, all, target)
}

fn converted(c: &mut Call<'_>, all: Vec<Arc<Token>>, target: Type) -> Result<Value> {
    let mut items = Vec::with_capacity(all.len());
    for token in all {
        items.push(value_as(c.cx, &token, &target)?);
    }
    Ok(sequence_of(Type::enumerable(target), items))
}

/// Values under a key of each token; tokens without it are left out.
fn by_key(c: &mut Call<'_>) -> Result<Vec<Arc<Token>>> {
    let mut found = Vec::new();
    for token in source(c)? {
        let (value, key) = (token.value(), c.arg(1).clone());
        let mut args = [value, key];
        let got = super::token_members::get(&mut Call { cx: c.cx, types: &[], args: &mut args })?;
        found.extend(Token::of(&got));
    }
    Ok(found)
}

pub(super) fn values_by_key(c: &mut Call<'_>) -> Result<Value> {
    Ok(tokens(by_key(c)?))
}

fn values_by_key_as(c: &mut Call<'_>) -> Result<Value> {
    let target = c.types.last().cloned().unwrap_or(Type::OBJECT);
    let all = by_key(c)?;
    converted(c, all, target)
}

fn properties(c: &mut Call<'_>) -> Result<Value> {
    let all = source(c)?;
    let properties = all.iter().flat_map(|o| (0..o.child_count()).filter_map(|at| o.property_at(at))).map(Token::value);
    Ok(sequence_of(Type::generic(names::JENUMERABLE_T, [Type::Simple(names::JPROPERTY)]), properties.collect()))
}

fn all_below(c: &mut Call<'_>, with_self: bool) -> Result<Value> {
    let mut found = Vec::new();
    for token in source(c)? {
        found.extend(descendants(c, &token, with_self)?);
    }
    Ok(sequence_of(jtokens(), found))
}

fn ancestors(c: &mut Call<'_>, with_self: bool) -> Result<Value> {
    let mut found = Vec::new();
    for token in source(c)? {
        let mut at = if with_self { Some(token) } else { token.parent() };
        while let Some(t) = at {
            c.cx.charge_steps(1)?;
            at = t.parent();
            found.push(t.value());
        }
    }
    Ok(sequence_of(jtokens(), found))
}

/// `JEnumerable<JToken>`
fn jtokens() -> Type {
    Type::generic(names::JENUMERABLE_T, [JTOKEN])
}

fn tokens(all: Vec<Arc<Token>>) -> Value {
    sequence_of(jtokens(), all.into_iter().map(Token::value).collect())
}

/// `AsJEnumerable()`
fn as_tokens(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Ok(Value::Null);
    }
    Ok(tokens(source(c)?))
}

pub(super) fn define(b: &mut Builder) {
    b.static_class(names::EXTENSIONS)
        .def("static U Value<U>(this IEnumerable<JToken> value)", value)
        .def("static U Value<T, U>(this IEnumerable<T> value)", value)
        .def("static JEnumerable<JToken> Values(this IEnumerable<JToken> source)", values)
        .def("static JEnumerable<JToken> Values(this IEnumerable<JToken> source, object key)", values_by_key)
        .def("static IEnumerable<U> Values<U>(this IEnumerable<JToken> source)", values_as)
        .def("static IEnumerable<U> Values<U>(this IEnumerable<JToken> source, object key)", values_by_key_as)
        .def("static JEnumerable<JToken> Children<T>(this IEnumerable<T> source)", children)
        .def("static IEnumerable<U> Children<T, U>(this IEnumerable<T> source)", children_as)
        .def("static JEnumerable<JProperty> Properties(this IEnumerable<JObject> source)", properties)
        // Generic with a constraint in .NET; without one they would take the sequences of XML nodes.
        .def("static JEnumerable<JToken> Descendants(this IEnumerable<JContainer> source)", |c| all_below(c, false))
        .def("static JEnumerable<JToken> DescendantsAndSelf(this IEnumerable<JContainer> source)", |c| {
            all_below(c, true)
        })
        .def("static JEnumerable<JToken> Ancestors(this IEnumerable<JToken> source)", |c| ancestors(c, false))
        .def("static JEnumerable<JToken> AncestorsAndSelf(this IEnumerable<JToken> source)", |c| ancestors(c, true))
        .def("static JEnumerable<JToken> AsJEnumerable(this IEnumerable<JToken> source)", as_tokens);
}
