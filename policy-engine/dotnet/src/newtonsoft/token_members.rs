//! Members of `JToken`, which every token has.
use std::sync::Arc;

use super::content;
use super::conversion::{self, JTOKEN, explicit, value_as};
use super::load::{self, Root};
use super::names;
use super::object_face::{Part, children, sequence_of, walk};
use super::position::{self, Step};
use super::scalar::{JTOKEN_TYPE, Kind};
use super::token::{Body, Token};
use super::{deserialize, path, serialize, write};
use crate::collections::annotations::annotated;
use crate::collections::cast;
use crate::collections::comparer::{Rules, new_comparer};
use crate::exception::{Exception, Result};
use crate::member::{Call, Known, Ready};
use crate::table::Builder;
use crate::types::Type;
use crate::value::{Str, Value};

/// The receiver.
pub(super) fn me(c: &Call<'_>) -> Result<Arc<Token>> {
    Token::of(c.arg(0)).ok_or_else(Exception::null_reference)
}

pub(super) fn or_null(token: Option<Arc<Token>>) -> Value {
    token.map_or(Value::Null, Token::value)
}

pub(super) fn parse(c: &mut Call<'_>, root: Root) -> Result<Value> {
    let text = c.str_or_null(0).ok_or_else(|| Exception::argument_null("s"))?;
    load::parse(c.cx, &text, root).map(Token::value)
}

/// `Path`
pub(super) fn path_of(token: &Arc<Token>) -> String {
    let (mut steps, mut at) = (Vec::new(), token.clone());
    if let Some(name) = at.property_name().cloned()
        && at.link().parent.is_some()
    {
        steps.push((Some(name), 0));
    }
    loop {
        let link = at.link();
        let Some(parent) = link.parent else { break };
        match (&parent.body, link.name) {
            (Body::Array(_), _) => {
                steps.push((None, parent.child_index(&at).and_then(|i| i64::try_from(i).ok()).unwrap_or(-1)));
            }
            (Body::Object(_), Some(name)) => steps.push((Some(name), 0)),
            (Body::Property { name, .. }, _) => steps.push((Some(name.clone()), 0)),
            _ => {}
        }
        at = parent;
    }
    position::join(steps.iter().rev().map(|(name, index)| match name {
        Some(name) => Step::Name(name),
        None => Step::Index(*index),
    }))
}

/// How `MiscellaneousUtils.ToString` shows a key.
fn shown(c: &mut Call<'_>, key: &Value) -> Result<Str> {
    match key {
        Value::Null => Ok("{null}".into()),
        Value::Str(s) => Ok(format!("\"{s}\"").into()),
        other => crate::object::text(c.cx, other),
    }
}

fn invalid_key(c: &mut Call<'_>, verb: &str, key: &Value, kind: Kind) -> Exception {
    let key = match shown(c, key) {
        Ok(text) => text,
        Err(e) => return e,
    };
    let (what, rest) = match kind {
        Kind::Object => ("JObject", "Object property name expected."),
        Kind::Constructor => ("JConstructor", "Argument position index expected."),
        _ => ("JArray", "Int32 array index expected."),
    };
    Exception::argument_message(format!("{verb} {what} values with invalid key value: {key}. {rest}"))
}

/// `token[key]` on any token.
pub(super) fn get(c: &mut Call<'_>) -> Result<Value> {
    let (token, key) = (me(c)?, c.take(1));
    get_key(c, &token, &key)
}

/// `token["name"]`
pub(super) fn prepare_get(known: &Known<'_>) -> Option<Ready> {
    let name = known.text(1).filter(|_| known.arg(0).is_none())?.clone();
    Some(Ready::new(move |cx, args| {
        let token = args.first().and_then(|v| Token::of(v)).ok_or_else(Exception::null_reference)?;
        match &token.body {
            Body::Object(_) => Ok(or_null(token.member(&name))),
            _ => get_key(&mut Call { cx, types: &[], args: &mut [] }, &token, &Value::Str(name.clone())),
        }
    }))
}

