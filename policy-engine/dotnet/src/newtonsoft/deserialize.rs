//! From JSON to .NET values: `JsonConvert.DeserializeObject<T>` and `ToObject<T>`.
use std::sync::Arc;

use super::deserialize_text::{locate, settle, settled};
use super::position::{self, Step};
use super::scalar::{Digits, Kind, Scalar};
use super::token::{Payload, Token};
use super::{content, conversion, dates, names};
use crate::ambient::Ambient;
use crate::collections::comparer::Equality;
use crate::collections::dictionary::with_equality;
use crate::collections::hash_set::new_set;
use crate::collections::key_value_pair::new_pair;
use crate::collections::list::new_list;
use crate::collections::names as collection_names;
use crate::collections::{anonymous, array, cast, tuple};
use crate::exception::{Exception, Result};
use crate::number::parse::{self, style};
use crate::object;
use crate::system::{convert, date_parse};
use crate::table::TypeKind;
use crate::types::{Type, TypeId, ids};
use crate::utf16;
use crate::value::{Str, Value};

const ROUND_TRIP: i32 = 128;

/// `token.ToObject<T>()`
pub(super) fn token_to(cx: &mut dyn Ambient, token: &Arc<Token>, target: &Type) -> Result<Value> {
    let inner = target.nullable_of().unwrap_or(target);
    if conversion::has_operator(inner) && *inner != Type::array(Type::BYTE) {
        return conversion::explicit(cx, &token.clone().value(), target);
    }
    let is_enum = |id| cx.types().get(id).is_some_and(|d| matches!(d.kind, TypeKind::Enum { .. }));
    if let Some(id) = inner.id().filter(|id| is_enum(*id)) {
        return to_enum(cx, token, id, target);
    }
    token_by_serializer(cx, token, target)
}

/// `ToObject<T>(serializer)`: no short cut for values, whose failures are those of reading JSON.
pub(super) fn token_by_serializer(cx: &mut dyn Ambient, token: &Arc<Token>, target: &Type) -> Result<Value> {
    let prefix = super::token_members::path_of(token);
    let value = token.property_value().unwrap_or_else(|| token.clone());
    let Some(payload) = value.payload() else { return Ok(Value::Null) };
    Mapper { cx, path: Vec::new(), source: Source::Token(prefix), dates: true }.map(&payload, target)
}

/// A text by its name, anything else as its number.
fn to_enum(cx: &mut dyn Ambient, token: &Arc<Token>, id: TypeId, target: &Type) -> Result<Value> {
    if let Some(Scalar { kind: Kind::String, value: Value::Str(text) }) = token.as_scalar() {
        return enum_by_name(cx, id, &text).map(|n| Value::Enum(id, n)).ok_or_else(|| {
            Exception::argument_message(format!("Could not convert '{text}' to {}.", id.simple_name()))
        });
    }
    let number = if target.nullable_of().is_some() { Type::nullable(Type::INT) } else { Type::INT };
    Ok(match conversion::explicit(cx, &token.clone().value(), &number)? {
        Value::Int32(n) => Value::Enum(id, n),
        other => other,
    })
}

fn enum_by_name(cx: &dyn Ambient, id: TypeId, text: &str) -> Option<i32> {
    let values = &cx.types().get(id)?.enum_values;
    values.iter().find(|(n, _)| n.eq_ignore_ascii_case(text.trim())).map(|(_, v)| *v)
}

/// Is it `JToken` or a class below it?
pub(super) fn is_token_type(ty: &Type) -> bool {
    let containers = [names::JCONTAINER, names::JOBJECT, names::JARRAY, names::JCONSTRUCTOR, names::JPROPERTY];
    matches!(ty, Type::Simple(id) if *id == names::JTOKEN || *id == names::JVALUE || containers.contains(id))
}

