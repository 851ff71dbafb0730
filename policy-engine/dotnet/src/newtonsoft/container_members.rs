//! Members of `JContainer`, `JObject`, `JArray`, `JConstructor` and `JProperty`.
use std::sync::Arc;

use super::content;
use super::conversion::JTOKEN;
use super::load::Root;
use super::object_face::{Part, pair, sequence_of, sequence_over, walk};
use super::scalar::Kind;
use super::token::{Body, Token};
use super::token_members::{from_object, item, me, or_null, parse};
use super::{merge, names};
use crate::collections::array::new_array;
use crate::collections::enumerator::new_enumerator;
use crate::collections::interfaces::copy_to;
use crate::collections::key_value_pair::{pair_type, parts};
use crate::collections::search::index;
use crate::culture;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::Type;
use crate::value::{Str, Value};

// === content ===

fn add(c: &mut Call<'_>) -> Result<Value> {
    let (token, content) = (me(c)?, c.take(1));
    content::add(c.cx, &token, token.child_count(), &content)?;
    Ok(Value::Null)
}

fn add_first(c: &mut Call<'_>) -> Result<Value> {
    let (token, content) = (me(c)?, c.take(1));
    content::add(c.cx, &token, 0, &content)?;
    Ok(Value::Null)
}

fn remove_all(c: &mut Call<'_>) -> Result<Value> {
    let token = me(c)?;
    if token.property_name().is_some() {
        return Err(content::fixed_property());
    }
    token.clear();
    Ok(Value::Null)
}

fn replace_all(c: &mut Call<'_>) -> Result<Value> {
    remove_all(c)?;
    add(c)
}

/// All tokens below, parents before children.
pub(super) fn descendants(c: &mut Call<'_>, token: &Arc<Token>, with_self: bool) -> Result<Vec<Value>> {
    let mut found = Vec::new();
    let mut open: Vec<(Arc<Token>, usize)> = vec![(token.clone(), 0)];
    if with_self {
        found.push(token.clone().value());
    }
    while let Some((container, at)) = open.pop() {
        let Some(child) = container.child(at) else { continue };
        open.push((container, at.saturating_add(1)));
        c.cx.charge_steps(1)?;
        c.cx.charge_bytes(size_of::<Token>())?;
        found.push(child.clone().value());
        if child.is_container() {
            open.push((child, 0));
        }
    }
    Ok(found)
}

fn all_below(c: &mut Call<'_>, with_self: bool) -> Result<Value> {
    let token = me(c)?;
    Ok(sequence_of(Type::enumerable(JTOKEN), descendants(c, &token, with_self)?))
}

/// `new X(content)`: copies a token of the same kind, adds everything else.
fn construct(c: &mut Call<'_>, made: &Arc<Token>) -> Result<Value> {
    let content = c.take(0);
    if let Some(other) = Token::of(&content)
        && other.kind() == made.kind()
        && made.kind() != Kind::Array
    {
        return content::deep_clone(c.cx, &other).map(Token::value);
    }
    content::add(c.cx, made, 0, &content)?;
    Ok(made.clone().value())
}

fn copy(c: &mut Call<'_>) -> Result<Value> {
    let Some(other) = Token::of(c.arg(0)) else { return Err(Exception::argument_null("other")) };
    content::deep_clone(c.cx, &other).map(Token::value)
}

// === JObject ===

fn name_arg(c: &Call<'_>, n: usize, parameter: &str) -> Result<Str> {
    c.str_arg(n, parameter)
}

fn get_member(c: &mut Call<'_>) -> Result<Value> {
    let name = name_arg(c, 1, "propertyName")?;
    Ok(or_null(me(c)?.member(&name)))
}

fn set_member(c: &mut Call<'_>) -> Result<Value> {
    let (token, name) = (me(c)?, name_arg(c, 1, "name")?);
    let value = content::or_null(c.arg(2));
    content::set_member(c.cx, &token, &name, &value)?;
    Ok(Value::Null)
}

/// `Add(name, value)`
fn add_member(c: &mut Call<'_>) -> Result<Value> {
    let (token, name) = (me(c)?, name_arg(c, 1, "name")?);
    let value = content::or_null(c.arg(2));
    content::add_member(c.cx, &token, &name, &value)?;
    Ok(Value::Null)
}

