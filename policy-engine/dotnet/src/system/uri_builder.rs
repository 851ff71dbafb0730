//! `System.UriBuilder`.
use std::any::Any;

use parking_lot::Mutex;

use super::uri::Uri;
use super::uri_text::{self, Absolute};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Object, Str, Value};

const ID: TypeId = TypeId("System.UriBuilder");
const MAX_PORT: i32 = 65_535;

/// The parts, unchecked until they are joined; -1 is no port.
#[derive(Clone)]
struct Parts {
    scheme: String,
    user: String,
    password: String,
    host: String,
    port: i32,
    path: String,
    query: String,
    fragment: String,
}

impl Default for Parts {
    fn default() -> Parts {
        let empty = String::new;
        Parts {
            scheme: "http".into(),
            user: empty(),
            password: empty(),
            host: "localhost".into(),
            port: -1,
            path: "/".into(),
            query: empty(),
            fragment: empty(),
        }
    }
}

impl Parts {
    fn of(a: &Absolute) -> Parts {
        let (user, password) = a.user.split_once(':').unwrap_or((&a.user, ""));
        Parts {
            scheme: a.scheme.clone(),
            user: user.to_owned(),
            password: password.to_owned(),
            host: a.host.clone(),
            port: a.effective_port(),
            path: a.path.clone(),
            query: a.query.clone(),
            fragment: a.fragment.clone(),
        }
    }

    fn text(&self) -> String {
        let password = if self.password.is_empty() { String::new() } else { format!(":{}", self.password) };
        let user = if self.user.is_empty() { String::new() } else { format!("{}{password}@", self.user) };
        let port = if self.port < 0 || self.host.is_empty() { String::new() } else { format!(":{}", self.port) };
        let slash = if self.path.starts_with('/') || self.host.is_empty() { "" } else { "/" };
        let delimiter = if self.scheme == "mailto" || self.scheme == "urn" { ":" } else { "://" };
        let path = uri_text::escape(&self.path, |b| uri_text::is_unreserved(b) || b"/:@&=+$,;!'()*".contains(&b));
        format!("{}{delimiter}{user}{}{port}{slash}{path}{}{}", self.scheme, self.host, self.query, self.fragment)
    }
}

struct UriBuilder(Mutex<Parts>);

impl Object for UriBuilder {
    fn net_type(&self) -> Type {
        Type::Simple(ID)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.0.lock().text().into())
    }
}

fn made(parts: Parts) -> Value {
    Value::object(UriBuilder(Mutex::new(parts)))
}

fn with<R>(c: &Call<'_>, f: impl FnOnce(&mut Parts) -> R) -> Result<R> {
    let builder = c.arg(0).as_object::<UriBuilder>().ok_or_else(Exception::null_reference)?;
    Ok(f(&mut builder.0.lock()))
}

fn get(c: &Call<'_>, f: fn(&Parts) -> &String) -> Result<Value> {
    with(c, |p| Value::str(f(p).as_str()))
}

fn set(c: &Call<'_>, f: fn(&mut Parts) -> &mut String, text: String) -> Result<Value> {
    with(c, |p| *f(p) = text).map(|()| Value::Null)
}

fn given(c: &Call<'_>, n: usize) -> String {
    c.str_or_null(n).map(|s| s.to_string()).unwrap_or_default()
}

/// The mark once in front; nothing for an empty part.
fn marked(text: &str, mark: char) -> String {
    if text.is_empty() || text.starts_with(mark) { text.to_owned() } else { format!("{mark}{text}") }
}

fn with_slash(path: &str) -> String {
    let path = path.replace('\\', "/");
    if path.is_empty() { "/".into() } else { path }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}

fn checked_port(port: i32) -> Result<i32> {
    if (-1..=MAX_PORT).contains(&port) {
        Ok(port)
    } else {
        Err(Exception::argument_range("Specified argument was out of the range of valid values.", "value"))
    }
}

/// From scheme, host, and as many of port, path and extra value as were given.
fn from_parts(c: &Call<'_>, count: usize) -> Result<Value> {
    let mut parts =
        Parts { scheme: given(c, 0).to_ascii_lowercase(), host: bracketed(&given(c, 1)), ..Parts::default() };
    if count > 2 {
        parts.port = checked_port(c.int(2)?)?;
    }
    if count > 3 {
        parts.path = with_slash(&given(c, 3));
    }
    if count > 4 {
        let extra = given(c, 4);
        if extra.starts_with('#') {
            parts.fragment = extra;
        } else {
            let (query, fragment) = extra.find('#').map_or((&*extra, ""), |at| extra.split_at(at));
            (parts.query, parts.fragment) = (marked(query, '?'), fragment.to_owned());
        }
    }
    Ok(made(parts))
}

/// Adds the class.
pub(crate) fn define(b: &mut Builder) {
    b.class(ID)
        .def("new()", |_| Ok(made(Parts::default())))
        .def("new(string uri)", |c| {
            let text = c.str_arg(0, "uri")?;
            let found = Uri::parse(&text, 0).map_err(Exception::uri_format)?;
            let parts = match found.parts {
                Some(p) => p,
                None => Absolute::parse(&format!("http://{text}")).map_err(Exception::uri_format)?,
            };
            Ok(made(Parts::of(&parts)))
        })
        .def("new(Uri uri)", |c| {
            let uri = c.arg(0).as_object::<Uri>().ok_or_else(|| Exception::argument_null("uri"))?;
            match &uri.parts {
                Some(p) => Ok(made(Parts::of(p))),
                None => Err(Exception::invalid_operation("This operation is not supported for a relative URI.")),
            }
        })
        .def("new(string schemeName, string hostName)", |c| from_parts(c, 2))
        .def("new(string scheme, string host, int portNumber)", |c| from_parts(c, 3))
        .def("new(string scheme, string host, int port, string pathValue)", |c| from_parts(c, 4))
        .def("new(string scheme, string host, int port, string path, string extraValue)", |c| from_parts(c, 5))
        .get_set(
            "string Scheme",
            |c| get(c, |p| &p.scheme),
            |c| {
                let scheme = given(c, 1).split(':').next().unwrap_or_default().to_ascii_lowercase();
                set(c, |p| &mut p.scheme, scheme)
            },
        )
        .get_set("string Host", |c| get(c, |p| &p.host), |c| set(c, |p| &mut p.host, bracketed(&given(c, 1))))
        .get_set(
            "int Port",
            |c| with(c, |p| Value::Int32(p.port)),
            |c| {
                let port = checked_port(c.int(1)?)?;
                with(c, |p| p.port = port).map(|()| Value::Null)
            },
        )
        .get_set("string Path", |c| get(c, |p| &p.path), |c| set(c, |p| &mut p.path, with_slash(&given(c, 1))))
        .get_set("string Query", |c| get(c, |p| &p.query), |c| set(c, |p| &mut p.query, marked(&given(c, 1), '?')))
        .get_set(
            "string Fragment",
            |c| get(c, |p| &p.fragment),
            |c| set(c, |p| &mut p.fragment, marked(&given(c, 1), '#')),
        )
        .get_set("string UserName", |c| get(c, |p| &p.user), |c| set(c, |p| &mut p.user, given(c, 1)))
        .get_set("string Password", |c| get(c, |p| &p.password), |c| set(c, |p| &mut p.password, given(c, 1)))
        .def("Uri Uri", |c| {
            let text = with(c, |p| p.text())?;
            Uri::parse(&text, 1).map(Value::object).map_err(Exception::uri_format)
        })
        .def("string ToString()", |c| {
            let v = c.take(0);
            object::text(c.cx, &v).map(Value::Str)
        });
}