fn get_key(c: &mut Call<'_>, token: &Arc<Token>, key: &Value) -> Result<Value> {
    if key.is_null() {
        return Err(Exception::argument_null("key"));
    }
    match (&token.body, key) {
        (Body::Object(_), Value::Str(name)) => Ok(or_null(token.member(name))),
        (Body::Array(_), Value::Int32(n)) => item(token, *n),
        (Body::Object(_), other) => Err(invalid_key(c, "Accessed", other, token.kind())),
        (Body::Array(_), other) => Err(invalid_key(c, "Accessed", other, token.kind())),
        _ => Err(Exception::invalid_operation(format!(
            "Cannot access child value on {}.",
            content::type_of(token).clr_name()
        ))),
    }
}

pub(super) fn item(token: &Arc<Token>, n: i32) -> Result<Value> {
    let found = usize::try_from(n).ok().and_then(|n| token.item(n));
    found.map(Token::value).ok_or_else(crate::collections::list::index_out_of_range)
}

/// `token[key] = value`
pub(super) fn set(c: &mut Call<'_>) -> Result<Value> {
    let (token, key, value) = (me(c)?, c.take(1), content::or_null(c.arg(2)));
    if key.is_null() {
        return Err(Exception::argument_null("key"));
    }
    match (&token.body, &key) {
        (Body::Object(_), Value::Str(name)) => content::set_member(c.cx, &token, name, &value)?,
        (Body::Array(_), Value::Int32(n)) => content::set_at(c.cx, &token, *n, &value)?,
        (Body::Object(_), other) => return Err(invalid_key(c, "Set", other, token.kind())),
        (Body::Array(_), other) => return Err(invalid_key(c, "Set", other, token.kind())),
        _ => {
            let ty = content::type_of(&token).clr_name();
            return Err(Exception::invalid_operation(format!("Cannot set child value on {ty}.")));
        }
    }
    Ok(Value::Null)
}

/// `token.Value<T>(key)`
fn value_of_key(c: &mut Call<'_>) -> Result<Value> {
    let (token, key, target) = (me(c)?, c.take(1), c.ty(0));
    match Token::of(&get_key(c, &token, &key)?) {
        Some(found) => value_as(c.cx, &found, &target),
        None => Ok(cast::default_value(c.cx.types(), &target)),
    }
}

fn sibling(token: &Arc<Token>, next: bool) -> Option<Arc<Token>> {
    let parent = token.parent()?;
    let at = parent.child_index(token)?;
    parent.child(if next { at.checked_add(1)? } else { at.checked_sub(1)? })
}

fn edge(token: &Arc<Token>, last: bool) -> Result<Value> {
    if !token.is_container() {
        let ty = content::type_of(token).clr_name();
        return Err(Exception::invalid_operation(format!("Cannot access child value on {ty}.")));
    }
    let at = if last { token.child_count().checked_sub(1) } else { Some(0) };
    Ok(or_null(at.and_then(|at| token.child(at))))
}

/// Ancestors, nearest first.
fn ancestors(token: &Arc<Token>, with_self: bool) -> Vec<Value> {
    let mut all = Vec::new();
    let mut at = if with_self { Some(token.clone()) } else { token.parent() };
    while let Some(t) = at {
        at = t.parent();
        all.push(t.value());
    }
    all
}

/// Siblings after or before a token.
fn siblings(token: &Arc<Token>, after: bool) -> Vec<Value> {
    let Some(parent) = token.parent() else { return Vec::new() };
    let Some(at) = parent.child_index(token) else { return Vec::new() };
    let range = if after { at.saturating_add(1)..parent.child_count() } else { 0..at };
    range.filter_map(|i| parent.child(i)).map(Token::value).collect()
}

fn tokens(items: Vec<Value>) -> Value {
    sequence_of(Type::enumerable(JTOKEN), items)
}

/// `Children<T>()`: the children that are a `T`.
fn children_of_type(c: &mut Call<'_>) -> Result<Value> {
    let (token, ty) = (me(c)?, c.ty(0));
    let mut source = walk(&token, Part::Children);
    let mut found = Vec::new();
    while let Some(item) = source.next(c.cx)? {
        c.cx.charge_steps(1)?;
        if cast::is_instance(c.cx.types(), &item, &ty) {
            found.push(item);
        }
    }
    Ok(sequence_of(Type::generic(names::JENUMERABLE_T, [ty]), found))
}