/// A name of the object that equals by a `StringComparison`; an exact one first.
fn find_name(c: &Call<'_>, token: &Arc<Token>, name: &str, comparison: usize) -> Result<Option<Str>> {
    let Body::Object(data) = &token.body else { return Ok(None) };
    if let Some(member) = data.0.read().get(name) {
        return Ok(Some(member.name.clone()));
    }
    let equal: fn(&str, &str) -> bool = match c.int(comparison)? {
        1 | 3 => |a, b| culture::compare(a, b, true).is_eq(),
        5 => culture::equals_ignore_case,
        0 | 2 => |a, b| culture::compare(a, b, false).is_eq(),
        _ => |a, b| a == b,
    };
    Ok(token.member_names().into_iter().find(|n| equal(n, name)))
}

fn get_value(c: &mut Call<'_>) -> Result<Value> {
    let Some(name) = c.str_or_null(1) else { return Ok(Value::Null) };
    Ok(or_null(me(c)?.member(&name)))
}

fn get_value_by(c: &mut Call<'_>) -> Result<Value> {
    let Some(name) = c.str_or_null(1) else { return Ok(Value::Null) };
    let token = me(c)?;
    let found = find_name(c, &token, &name, 2)?;
    Ok(or_null(found.and_then(|n| token.member(&n))))
}

fn try_get_value(c: &mut Call<'_>) -> Result<Value> {
    let found = match c.str_or_null(1) {
        Some(name) => me(c)?.member(&name),
        None => None,
    };
    let answer = Value::Bool(found.is_some());
    c.set(2, or_null(found));
    Ok(answer)
}

fn try_get_value_by(c: &mut Call<'_>) -> Result<Value> {
    let found = get_value_by(c)?;
    let answer = Value::Bool(!found.is_null());
    c.set(3, found);
    Ok(answer)
}

fn property(c: &mut Call<'_>) -> Result<Value> {
    let Some(name) = c.str_or_null(1) else { return Ok(Value::Null) };
    let token = me(c)?;
    let name = if c.args.len() > 2 { find_name(c, &token, &name, 2)? } else { Some(name) };
    Ok(or_null(name.and_then(|n| token.property(&n))))
}

fn contains_key(c: &mut Call<'_>) -> Result<Value> {
    let name = name_arg(c, 1, "propertyName")?;
    let token = me(c)?;
    let Body::Object(data) = &token.body else { return Ok(Value::Bool(false)) };
    let found = data.0.read().position(&name).is_some();
    Ok(Value::Bool(found))
}

fn remove_member(c: &mut Call<'_>) -> Result<Value> {
    // No member has a name that is null.
    let Some(name) = c.str_or_null(1) else { return Ok(Value::Bool(false)) };
    let token = me(c)?;
    let Body::Object(data) = &token.body else { return Ok(Value::Bool(false)) };
    let at = data.0.read().position(&name);
    Ok(Value::Bool(at.is_some_and(|at| token.remove_member(at))))
}

fn pairs(c: &mut Call<'_>) -> Result<Value> {
    let token = me(c)?;
    Ok(new_enumerator(pair_type(Type::STRING, JTOKEN), walk(&token, Part::Pairs)))
}

fn keys(c: &mut Call<'_>) -> Result<Value> {
    let names = me(c)?.member_names();
    Ok(new_array(Type::STRING, names.into_iter().map(Value::Str).collect()))
}

fn values(c: &mut Call<'_>) -> Result<Value> {
    let token = me(c)?;
    let all = (0..token.child_count()).filter_map(|at| token.member_at(at)).map(|(_, v)| v.value());
    Ok(new_array(JTOKEN, all.collect()))
}

/// `ICollection<KeyValuePair<string, JToken>>.CopyTo`
fn copy_pairs(c: &mut Call<'_>) -> Result<Value> {
    let token = me(c)?;
    let all = (0..token.child_count()).filter_map(|at| token.member_at(at)).map(|(n, v)| pair(n, v));
    let (items, target, at) = (all.collect(), c.take(1), c.int(2)?);
    crate::collections::interfaces::copy_into(c, items, &target, at)
}

fn contains_pair(c: &mut Call<'_>) -> Result<Value> {
    let Some((Value::Str(name), value)) = parts(c.arg(1)) else { return Ok(Value::Bool(false)) };
    let found = me(c)?.member(name);
    Ok(Value::Bool(matches!((found, Token::of(value)), (Some(a), Some(b)) if Arc::ptr_eq(&a, &b))))
}

