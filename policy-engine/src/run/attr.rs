//! Values of policies at run time: constants by reference, expressions evaluated and converted.
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use dotnet::types::PRIMITIVES;
use dotnet::{Ambient, Exception, Type, Value, utf16};
use http::{HeaderName, HeaderValue, Method};

use super::cx::Cx;
use super::error::PolicyError;
use crate::program::{Attr, AttrValue};

impl<T: AttrValue> Attr<T> {
    /// The value for this request.
    pub(crate) fn get(&self, cx: &mut Cx<'_>) -> Result<Cow<'_, T>, PolicyError> {
        match self {
            Attr::Const(value) => Ok(Cow::Borrowed(value)),
            Attr::Expr(program) => {
                let value = cx.evaluate(&**program)?;
                let converted = cx.ambient(|ambient| T::from_value(&value, ambient))?;
                converted
                    .map(Cow::Owned)
                    .ok_or_else(|| PolicyError::evaluation(&format!("The value is not {}.", T::expects())))
            }
        }
    }
}

impl Attr<String> {
    /// The text for this request; `None` when an expression gives `null`.
    pub(crate) fn text(&self, cx: &mut Cx<'_>) -> Result<Option<Cow<'_, str>>, PolicyError> {
        match self {
            Attr::Const(text) => Ok(Some(Cow::Borrowed(text))),
            Attr::Expr(program) => match cx.evaluate(&**program)? {
                Value::Null => Ok(None),
                Value::Str(text) => Ok(Some(Cow::Owned(utf16::leaving(&text).into_owned()))),
                other => cx
                    .ambient(|ambient| text_of(&other, ambient))
                    .map(|text| Some(Cow::Owned(text.as_ref().to_owned()))),
            },
        }
    }
}

/// `ToString()` of a value, for the world outside the engine; `null` is the empty text.
pub(crate) fn text_of(value: &Value, cx: &mut dyn Ambient) -> Result<Arc<str>, Exception> {
    let text = match value {
        Value::Null => return Ok("".into()),
        Value::Str(text) => Arc::clone(text),
        other => dotnet::object::text(cx, other)?,
    };
    match utf16::leaving(&text) {
        Cow::Borrowed(_) => Ok(text),
        Cow::Owned(whole) => Ok(whole.into()),
    }
}

impl AttrValue for String {
    fn expects() -> String {
        "text".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl AttrValue for Arc<str> {
    fn expects() -> String {
        "text".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(text.into())
    }
}

/// Any value as it is: a literal is a string.
impl AttrValue for Value {
    fn expects() -> String {
        "a value".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(Value::str(text))
    }
    fn from_value(value: &Value, _: &mut dyn Ambient) -> Result<Option<Self>, Exception> {
        Ok(Some(value.clone()))
    }
}

impl AttrValue for bool {
    fn expects() -> String {
        "`true` or `false`".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("true") {
            return Some(true);
        }
        text.eq_ignore_ascii_case("false").then_some(false)
    }
    fn from_value(value: &Value, cx: &mut dyn Ambient) -> Result<Option<Self>, Exception> {
        match value {
            Value::Bool(value) => Ok(Some(*value)),
            Value::Null => Ok(None),
            other => Ok(Self::from_text(&text_of(other, cx)?)),
        }
    }
    fn accepts(ty: &Type) -> bool {
        let ty = ty.nullable_of().unwrap_or(ty);
        *ty == Type::BOOL || *ty == Type::STRING || is_open_type(ty)
    }
}

/// Types that may hold anything at run time.
fn is_open_type(ty: &Type) -> bool {
    *ty == Type::OBJECT
        || matches!(ty, Type::Error | Type::Null)
        || ty.id().is_some_and(|id| id.0.starts_with("Newtonsoft.Json."))
}

fn is_number_or_open(ty: &Type) -> bool {
    let ty = ty.nullable_of().unwrap_or(ty);
    let is_number = *ty == Type::DECIMAL || (PRIMITIVES.contains(ty) && !matches!(*ty, Type::BOOL | Type::CHAR));
    is_number || *ty == Type::STRING || is_open_type(ty)
}

macro_rules! whole_numbers {
    ($($ty:ty),*) => {$(
        impl AttrValue for $ty {
            fn expects() -> String {
                if <$ty>::MIN == 0 { "a whole number of at least 0".into() } else { "a whole number".into() }
            }
            fn from_text(text: &str) -> Option<Self> {
                text.trim().parse().ok()
            }
            fn from_value(value: &Value, cx: &mut dyn Ambient) -> Result<Option<Self>, Exception> {
                match value {
                    Value::Int32(value) => Ok(<$ty>::try_from(*value).ok()),
                    Value::Int64(value) => Ok(<$ty>::try_from(*value).ok()),
                    other => Ok(Self::from_text(&text_of(other, cx)?)),
                }
            }
            fn accepts(ty: &Type) -> bool {
                is_number_or_open(ty)
            }
        }
    )*};
}
whole_numbers!(u16, u32, u64, i32, i64);

impl AttrValue for f64 {
    fn expects() -> String {
        "a number".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }
    fn accepts(ty: &Type) -> bool {
        is_number_or_open(ty)
    }
}

/// Seconds, as most policies give times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seconds(pub Duration);

impl AttrValue for Seconds {
    fn expects() -> String {
        "a number of seconds".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        let seconds: f64 = text.trim().parse().ok()?;
        Duration::try_from_secs_f64(seconds).ok().map(Seconds)
    }
    fn accepts(ty: &Type) -> bool {
        is_number_or_open(ty)
    }
}

impl AttrValue for HeaderName {
    fn expects() -> String {
        "a header name".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        HeaderName::from_bytes(text.trim().as_bytes()).ok()
    }
}

impl AttrValue for HeaderValue {
    fn expects() -> String {
        "a header value without line breaks".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        HeaderValue::from_bytes(text.as_bytes()).ok()
    }
}

impl AttrValue for Method {
    fn expects() -> String {
        "an HTTP method".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        Method::from_bytes(text.trim().to_ascii_uppercase().as_bytes()).ok()
    }
}

/// A response status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StatusCode(pub u16);

impl AttrValue for StatusCode {
    fn expects() -> String {
        "a status code from 100 to 599".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok().filter(|code| (100..=599).contains(code)).map(StatusCode)
    }
    fn accepts(ty: &Type) -> bool {
        is_number_or_open(ty)
    }
}

/// Declares an enumeration of keywords as an attribute value.
macro_rules! keywords {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$item_doc:meta])* $item:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name { $($(#[$item_doc])* $item),* }
        impl $crate::program::AttrValue for $name {
            fn expects() -> String {
                [$(concat!("`", $text, "`")),*].join(", ")
            }
            fn from_text(text: &str) -> Option<Self> {
                match text.trim() {
                    $($text => Some($name::$item),)*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use keywords;
