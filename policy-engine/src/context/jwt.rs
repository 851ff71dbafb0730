//! `Jwt`: a token's header and claims. Reading one checks no signature; `validate-jwt` does.
use std::any::Any;
use std::sync::{Arc, LazyLock, OnceLock};

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, prelude::BASE64_URL_SAFE_NO_PAD};
use dotnet::collections::{array, dictionary};
use dotnet::{Builder, Call, DateTime, Exception, Object, Result, Type, Value};
use serde_json::{Map, Value as Json};

use super::claims::Claims;
use super::ids;

/// Ticks of 1970-01-01.
const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;
static TEXTS: LazyLock<Type> = LazyLock::new(|| Type::array(Type::STRING));

/// A token that was read.
pub(crate) struct JwtObject {
    header: Claims,
    claims: Arc<Claims>,
    /// `Claims`, made when first asked for.
    shown: OnceLock<Value>,
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
pub(crate) fn from_parts(header: &Map<String, Json>, claims: &Map<String, Json>) -> Value {
    of(header.into(), claims.into())
}

fn of(header: Claims, claims: Claims) -> Value {
    Value::object(JwtObject { header, claims: Arc::new(claims), shown: OnceLock::new() })
}

/// Reads a token of three parts; `None` if it is none. No `Bearer ` is stripped.
pub(crate) fn parse(text: &str) -> Option<Value> {
    let mut parts = text.trim().split('.');
    let (header, claims) = (part(parts.next()?)?, part(parts.next()?)?);
    parts.next()?;
    if parts.next().is_some() {
        return None;
    }
    Some(of(header, claims))
}

fn part(piece: &str) -> Option<Claims> {
    let bytes =
        if piece.contains(['+', '/']) { decode(&piece.replace('+', "-").replace('/', "_"))? } else { decode(piece)? };
    Claims::read(String::from_utf8(bytes).ok()?)
}

fn decode(piece: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::URL_SAFE,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    BASE64_URL_SAFE_NO_PAD.decode(piece).or_else(|_| LENIENT.decode(piece)).ok()
}

fn token<'a>(c: &'a Call<'_>) -> Result<&'a JwtObject> {
    c.arg(0).as_object().ok_or_else(Exception::null_reference)
}

fn one(claims: &Claims, name: &str) -> Value {
    claims.text(name).unwrap_or_default()
}

fn when(claims: &Claims, name: &str) -> Value {
    let Some(n) = claims.number(name) else { return Value::Null };
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
            Ok(array::new_array(Type::STRING, token(c)?.claims.texts("aud").unwrap_or_default()))
        })
        .def("IReadOnlyDictionary<string, string[]> Claims", |c| {
            let token = token(c)?;
            let make = || dictionary::pending_dictionary(Type::STRING, TEXTS.clone(), token.claims.clone());
            Ok(token.shown.get_or_init(make).clone())
        })
        .def("DateTime? ExpirationTime", |c| Ok(when(&token(c)?.claims, "exp")))
        .def("string Id", |c| Ok(one(&token(c)?.claims, "jti")))
        .def("string Issuer", |c| Ok(one(&token(c)?.claims, "iss")))
        .def("DateTime? IssuedAt", |c| Ok(when(&token(c)?.claims, "iat")))
        .def("DateTime? NotBefore", |c| Ok(when(&token(c)?.claims, "nbf")))
        .def("string Subject", |c| Ok(one(&token(c)?.claims, "sub")))
        .def("string Type", |c| Ok(one(&token(c)?.header, "typ")));
}