fn define_object(b: &mut Builder) {
    b.class(names::JOBJECT)
        .base("JContainer")
        .implements(&[
            "IDictionary<string, JToken>",
            "ICollection<KeyValuePair<string, JToken>>",
            "IEnumerable<KeyValuePair<string, JToken>>",
        ])
        .def("new()", |_| Ok(Token::new_object().value()))
        .def("new(JObject other)", copy)
        .def("new(params object[] content)", |c| construct(c, &Token::new_object()))
        .def("new(object content)", |c| construct(c, &Token::new_object()))
        .get_set("JToken this[string propertyName]", get_member, set_member)
        .prepare(super::token_members::prepare_get)
        .get_set("JToken this[object key]", super::token_members::get, super::token_members::set)
        .def("void Add(string propertyName, JToken value)", add_member)
        .def("bool ContainsKey(string propertyName)", contains_key)
        .def("bool Remove(string propertyName)", remove_member)
        .def("JToken GetValue(string propertyName)", get_value)
        .def("JToken GetValue(string propertyName, StringComparison comparison)", get_value_by)
        .def("bool TryGetValue(string propertyName, out JToken value)", try_get_value)
        .def("bool TryGetValue(string propertyName, StringComparison comparison, out JToken value)", try_get_value_by)
        .def("JProperty Property(string name)", property)
        .def("JProperty Property(string name, StringComparison comparison)", property)
        .def("IEnumerable<JProperty> Properties()", |c| {
            Ok(sequence_over(&me(c)?, Part::Children, Type::Simple(names::JPROPERTY)))
        })
        .def("JEnumerable<JToken> PropertyValues()", |c| Ok(sequence_over(&me(c)?, Part::Values, JTOKEN)))
        .def("IEnumerator<KeyValuePair<string, JToken>> GetEnumerator()", pairs)
        .def("ICollection<string> explicit.Keys", keys)
        .def("ICollection<JToken> explicit.Values", values)
        .def("bool explicit.Contains(KeyValuePair<string, JToken> item)", contains_pair)
        .def("void explicit.CopyTo(KeyValuePair<string, JToken>[] array, int arrayIndex)", copy_pairs)
        .def("void explicit.Clear()", remove_all)
        .def("static JObject Parse(string json)", |c| parse(c, Root::Object))
        .def("static JObject Parse(string json, JsonLoadSettings settings)", |c| parse(c, Root::Object))
        .def("static JObject FromObject(object o)", |c| from_object(c, Some(Kind::Object)))
        .def("static JObject FromObject(object o, JsonSerializer jsonSerializer)", |c| {
            from_object(c, Some(Kind::Object))
        });
}

// === JArray ===

fn insert_item(c: &mut Call<'_>) -> Result<Value> {
    let (token, at, item) = (me(c)?, c.int(1)?, content::or_null(c.arg(2)));
    let Ok(at) = usize::try_from(at) else {
        return Err(crate::collections::list::index_out_of_range());
    };
    content::insert(c.cx, &token, at, &item)?;
    Ok(Value::Null)
}

fn add_item(c: &mut Call<'_>) -> Result<Value> {
    let (token, item) = (me(c)?, content::or_null(c.arg(1)));
    content::insert(c.cx, &token, token.child_count(), &item)?;
    Ok(Value::Null)
}

fn set_item(c: &mut Call<'_>) -> Result<Value> {
    let (token, at, item) = (me(c)?, c.int(1)?, content::or_null(c.arg(2)));
    content::set_at(c.cx, &token, at, &item)?;
    Ok(Value::Null)
}

/// Items are found by identity, as in Newtonsoft.
fn index_of(c: &Call<'_>) -> Result<Option<usize>> {
    let token = me(c)?;
    Ok(Token::of(c.arg(1)).and_then(|item| token.child_index(&item)))
}

fn remove_item(c: &mut Call<'_>) -> Result<Value> {
    let at = index_of(c)?;
    Ok(Value::Bool(match at {
        Some(at) => me(c)?.remove_item(at),
        None => false,
    }))
}

fn define_array(b: &mut Builder) {
    b.class(names::JARRAY)
        .base("JContainer")
        .implements(&["IList<JToken>", "ICollection<JToken>", "IEnumerable<JToken>"])
        .def("new()", |_| Ok(Token::new_array().value()))
        .def("new(JArray other)", copy)
        .def("new(params object[] content)", |c| construct(c, &Token::new_array()))
        .def("new(object content)", |c| construct(c, &Token::new_array()))
        .get_set("JToken this[int index]", |c| item(&me(c)?, c.int(1)?), set_item)
        .get_set("JToken this[object key]", super::token_members::get, super::token_members::set)
        .def("void Add(JToken item)", add_item)
        .def("void Insert(int index, JToken item)", insert_item)
        .def("bool Remove(JToken item)", remove_item)
        .def("void RemoveAt(int index)", |c| content::remove_at(&me(c)?, c.int(1)?).map(|()| Value::Null))
        .def("void Clear()", remove_all)
        .def("bool Contains(JToken item)", |c| Ok(Value::Bool(index_of(c)?.is_some())))
        .def("int IndexOf(JToken item)", |c| Ok(crate::collections::search::index_or_minus_one(index_of(c)?)))
        .def("void CopyTo(JToken[] array, int arrayIndex)", copy_to)
        .def("bool IsReadOnly", |_| Ok(Value::Bool(false)))
        .def("IEnumerator<JToken> GetEnumerator()", |c| Ok(new_enumerator(JTOKEN, walk(&me(c)?, Part::Children))))
        .def("static JArray Parse(string json)", |c| parse(c, Root::Array))
        .def("static JArray Parse(string json, JsonLoadSettings settings)", |c| parse(c, Root::Array))
        .def("static JArray FromObject(object o)", |c| from_object(c, Some(Kind::Array)))
        .def("static JArray FromObject(object o, JsonSerializer jsonSerializer)", |c| {
            from_object(c, Some(Kind::Array))
        });
}

