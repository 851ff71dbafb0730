//! Tokens as .NET objects: text, equality, iteration; and the sequences that token members answer.
use std::any::Any;
use std::cmp::Ordering;
use std::sync::Arc;

use super::content::type_of;
use super::names;
use super::token::{Body, Token};
use super::write;
use crate::ambient::Ambient;
use crate::collections::enumerator::Items;
use crate::collections::key_value_pair::{new_pair, pair_type};
use crate::collections::list;
use crate::exception::Result;
use crate::format;
use crate::object;
use crate::types::Type;
use crate::value::{Enumerator, Object, Str, Value};

impl Object for Token {
    fn net_type(&self) -> Type {
        type_of(self)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, cx: &mut dyn Ambient) -> Result<Str> {
        match &self.body {
            Body::Scalar(s) => {
                let value = s.read().value.clone();
                object::text(cx, &value)
            }
            Body::Property { name, own } => {
                let mut writer = write::Writer::new(cx, write::Style { indented: true, ..write::Style::default() });
                writer.name(name)?;
                let attached = || self.link().parent?.member(name)?.payload();
                let held = own.read().as_ref().map(|s| s.payload.clone());
                if let Some(payload) = held.or_else(attached) {
                    writer.payload(&payload)?;
                }
                writer.finish()
            }
            _ => {
                let mut writer = write::Writer::new(cx, write::Style { indented: true, ..write::Style::default() });
                if let Some(payload) = self.payload() {
                    writer.payload(&payload)?;
                }
                writer.finish()
            }
        }
    }
    /// A JSON value is formatted as what it holds: `$"{json["price"]:F2}"`.
    fn format_text(&self, cx: &mut dyn Ambient, format: &str) -> Result<Str> {
        match &self.body {
            Body::Scalar(s) => {
                let value = s.read().value.clone();
                if value.is_null() { Ok("".into()) } else { format::format_value(cx, &value, format) }
            }
            _ => self.to_text(cx),
        }
    }
    fn equals(&self, other: &Value) -> bool {
        let Some(other) = other.as_object::<Token>() else { return false };
        if std::ptr::eq(self, other) {
            return true;
        }
        match (self.as_scalar(), other.as_scalar()) {
            (Some(a), Some(b)) => a.equals(&b),
            _ => false,
        }
    }
    fn hash_code(&self) -> i32 {
        match self.as_scalar() {
            Some(s) => s.hash_code(),
            None => {
                #[expect(clippy::cast_possible_truncation, reason = "any 32 bits of the address will do")]
                let hash = (std::ptr::from_ref(self).addr() >> 4) as u32;
                hash.cast_signed()
            }
        }
    }
    fn compare(&self, other: &Value) -> Option<Ordering> {
        let mine = self.as_scalar()?;
        let theirs = match other.as_object::<Token>() {
            Some(t) => t.as_scalar()?,
            None => super::scalar::Scalar::of(other.clone())?,
        };
        mine.compare(&theirs).ok()
    }
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        let token = Token::of(&Value::Object(this.clone()))?;
        Some(walk(&token, Part::Children))
    }
    fn count(&self) -> Option<usize> {
        match self.body {
            Body::Scalar(_) => None,
            _ => Some(self.child_count()),
        }
    }
}

/// What an iteration over a token shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Properties of an object, items of an array.
    Children,
    /// Values of an object's members.
    Values,
    /// `KeyValuePair<string, JToken>` of an object's members.
    Pairs,
}

/// A running iteration over a token.
pub(super) fn walk(token: &Arc<Token>, part: Part) -> Box<dyn Enumerator> {
    Box::new(Walk { token: token.clone(), part, at: 0, version: token.version() })
}

struct Walk {
    token: Arc<Token>,
    part: Part,
    at: usize,
    version: u32,
}

impl Enumerator for Walk {
    fn next(&mut self, _: &mut dyn Ambient) -> Result<Option<Value>> {
        if self.token.version() != self.version {
            return Err(list::modified());
        }
        let at = self.at;
        self.at = at.saturating_add(1);
        Ok(match self.part {
            Part::Children => self.token.child(at).map(Token::value),
            Part::Values => self.token.member_at(at).map(|(_, v)| v.value()),
            Part::Pairs => self.token.member_at(at).map(|(name, v)| pair(name, v)),
        })
    }
}

/// `KeyValuePair<string, JToken>`
pub(super) fn pair(name: Str, value: Arc<Token>) -> Value {
    new_pair(&pair_type(Type::STRING, Type::Simple(names::JTOKEN)), Value::Str(name), value.value())
}

/// A sequence over part of a token, or over tokens at hand.
pub(super) struct Sequence {
    ty: Type,
    source: Source,
}

enum Source {
    Walk(Arc<Token>, Part),
    Items(Vec<Value>),
}

/// `JEnumerable<T>` over the children of a token.
pub(super) fn children(token: &Arc<Token>) -> Value {
    let ty = Type::generic(names::JENUMERABLE_T, [Type::Simple(names::JTOKEN)]);
    Value::object(Sequence { ty, source: Source::Walk(token.clone(), Part::Children) })
}

/// `IEnumerable<item>` over part of a token.
pub(super) fn sequence_over(token: &Arc<Token>, part: Part, item: Type) -> Value {
    Value::object(Sequence { ty: Type::enumerable(item), source: Source::Walk(token.clone(), part) })
}

/// A sequence of type `ty` over values at hand.
pub(super) fn sequence_of(ty: Type, items: Vec<Value>) -> Value {
    Value::object(Sequence { ty, source: Source::Items(items) })
}

impl Object for Sequence {
    fn net_type(&self) -> Type {
        self.ty.clone()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(match &self.source {
            Source::Walk(token, part) => walk(token, *part),
            Source::Items(items) => Items::boxed(items.clone()),
        })
    }
}

/// The members of an object as pairs, for callers that know it as a dictionary.
pub(crate) fn as_pairs(value: &Value) -> Option<Value> {
    let token = Token::of(value)?;
    let item = pair_type(Type::STRING, Type::Simple(names::JTOKEN));
    matches!(token.body, Body::Object(_)).then(|| sequence_over(&token, Part::Pairs, item))
}
