//! `BasicAuthCredentials` and the extension methods on `string` that read credentials; `Authorization` of `get-authorization-context`.
use std::any::Any;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dotnet::{Builder, Object, Str, Type, Value};

use super::{ids, jwt};

struct BasicCredentials {
    user: Str,
    password: Str,
}

impl Object for BasicCredentials {
    fn net_type(&self) -> Type {
        Type::Simple(ids::BASIC)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What `get-authorization-context` puts into its variable.
struct Authorization {
    token: Str,
    claims: Value,
}

impl Object for Authorization {
    fn net_type(&self) -> Type {
        Type::Simple(ids::AUTHORIZATION)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Reads the value of an `Authorization` header of scheme Basic; the user name ends at the first colon.
fn parse_basic(text: &str) -> Option<Value> {
    let (scheme, rest) = text.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let raw = BASE64_STANDARD.decode(rest.trim()).ok()?;
    let pair = String::from_utf8_lossy(&raw);
    let (user, password) = pair.split_once(':')?;
    Some(Value::object(BasicCredentials { user: user.into(), password: password.into() }))
}

pub(super) fn define(b: &mut Builder) {
    b.class(ids::BASIC)
        .def("string UserId", |c| {
            Ok(c.arg(0).as_object::<BasicCredentials>().map_or(Value::Null, |b| Value::Str(b.user.clone())))
        })
        .def("string Password", |c| {
            Ok(c.arg(0).as_object::<BasicCredentials>().map_or(Value::Null, |b| Value::Str(b.password.clone())))
        });
    b.class(ids::AUTHORIZATION)
        .def("string AccessToken", |c| {
            Ok(c.arg(0).as_object::<Authorization>().map_or(Value::Null, |a| Value::Str(a.token.clone())))
        })
        .def("IReadOnlyDictionary<string, object> Claims", |c| {
            Ok(c.arg(0).as_object::<Authorization>().map_or(Value::Null, |a| a.claims.clone()))
        });
    b.static_class(ids::EXTENSIONS)
        .def("static BasicAuthCredentials AsBasic(this string input)", |c| {
            Ok(c.str_or_null(0).and_then(|s| parse_basic(&s)).unwrap_or_default())
        })
        .def("static bool TryParseBasic(this string input, out BasicAuthCredentials result)", |c| {
            let found = c.str_or_null(0).and_then(|s| parse_basic(&s));
            let done = found.is_some();
            c.set(1, found.unwrap_or_default());
            Ok(Value::Bool(done))
        })
        .def("static Jwt AsJwt(this string input)", |c| {
            Ok(c.str_or_null(0).and_then(|s| jwt::parse(&s)).unwrap_or_default())
        })
        .def("static bool TryParseJwt(this string input, out Jwt result)", |c| {
            let found = c.str_or_null(0).and_then(|s| jwt::parse(&s));
            let done = found.is_some();
            c.set(1, found.unwrap_or_default());
            Ok(Value::Bool(done))
        });
}