/// `Values<T>()`: the children converted.
fn values_of_type(c: &mut Call<'_>) -> Result<Value> {
    let (token, ty) = (me(c)?, c.ty(0));
    if !token.is_container() {
        let ty = content::type_of(&token).clr_name();
        return Err(Exception::invalid_operation(format!("Cannot access child value on {ty}.")));
    }
    let (mut converted, mut source) = (Vec::new(), walk(&token, Part::Children));
    while let Some(item) = source.next(c.cx)? {
        c.cx.charge_steps(1)?;
        if let Some(child) = Token::of(&item) {
            converted.push(value_as(c.cx, &child, &ty)?);
        }
    }
    Ok(sequence_of(Type::enumerable(ty), converted))
}

/// `ToString(formatting)`; a value is written as JSON, a text in quotes.
fn to_string_formatted(c: &mut Call<'_>) -> Result<Value> {
    let (token, indented) = (me(c)?, c.int(1)? == 1);
    write::to_text(c.cx, &token, indented).map(Value::Str)
}

fn select_token(c: &mut Call<'_>) -> Result<Value> {
    let (token, text) = (me(c)?, c.str_or_null(1));
    let must = matches!(c.arg(2), Value::Bool(true));
    let found = path::select(c.cx, &token, text, must)?;
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(Exception::json("Path returned multiple tokens.")),
        (first, None) => Ok(or_null(first)),
    }
}

fn select_tokens(c: &mut Call<'_>) -> Result<Value> {
    let (token, text) = (me(c)?, c.str_or_null(1));
    let must = matches!(c.arg(2), Value::Bool(true));
    let is_root = text.as_deref().is_some_and(path::is_root);
    let found: Vec<Value> = path::select(c.cx, &token, text, must)?.into_iter().map(Token::value).collect();
    Ok(if is_root { crate::collections::new_array(JTOKEN, found) } else { tokens(found) })
}

fn deep_equals(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(match (Token::of(c.arg(0)), Token::of(c.arg(1))) {
        (Some(a), Some(b)) => content::deep_equals(&a, &b),
        (None, None) => true,
        _ => false,
    }))
}

/// `JToken.FromObject`, `JObject.FromObject`, `JArray.FromObject`.
pub(super) fn from_object(c: &mut Call<'_>, wanted: Option<Kind>) -> Result<Value> {
    let value = c.take(0);
    if value.is_null() {
        return Err(Exception::argument_null("o"));
    }
    let token = serialize::to_token(c.cx, &value)?;
    match wanted {
        Some(kind) if token.kind() != kind => Err(Exception::argument_message(format!(
            "Object serialized to {}. J{} instance expected.",
            token.kind().name(),
            kind.name()
        ))),
        _ => Ok(token.value()),
    }
}

fn to_object(c: &mut Call<'_>) -> Result<Value> {
    let (token, target) = (me(c)?, c.ty(0));
    deserialize::token_to(c.cx, &token, &target)
}

/// `ToObject(typeof(T))`
fn to_object_by_type(c: &mut Call<'_>) -> Result<Value> {
    let token = me(c)?;
    let target = crate::object::as_type(c.arg(1)).ok_or_else(|| Exception::argument_null("objectType"))?;
    deserialize::token_to(c.cx, &token, &target)
}

/// `ToObject(typeof(T), serializer)`; without a type, what the token holds by nature.
fn to_object_by_serializer(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(2).is_null() {
        return Err(Exception::argument_null("jsonSerializer"));
    }
    let token = me(c)?;
    let target = crate::object::as_type(c.arg(1)).unwrap_or(Type::OBJECT);
    deserialize::token_by_serializer(c.cx, &token, &target)
}

/// `ToObject<T>(serializer)`
fn to_object_serialized(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("jsonSerializer"));
    }
    let (token, target) = (me(c)?, c.ty(0));
    deserialize::token_by_serializer(c.cx, &token, &target)
}

struct TokenRules;

impl Rules for TokenRules {
    fn equals(&self, a: &Value, b: &Value) -> bool {
        matches!((Token::of(a), Token::of(b)), (Some(x), Some(y)) if content::deep_equals(&x, &y))
            || (a.is_null() && b.is_null())
    }
    fn hash(&self, value: &Value) -> i32 {
        Token::of(value).and_then(|t| t.payload()).map_or(0, |p| content::deep_hash(&p, 0))
    }
    fn compare(&self, _: &mut dyn crate::Ambient, a: &Value, b: &Value) -> Result<std::cmp::Ordering> {
        crate::object::compare(a, b)
    }
}