/// Maps what was read from a text.
pub(super) fn map_text(
    cx: &mut dyn Ambient,
    text: &str,
    dates: bool,
    payload: &Payload,
    target: &Type,
) -> Result<Value> {
    Mapper { cx, path: Vec::new(), source: Source::Text(text), dates }.map(payload, target)
}

struct Mapper<'a> {
    cx: &'a mut dyn Ambient,
    path: Vec<PathStep>,
    source: Source<'a>,
    /// Texts that are dates become dates where the type leaves it open.
    dates: bool,
}

/// What is mapped: decides the wording of errors and where they point to.
enum Source<'a> {
    Text(&'a str),
    /// With the path of the token.
    Token(String),
}

enum PathStep {
    Name(Str),
    Index(usize),
}

impl Mapper<'_> {
    fn reads_text(&self) -> bool {
        matches!(self.source, Source::Text(_))
    }

    /// The message with its path and, for a text, the place.
    fn at(&self, message: &str) -> Str {
        let path = position::join(self.path.iter().map(|s| match s {
            PathStep::Name(n) => Step::Name(n),
            PathStep::Index(n) => Step::Index(i64::try_from(*n).unwrap_or(i64::MAX)),
        }));
        match &self.source {
            Source::Text(text) => position::message(message, &path, locate(text, &path)),
            Source::Token(prefix) => {
                let dot = if prefix.is_empty() || path.is_empty() || path.starts_with('[') { "" } else { "." };
                position::message(message, &format!("{prefix}{dot}{path}"), None)
            }
        }
    }

    /// `JsonReaderException` of a container where a scalar is wanted.
    fn not_scalar(&self, payload: &Payload, target: &Type) -> Exception {
        let (c, token) = if matches!(payload, Payload::Array(_)) { ('[', "StartArray") } else { ('{', "StartObject") };
        if self.reads_text() {
            return self.unreadable(&format!("Unexpected character encountered while parsing value: {c}."));
        }
        let what = match target.id() {
            Some(ids::STRING) => "string",
            Some(ids::DOUBLE) => "double",
            Some(ids::DECIMAL) => "decimal",
            Some(ids::BOOLEAN) => "boolean",
            Some(ids::DATE_TIME | ids::DATE_TIME_OFFSET) => "date",
            None => "bytes",
            _ => "integer",
        };
        self.unreadable(&format!("Error reading {what}. Unexpected token: {token}."))
    }

    fn failed(&self, text: &str) -> Exception {
        Exception::json_serialization(self.at(text))
    }

    fn unreadable(&self, text: &str) -> Exception {
        Exception::json_reader(self.at(text))
    }

    /// Maps the value of a step.
    fn inside(&mut self, step: PathStep, payload: &Payload, target: &Type) -> Result<Value> {
        self.path.push(step);
        let value = self.map(payload, target)?;
        self.path.pop();
        Ok(value)
    }

    fn map(&mut self, payload: &Payload, target: &Type) -> Result<Value> {
        self.cx.charge_steps(1)?;
        self.cx.enter()?;
        let value = self.map_unbounded(payload, target);
        self.cx.leave();
        value
    }

    fn map_unbounded(&mut self, payload: &Payload, target: &Type) -> Result<Value> {
        if is_token_type(target) {
            return self.token(payload, target);
        }
        if matches!(payload, Payload::Array(data) if data.is_constructor()) {
            return Err(self.failed(&format!("A JSON constructor cannot be read as '{}'.", target.clr_name())));
        }
        if *target == Type::OBJECT {
            return self.untyped(payload);
        }
        // An empty text is no value for whatever can be null, but for texts and bytes.
        let holds_text = *target == Type::STRING || *target == Type::array(Type::BYTE);
        if !holds_text && is_empty_text(payload) && !self.cx.types().is_value_type(target) {
            return Ok(Value::Null);
        }
        if let Some(inner) = target.nullable_of() {
            return if is_null(payload) || is_empty_text(payload) { Ok(Value::Null) } else { self.map(payload, inner) };
        }
        if is_null(payload) {
            return if self.cx.types().is_value_type(target) {
                Err(self.failed(&format!("Error converting value {{null}} to type '{}'.", target.clr_name())))
            } else {
                Ok(Value::Null)
            };
        }
        match payload {
            Payload::Scalar(s) => self.scalar(s, target),
            Payload::Array(_) => self.array(payload, target),
            Payload::Object(_) if *target == Type::array(Type::BYTE) => Err(self.not_scalar(payload, target)),
            Payload::Object(_) => self.object(payload, target),
        }
    }

    /// A copy as a token, with its dates read.
    fn token(&mut self, payload: &Payload, target: &Type) -> Result<Value> {
        if is_null(payload) && !matches!(target, Type::Simple(names::JTOKEN | names::JVALUE)) {
            return Ok(Value::Null);
        }
        let copy = content::clone_payload(self.cx, payload, self.path.len())?;
        let copy = match &copy {
            Payload::Scalar(s) if self.reads_text() => Payload::Scalar(settled(s, self.dates)),
            _ if self.reads_text() => {
                settle(&copy, self.dates);
                copy
            }
            _ => copy,
        };
        let token = Token::of_payload(&copy).value();
        if !cast::is_instance(self.cx.types(), &token, target) {
            return Err(Exception::invalid_cast(&token.net_type(), target));
        }
        Ok(token)
    }

    fn untyped(&mut self, payload: &Payload) -> Result<Value> {
        match payload {
            Payload::Scalar(s) if self.reads_text() => Ok(settled(s, self.dates).value),
            Payload::Scalar(s) => Ok(s.value.clone()),
            _ => self.token(payload, &Type::Simple(names::JTOKEN)),
        }
    }

    // --- scalars ---

    fn scalar(&mut self, s: &Scalar, target: &Type) -> Result<Value> {
        let with_digits = match (s.value.as_object::<Digits>(), target.id()) {
            (None, _) => s.clone(),
            (Some(digits), Some(ids::STRING)) => return Ok(Value::Str(digits.text.clone())),
            (Some(digits), Some(ids::DECIMAL)) => match parse::decimal(&digits.text, style::FLOAT) {
                Ok(n) => return Ok(Value::Decimal(n)),
                Err(_) => {
                    return Err(self.unreadable(&format!("Input string '{}' is not a valid decimal.", digits.text)));
                }
            },
            (Some(digits), _) => Scalar::new(Kind::Float, Value::Double(digits.value)),
        };
        let s = &with_digits;
        let Some(id) = target.id() else { return self.other_scalar(s, target) };
        match id {
            ids::STRING => match (&s.value, self.reads_text()) {
                (Value::Bool(b), true) => Ok(Value::str(if *b { "true" } else { "false" })),
                (value, _) => object::text(self.cx, value).map(Value::Str),
            },
            ids::INT32 => self.number(s, target, "integer"),
            // A text is read as `int` for the smaller ones too.
            ids::INT16 | ids::UINT16 | ids::BYTE | ids::SBYTE if self.reads_text() => {
                match self.number(s, &Type::INT, "integer")? {
                    Value::Int32(n) => self.converted(&Scalar::new(Kind::Integer, Value::Int64(n.into())), target),
                    other => Ok(other),
                }
            }
            ids::DOUBLE => self.number(s, target, "double"),
            ids::DECIMAL => self.number(s, target, "decimal"),
            ids::BOOLEAN => match &s.value {
                Value::Str(text) => match text.trim().to_ascii_lowercase().as_str() {
                    "true" => Ok(Value::Bool(true)),
                    "false" => Ok(Value::Bool(false)),
                    _ => Err(self.unreadable(&format!("Could not convert string to boolean: {text}."))),
                },
                _ => self.converted(s, target),
            },
            ids::DATE_TIME | ids::DATE_TIME_OFFSET => self.date(s, target),
            ids::CHAR => match &s.value {
                Value::Str(text) if utf16::len(text) == 1 => Ok(Value::Char(utf16::unit(text, 0).unwrap_or_default())),
                Value::Int64(_) => self.converted(s, target),
                _ => Err(self.not_convertible(s, target)),
            },
            _ => self.other_scalar(s, target),
        }
    }

    /// Kinds that are read by `ReadAsInt32` and its like.
    fn number(&mut self, s: &Scalar, target: &Type, what: &str) -> Result<Value> {
        match (s.kind, &s.value) {
            (Kind::String, Value::Str(text)) if text.is_empty() => {
                Err(self.failed(&format!("Error converting value {{null}} to type '{}'.", target.clr_name())))
            }
            (Kind::String, Value::Str(text)) => convert::to_type(self.cx, s.value.clone(), target).map_err(|e| {
                if e.is_limit() { e } else { self.unreadable(&format!("Could not convert string to {what}: {text}.")) }
            }),
            (Kind::Float, _) if self.reads_text() && *target == Type::INT => {
                Err(self.unreadable(&format!("Input string '{}' is not a valid integer.", s.shown())))
            }
            (Kind::Integer, _) if self.reads_text() && *target == Type::INT => {
                convert::to_type(self.cx, s.value.clone(), target).map_err(|_| {
                    self.unreadable(&format!("JSON integer {} is too large or small for an Int32.", s.shown()))
                })
            }
            (Kind::Integer | Kind::Float, _) => self.converted(s, target),
            (Kind::Boolean, _) if self.reads_text() => {
                let letter = if matches!(s.value, Value::Bool(true)) { 't' } else { 'f' };
                Err(self.unreadable(&format!("Unexpected character encountered while parsing value: {letter}.")))
            }
            _ => self.converted(s, target),
        }
    }

    fn not_convertible(&self, s: &Scalar, target: &Type) -> Exception {
        let shown = match &s.value {
            Value::Null => "{null}".to_owned(),
            Value::Str(text) => format!("\"{text}\""),
            _ => s.shown(),
        };
        self.failed(&format!("Error converting value {shown} to type '{}'.", target.clr_name()))
    }

    fn converted(&mut self, s: &Scalar, target: &Type) -> Result<Value> {
        let as_token = Token::scalar(s.clone()).value();
        let made = if conversion::has_operator(target) {
            conversion::explicit(self.cx, &as_token, target)
        } else {
            convert::to_type(self.cx, s.value.clone(), target)
        };
        made.map_err(|e| if e.is_limit() { e } else { self.not_convertible(s, target).with_cause(e) })
    }

    fn date(&mut self, s: &Scalar, target: &Type) -> Result<Value> {
        let Value::Str(text) = &s.value else { return self.converted(s, target) };
        if let Some(date) = dates::read(text).filter(|_| *target == Type::DATE_TIME) {
            return Ok(Value::DateTime(date));
        }
        let (name, read) = if *target == Type::DATE_TIME {
            ("DateTime", date_parse::date_time(self.cx, text, ROUND_TRIP).map(Value::DateTime))
        } else {
            ("DateTimeOffset", date_parse::date_time_offset(self.cx, text, ROUND_TRIP).map(Value::DateTimeOffset))
        };
        read.map_err(|e| {
            if e.is_limit() { e } else { self.unreadable(&format!("Could not convert string to {name}: {text}.")) }
        })
    }

    fn other_scalar(&mut self, s: &Scalar, target: &Type) -> Result<Value> {
        let is_enum = |id| self.cx.types().get(id).is_some_and(|d| matches!(d.kind, TypeKind::Enum { .. }));
        if let Some(id) = target.id().filter(|id| is_enum(*id)) {
            let number = match &s.value {
                Value::Int64(n) => i32::try_from(*n).ok(),
                Value::Int32(n) => Some(*n),
                v => v.as_str().and_then(|t| enum_by_name(self.cx, id, t)),
            };
            return number.map(|n| Value::Enum(id, n)).ok_or_else(|| self.not_convertible(s, target));
        }
        if *target == Type::array(Type::BYTE) {
            return match s.kind {
                Kind::String | Kind::Bytes => conversion::explicit(self.cx, &Token::scalar(s.clone()).value(), target),
                kind => Err(self.unreadable(&format!("Error reading bytes. Unexpected token: {}.", kind.name()))),
            };
        }
        if cast::is_instance(self.cx.types(), &s.value, target) {
            return Ok(s.value.clone());
        }
        if conversion::has_operator(target) {
            return self.converted(s, target);
        }
        Err(self.not_convertible(s, target))
    }

    // --- containers ---

    fn array(&mut self, payload: &Payload, target: &Type) -> Result<Value> {
        let (item, kind) = match target {
            Type::Array(item) => ((**item).clone(), SequenceKind::Array),
            Type::Generic(id, args) => match (sequence_kind(*id), args.first()) {
                (Some(kind), Some(item)) => (item.clone(), kind),
                _ => return Err(self.wrong_container("array", "object", target)),
            },
            Type::Simple(id) if conversion::has_operator(target) || keyword_like(*id) => {
                return Err(self.not_scalar(payload, target));
            }
            _ => return Err(self.wrong_container("array", "object", target)),
        };
        let Payload::Array(data) = payload else { return Ok(Value::Null) };
        let parts: Vec<Payload> = data.0.read_recursive().list.iter().map(|s| s.payload.clone()).collect();
        self.cx.charge_bytes(parts.len().saturating_mul(size_of::<Payload>()))?;
        let mut items = Vec::with_capacity(parts.len());
        for (i, part) in parts.iter().enumerate() {
            items.push(self.inside(PathStep::Index(i), part, &item)?);
        }
        match kind {
            SequenceKind::Array => Ok(array::new_array(item, items)),
            SequenceKind::List => Ok(new_list(item, items)),
            SequenceKind::Set => new_set(self.cx, item, items, Equality::default()),
        }
    }

    fn members(&self, payload: &Payload) -> Vec<(Str, Payload)> {
        match payload {
            Payload::Object(data) => {
                data.0.read_recursive().list.iter().map(|m| (m.name.clone(), m.slot.payload.clone())).collect()
            }
            _ => Vec::new(),
        }
    }

    fn object(&mut self, payload: &Payload, target: &Type) -> Result<Value> {
        let members = self.members(payload);
        self.cx.charge_bytes(members.len().saturating_mul(size_of::<Payload>()))?;
        match target {
            Type::Generic(id, args) if is_dictionary(*id) => {
                let (Some(key), Some(value)) = (args.first(), args.get(1)) else { return Ok(Value::Null) };
                self.dictionary(&members, key, value)
            }
            Type::Generic(ids::KEY_VALUE_PAIR_T, args) => {
                let mut part = |n: usize, name: &str| match args.get(n) {
                    Some(ty) => self.field(&members, name, ty),
                    None => Ok(Value::Null),
                };
                let (key, value) = (part(0, "Key")?, part(1, "Value")?);
                Ok(new_pair(target, key, value))
            }
            Type::Anonymous(shape) => {
                let mut values = Vec::new();
                for (name, ty) in &shape.fields {
                    values.push(self.field(&members, name, ty)?);
                }
                Ok(anonymous::new_anonymous(shape.clone(), values))
            }
            Type::Tuple(t) => {
                let mut values = Vec::new();
                for (i, ty) in t.items.iter().enumerate() {
                    values.push(self.field(&members, &format!("Item{}", i.saturating_add(1)), ty)?);
                }
                Ok(tuple::of_type(t.clone(), values))
            }
            Type::Array(_) => Err(self.wrong_container("object", "array", target)),
            Type::Generic(id, _) if sequence_kind(*id).is_some() => {
                Err(self.wrong_container("object", "array", target))
            }
            Type::Simple(id) if conversion::has_operator(target) || keyword_like(*id) => {
                Err(self.not_scalar(payload, target))
            }
            _ => Err(self.failed(&format!(
                "Could not create an instance of type {}. This type cannot be made from JSON.",
                target.clr_name()
            ))),
        }
    }

    /// A member by its name, else without regard to case; a missing one is the default.
    fn field(&mut self, members: &[(Str, Payload)], name: &str, ty: &Type) -> Result<Value> {
        let exact = members.iter().find(|(n, _)| &**n == name);
        match exact.or_else(|| members.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))) {
            Some((n, payload)) => self.inside(PathStep::Name(n.clone()), payload, ty),
            None => Ok(cast::default_value(self.cx.types(), ty)),
        }
    }

    fn dictionary(&mut self, members: &[(Str, Payload)], key: &Type, value: &Type) -> Result<Value> {
        let made = with_equality(key.clone(), value.clone(), Equality::default());
        for (name, payload) in members {
            let name_value = Scalar::string(name.clone());
            let k = if *key == Type::STRING || *key == Type::OBJECT {
                Value::Str(name.clone())
            } else {
                self.scalar(&name_value, key).map_err(|e| {
                    let text = format!("Could not convert string '{name}' to dictionary key type '{}'. Create a TypeConverter to convert from the string to the key type object.", key.clr_name());
                    if e.is_limit() { e } else { self.failed(&text) }
                })?
            };
            let v = self.inside(PathStep::Name(name.clone()), payload, value)?;
            made.set(self.cx, k, v)?;
        }
        Ok(Value::object(made))
    }

    fn wrong_container(&self, found: &str, wanted: &str, target: &Type) -> Exception {
        let example = |what: &str| if what == "array" { "[1,2,3]" } else { "{\"name\":\"value\"}" };
        let (f, w) = (example(found), example(wanted));
        let rest = if wanted == "object" {
            "or change the deserialized type to an array or a type that implements a collection interface (e.g. ICollection, IList) like \
             List<T> that can be deserialized from a JSON array. JsonArrayAttribute can also be added to the type to force it to \
             deserialize from a JSON array."
        } else {
            "or change the deserialized type so that it is a normal .NET type (e.g. not a primitive type like integer, not a collection \
             type like an array or List<T>) that can be deserialized from a JSON object. JsonObjectAttribute can also be added to the \
             type to force it to deserialize from a JSON object."
        };
        self.failed(&format!(
            "Cannot deserialize the current JSON {found} (e.g. {f}) into type '{}' because the type requires a JSON {wanted} \
             (e.g. {w}) to deserialize correctly.\nTo fix this error either change the JSON to a JSON {wanted} (e.g. {w}) {rest}\n",
            target.clr_name()
        ))
    }
}

#[derive(Clone, Copy)]
enum SequenceKind {
    Array,
    List,
    Set,
}

fn sequence_kind(id: TypeId) -> Option<SequenceKind> {
    Some(match id {
        ids::LIST_T
        | ids::ILIST_T
        | ids::COLLECTION_T
        | ids::ENUMERABLE_T
        | ids::READ_ONLY_LIST_T
        | ids::READ_ONLY_COLLECTION_T => SequenceKind::List,
        collection_names::HASH_SET_T | collection_names::ISET_T => SequenceKind::Set,
        _ => return None,
    })
}

fn is_dictionary(id: TypeId) -> bool {
    [ids::DICTIONARY_T, ids::IDICTIONARY_T, ids::READ_ONLY_DICTIONARY_T].contains(&id)
}

fn keyword_like(id: TypeId) -> bool {
    crate::types::keyword(id).is_some()
}

fn is_empty_text(payload: &Payload) -> bool {
    matches!(payload, Payload::Scalar(Scalar { kind: Kind::String, value: Value::Str(text) }) if text.is_empty())
}

fn is_null(payload: &Payload) -> bool {
    matches!(payload, Payload::Scalar(s) if matches!(s.kind, Kind::Null | Kind::Undefined) || s.value.is_null())
}