// === JConstructor ===

/// `new JConstructor(name, content)`
fn new_constructor(c: &mut Call<'_>) -> Result<Value> {
    let name = name_arg(c, 0, "name")?;
    if name.is_empty() {
        return Err(no_constructor_name());
    }
    let (constructor, content) = (Token::new_constructor(Some(name)), c.take(1));
    content::add(c.cx, &constructor, 0, &content)?;
    Ok(constructor.value())
}

/// `new JConstructor(name)`
fn new_empty_constructor(c: &mut Call<'_>) -> Result<Value> {
    let name = name_arg(c, 0, "name")?;
    if name.is_empty() {
        return Err(no_constructor_name());
    }
    Ok(Token::new_constructor(Some(name)).value())
}

/// `Constructor name cannot be empty.`
pub(super) fn no_constructor_name() -> Exception {
    Exception::argument("Constructor name cannot be empty.", "name")
}

fn set_constructor_name(c: &mut Call<'_>) -> Result<Value> {
    me(c)?.set_constructor_name(c.str_or_null(1));
    Ok(Value::Null)
}

fn define_constructor(b: &mut Builder) {
    b.class(names::JCONSTRUCTOR)
        .base("JContainer")
        .def("new()", |_| Ok(Token::new_constructor(None).value()))
        .def("new(JConstructor other)", copy)
        .def("new(string name)", new_empty_constructor)
        .def("new(string name, params object[] content)", new_constructor)
        .def("new(string name, object content)", new_constructor)
        .get_set("string Name", |c| Ok(me(c)?.constructor_name().map_or(Value::Null, Value::Str)), set_constructor_name)
        .get_set("JToken this[object key]", super::token_members::get, super::token_members::set);
}

// === JProperty ===

/// `new JProperty(name, content)`: several items become an array.
fn new_property(c: &mut Call<'_>) -> Result<Value> {
    let (name, content) = (name_arg(c, 0, "name")?, c.take(1));
    let property = Token::new_property(name);
    let value = if content::is_multiple(&content) {
        let array = Token::new_array();
        content::add(c.cx, &array, 0, &content)?;
        array
    } else {
        content::token_from(&content)?
    };
    content::assign_property(c.cx, &property, &value)?;
    Ok(property.value())
}

fn set_property_value(c: &mut Call<'_>) -> Result<Value> {
    let (token, value) = (me(c)?, content::or_null(c.arg(1)));
    content::assign_property(c.cx, &token, &value)?;
    Ok(Value::Null)
}

fn define_property(b: &mut Builder) {
    b.class(names::JPROPERTY)
        .base("JContainer")
        .def("new(JProperty other)", copy)
        .def("new(string name, params object[] content)", new_property)
        .def("new(string name, object content)", new_property)
        .def("string Name", |c| Ok(me(c)?.property_name().map_or(Value::Null, |n| Value::Str(n.clone()))))
        .get_set("JToken Value", |c| Ok(or_null(me(c)?.property_value())), set_property_value);
}

pub(super) fn define(b: &mut Builder) {
    b.class(names::JCONTAINER)
        .base("JToken")
        .def("int Count", |c| Ok(index(me(c)?.child_count())))
        .def("void Add(object content)", add)
        .def("void AddFirst(object content)", add_first)
        .def("void RemoveAll()", remove_all)
        .def("void ReplaceAll(object content)", replace_all)
        .def("IEnumerable<JToken> Descendants()", |c| all_below(c, false))
        .def("IEnumerable<JToken> DescendantsAndSelf()", |c| all_below(c, true))
        .def("void Merge(object content)", merge::merge)
        .def("void Merge(object content, JsonMergeSettings settings)", merge::merge);
    define_object(b);
    define_array(b);
    define_constructor(b);
    define_property(b);
}