/// The comparer by deep equality.
pub(super) fn token_rules() -> Value {
    new_comparer(Type::Simple(names::TOKEN_COMPARER), TokenRules)
}

fn token_comparer(_: &mut Call<'_>) -> Result<Value> {
    Ok(token_rules())
}

fn convert_first(c: &mut Call<'_>, target: &Type) -> Result<Value> {
    let token = c.take(0);
    explicit(c.cx, &token, target)
}

macro_rules! explicit_operators {
    ($b:ident, $($text:literal => $ty:expr;)*) => {
        $($b.class(names::JTOKEN).def(concat!("static explicit operator ", $text, "(JToken value)"), |c| convert_first(c, &$ty));)*
    };
}

macro_rules! implicit_operators {
    ($b:ident, $($text:literal)*) => {
        $($b.class(names::JTOKEN).def(concat!("static implicit operator JToken(", $text, " value)"), conversion::implicit);)*
    };
}

fn define_operators(b: &mut Builder) {
    implicit_operators!(b, "bool" "bool?" "byte" "byte?" "sbyte" "sbyte?" "short" "short?" "ushort" "ushort?" "int" "int?" "uint" "uint?"
        "long" "long?" "ulong" "ulong?" "float" "float?" "double" "double?" "decimal" "decimal?" "DateTime" "DateTime?"
        "DateTimeOffset" "DateTimeOffset?" "TimeSpan" "TimeSpan?" "Guid" "Guid?");
    b.class(names::JTOKEN)
        .def("static implicit operator JToken(string value)", |c| Ok(conversion::implicit_reference(c, Kind::String)))
        .def("static implicit operator JToken(byte[] value)", |c| Ok(conversion::implicit_reference(c, Kind::Bytes)))
        .def("static implicit operator JToken(Uri value)", |c| Ok(conversion::implicit_reference(c, Kind::Uri)));
    explicit_operators!(b,
        "string" => Type::STRING; "byte[]" => Type::array(Type::BYTE); "Uri" => Type::Simple(crate::types::TypeId("System.Uri"));
        "bool" => Type::BOOL; "bool?" => Type::nullable(Type::BOOL); "char" => Type::CHAR; "char?" => Type::nullable(Type::CHAR);
        "byte" => Type::BYTE; "byte?" => Type::nullable(Type::BYTE); "sbyte" => Type::SBYTE; "sbyte?" => Type::nullable(Type::SBYTE);
        "short" => Type::SHORT; "short?" => Type::nullable(Type::SHORT); "ushort" => Type::USHORT; "ushort?" => Type::nullable(Type::USHORT);
        "int" => Type::INT; "int?" => Type::nullable(Type::INT); "uint" => Type::UINT; "uint?" => Type::nullable(Type::UINT);
        "long" => Type::LONG; "long?" => Type::nullable(Type::LONG); "ulong" => Type::ULONG; "ulong?" => Type::nullable(Type::ULONG);
        "float" => Type::FLOAT; "float?" => Type::nullable(Type::FLOAT); "double" => Type::DOUBLE; "double?" => Type::nullable(Type::DOUBLE);
        "decimal" => Type::DECIMAL; "decimal?" => Type::nullable(Type::DECIMAL);
        "DateTime" => Type::DATE_TIME; "DateTime?" => Type::nullable(Type::DATE_TIME);
        "DateTimeOffset" => Type::DATE_TIME_OFFSET; "DateTimeOffset?" => Type::nullable(Type::DATE_TIME_OFFSET);
        "TimeSpan" => Type::TIME_SPAN; "TimeSpan?" => Type::nullable(Type::TIME_SPAN);
        "Guid" => Type::GUID; "Guid?" => Type::nullable(Type::GUID);
    );
}

