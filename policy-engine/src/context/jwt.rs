//! `Jwt`: a token's header and claims. Reading one checks no signature; `validate-jwt` does.
use std::any::Any;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, prelude::BASE64_URL_SAFE_NO_PAD};
use dotnet::collections::array;
use dotnet::{Builder, Call, DateTime, Exception, Object, Result, Type, Value};
use serde_json::{Map, Value as Json};

use super::{dictionaries, ids};

/// Ticks of 1970-01-01.
const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;

/// A token that was read.
pub(crate) struct JwtObject {
    header: Map<String, Json>,
    claims: Map<String, Json>,
}

impl Object for JwtObject {
    fn net_type(&self) -> Type {
        Type::Simple(ids::JWT)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A token from parts that were decoded (and verified) elsewhere.
pub(crate) fn from_parts(header: Map<String, Json>, claims: Map<String, Json>) -> Value {
    Value::object(JwtObject { header, claims })
}

/// Reads a token of three parts; `None` if it is none. No `Bearer ` is stripped.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let mut parts = text.trim().split('.');
    let (header, claims) = (part(parts.next()?)?, part(parts.next()?)?);
    parts.next()?;
    if parts.next().is_some() {
        return None;
    }
    Some(from_parts(header, claims))
}

fn part(piece: &str) -> Option<Map<String, Json>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::URL_SAFE,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let piece = piece.replace('+', "-").replace('/', "_");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(&piece).or_else(|_| LENIENT.decode(&piece)).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Json::Object(map) => Some(map),
        _ => None,
    }
}

/// A claim's value as text: strings bare, everything else as JSON.
fn plain(value: &Json) -> String {
    match value {
        Json::String(s) => s.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

/// The texts of a claim: one for each element of an array, one otherwise.
pub(super) fn texts(value: &Json) -> Vec<String> {
    match value {
        Json::Array(items) => items.iter().map(plain).collect(),
        other => vec![plain(other)],
    }
}

fn token<'a>(c: &'a Call<'_>) -> Result<&'a JwtObject> {
    c.arg(0).as_object().ok_or_else(Exception::null_reference)
}

fn one(map: &Map<String, Json>, name: &str) -> Value {
    map.get(name).map_or(Value::Null, |v| Value::str(plain(v)))
}

fn when(claims: &Map<String, Json>, name: &str) -> Value {
    let Some(Json::Number(n)) = claims.get(name) else { return Value::Null };
    let ticks = match (n.as_i64(), n.as_f64()) {
        (Some(seconds), _) => seconds.checked_mul(10_000_000),
        #[expect(clippy::cast_possible_truncation, reason = "saturates; out of range becomes null below")]
        (None, Some(seconds)) => Some((seconds * 1e7) as i64),
        _ => None,
    };
    let ticks =
        ticks.and_then(|t| t.checked_add(UNIX_EPOCH_TICKS)).filter(|t| (0..=3_155_378_975_999_999_999).contains(t));
    ticks.map_or(Value::Null, |ticks| Value::DateTime(DateTime { ticks, kind: 1 }))
}

pub(super) fn define(b: &mut Builder) {
    b.interface(ids::JWT)
        .def("string Algorithm", |c| Ok(one(&token(c)?.header, "alg")))
        .def("IEnumerable<string> Audiences", |c| {
            Ok(array::from_strings(token(c)?.claims.get("aud").map(texts).unwrap_or_default()))
        })
        .def("IReadOnlyDictionary<string, string[]> Claims", |c| {
            let claims = token(c)?.claims.iter();
            dictionaries::of_texts(claims.map(|(n, v)| (n.clone(), texts(v))))
        })
        .def("DateTime? ExpirationTime", |c| Ok(when(&token(c)?.claims, "exp")))
        .def("string Id", |c| Ok(one(&token(c)?.claims, "jti")))
        .def("string Issuer", |c| Ok(one(&token(c)?.claims, "iss")))
        .def("DateTime? IssuedAt", |c| Ok(when(&token(c)?.claims, "iat")))
        .def("DateTime? NotBefore", |c| Ok(when(&token(c)?.claims, "nbf")))
        .def("string Subject", |c| Ok(one(&token(c)?.claims, "sub")))
        .def("string Type", |c| Ok(one(&token(c)?.header, "typ")));
}
