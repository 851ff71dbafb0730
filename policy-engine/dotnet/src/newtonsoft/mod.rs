//! Newtonsoft.Json, as versions 11 to 13 behave.
//!
//! Other packages use [`parse`], [`parse_object`], [`to_text`] and [`Token`]; expressions use the member tables.
mod container_members;
mod content;
mod conversion;
mod dates;
mod deserialize;
mod deserialize_text;
mod extensions;
mod json_convert;
mod load;
mod members;
mod merge;
pub mod names;
mod notes;
mod number_text;
mod object_face;
mod path;
mod path_filter;
mod position;
mod reader;
mod scalar;
mod serialize;
mod settings;
#[cfg(test)]
mod tests;
mod token;
mod token_members;
mod value_members;
mod write;

pub use scalar::{Kind, Scalar};
pub use token::Token;

pub(crate) use object_face::as_pairs;

use crate::ambient::Ambient;
use crate::exception::Result;
use crate::table::Builder;
use crate::types::Type;
use crate::value::{Str, Value};

/// What `IConvertible` gives for a JSON value and the types that have an operator; `None` for what is no JSON value.
pub(crate) fn convertible(cx: &mut dyn Ambient, value: &Value, target: &Type) -> Option<Result<Value>> {
    let is_scalar = Token::of(value).is_some_and(|t| t.as_scalar().is_some());
    (is_scalar && conversion::has_operator(target)).then(|| conversion::explicit(cx, value, target))
}

/// `JToken.Parse`
pub fn parse(cx: &mut dyn Ambient, text: &str) -> Result<Value> {
    load::parse(cx, text, load::Root::Any).map(Token::value)
}

/// `JObject.Parse`
pub fn parse_object(cx: &mut dyn Ambient, text: &str) -> Result<Value> {
    load::parse(cx, text, load::Root::Object).map(Token::value)
}

/// `JArray.Parse`
pub fn parse_array(cx: &mut dyn Ambient, text: &str) -> Result<Value> {
    load::parse(cx, text, load::Root::Array).map(Token::value)
}

/// `token.ToString(Formatting)`; `None` if the value is no token.
pub fn to_text(cx: &mut dyn Ambient, token: &Value, indented: bool) -> Option<Result<Str>> {
    Token::of(token).map(|t| write::to_text(cx, &t, indented))
}

/// `JsonConvert.SerializeObject`
pub fn serialize(cx: &mut dyn Ambient, value: &Value, indented: bool) -> Result<Str> {
    serialize::to_text(cx, value, indented, &Value::Null)
}

/// `JToken.FromObject`
pub fn from_object(cx: &mut dyn Ambient, value: &Value) -> Result<Value> {
    serialize::to_token(cx, value).map(Token::value)
}

/// `JsonConvert.DeserializeObject<T>`
pub fn deserialize(cx: &mut dyn Ambient, text: &str, target: &Type) -> Result<Value> {
    deserialize_text::text_to(cx, text, Some(target), true)
}

/// `token.SelectTokens(path)`; empty if the value is no token.
pub fn select_tokens(cx: &mut dyn Ambient, token: &Value, path: &str) -> Result<Vec<Value>> {
    match Token::of(token) {
        Some(token) => Ok(path::select(cx, &token, Some(path.into()), false)?.into_iter().map(Token::value).collect()),
        None => Ok(Vec::new()),
    }
}

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    token_members::define(b);
    container_members::define(b);
    value_members::define(b);
    extensions::define(b);
    settings::define(b);
    merge::define(b);
    json_convert::define(b);
}