fn define_navigation(b: &mut Builder) {
    b.class(names::JTOKEN)
        .implements(&["IEnumerable<JToken>", "IEnumerable"])
        .def("JTokenType Type", |c| Ok(Value::Enum(JTOKEN_TYPE, me(c)?.kind() as i32)))
        .def("bool HasValues", |c| Ok(Value::Bool(me(c)?.child_count() > 0)))
        .def("string Path", |c| Ok(Value::str(path_of(&me(c)?))))
        .def("JContainer Parent", |c| Ok(or_null(me(c)?.parent())))
        .def("JToken Root", |c| Ok(me(c)?.top().value()))
        .def("JToken Next", |c| Ok(or_null(sibling(&me(c)?, true))))
        .def("JToken Previous", |c| Ok(or_null(sibling(&me(c)?, false))))
        .def("JToken First", |c| edge(&me(c)?, false))
        .def("JToken Last", |c| edge(&me(c)?, true))
        .get_set("JToken this[object key]", get, set)
        .prepare(prepare_get)
        .def("T Value<T>(object key)", value_of_key)
        .def("IEnumerable<T> Values<T>()", values_of_type)
        .def("JEnumerable<JToken> Children()", |c| Ok(children(&me(c)?)))
        .def("JEnumerable<T> Children<T>()", children_of_type)
        .def("IEnumerable<JToken> Ancestors()", |c| Ok(tokens(ancestors(&me(c)?, false))))
        .def("IEnumerable<JToken> AncestorsAndSelf()", |c| Ok(tokens(ancestors(&me(c)?, true))))
        .def("IEnumerable<JToken> AfterSelf()", |c| Ok(tokens(siblings(&me(c)?, true))))
        .def("IEnumerable<JToken> BeforeSelf()", |c| Ok(tokens(siblings(&me(c)?, false))))
        .def("JToken SelectToken(string path)", select_token)
        .def("JToken SelectToken(string path, bool errorWhenNoMatch)", select_token)
        .def("IEnumerable<JToken> SelectTokens(string path)", select_tokens)
        .def("IEnumerable<JToken> SelectTokens(string path, bool errorWhenNoMatch)", select_tokens);
}

fn define_changes(b: &mut Builder) {
    annotated!(b.class(names::JTOKEN), |c, make| Ok(me(c)?.notes(make)))
        .def("void AddAfterSelf(object content)", |c| {
            let (token, content) = (me(c)?, c.take(1));
            content::add_beside(c.cx, &token, true, &content).map(|()| Value::Null)
        })
        .def("void AddBeforeSelf(object content)", |c| {
            let (token, content) = (me(c)?, c.take(1));
            content::add_beside(c.cx, &token, false, &content).map(|()| Value::Null)
        })
        .def("void Remove()", |c| content::remove(&me(c)?).map(|()| Value::Null))
        .def("void Replace(JToken value)", |c| {
            let (token, value) = (me(c)?, content::or_null(c.arg(1)));
            content::replace(c.cx, &token, &value).map(|()| Value::Null)
        })
        .def("JToken DeepClone()", |c| {
            let token = me(c)?;
            content::deep_clone(c.cx, &token).map(Token::value)
        });
}

pub(super) fn define(b: &mut Builder) {
    b.enumeration(JTOKEN_TYPE, false, super::scalar::KIND_NAMES);
    define_navigation(b);
    define_changes(b);
    define_operators(b);
    b.class(names::JTOKEN)
        .def("string ToString(Formatting formatting)", to_string_formatted)
        .def("T ToObject<T>()", to_object)
        .def("T ToObject<T>(JsonSerializer jsonSerializer)", to_object_serialized)
        .def("object ToObject(Type objectType)", to_object_by_type)
        .def("object ToObject(Type objectType, JsonSerializer jsonSerializer)", to_object_by_serializer)
        .def("static JToken Parse(string json)", |c| parse(c, Root::Any))
        .def("static JToken Parse(string json, JsonLoadSettings settings)", |c| parse(c, Root::Any))
        .def("static JToken FromObject(object o)", |c| from_object(c, None))
        .def("static JToken FromObject(object o, JsonSerializer jsonSerializer)", |c| from_object(c, None))
        .def("static bool DeepEquals(JToken t1, JToken t2)", deep_equals)
        .def("static JTokenEqualityComparer EqualityComparer", token_comparer);
    b.class(names::TOKEN_COMPARER)
        .implements(&["IEqualityComparer<JToken>"])
        .def("new()", token_comparer)
        .def("bool Equals(JToken x, JToken y)", crate::collections::comparer::equals)
        .def("int GetHashCode(JToken obj)", crate::collections::comparer::hash);
    b.class(names::JENUMERABLE_T)
        .params(&["out T"])
        .implements(&["IEnumerable<T>", "IEnumerable"])
        .def("JEnumerable<JToken> this[object key]", super::extensions::values_by_key)
        .def("IEnumerator<T> GetEnumerator()", crate::collections::enumerator::get_enumerator);
}
