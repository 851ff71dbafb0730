//! `IUrl`: the request's URL on its way to the backend, the original one, and those of services. Also how queries are read.
use std::any::Any;
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use dotnet::{Ambient, Builder, Call, Exception, Known, Object, Ready, Result, Str, Type, Value};
use percent_encoding::percent_decode_str;

use super::{ids, state};
use crate::run::message::Base;

/// Which URL it is.
#[derive(Clone)]
pub(super) enum UrlView {
    /// `context.Request.Url`
    Request,
    /// `context.Request.OriginalUrl`
    Original,
    /// `ServiceUrl` of an API
    Service(Arc<Base>),
}

/// Its parts, as they stand on the wire.
pub(super) struct Parts {
    pub(super) tls: bool,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) path: String,
    pub(super) query: String,
}

impl Object for UrlView {
    fn net_type(&self) -> Type {
        Type::Simple(ids::URL)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, cx: &mut dyn Ambient) -> Result<Str> {
        Ok(self.parts(cx)?.text().into())
    }
}

impl UrlView {
    /// Reads the URL from the state.
    pub(super) fn parts(&self, cx: &mut dyn Ambient) -> Result<Parts> {
        let state = state(cx)?;
        let original = &state.original;
        Ok(match self {
            UrlView::Request => {
                let target = &state.request.target;
                let (tls, host, port) = match &target.base {
                    Some(b) => (b.tls, b.host.clone(), b.port),
                    None => (original.tls, original.host.clone(), original.port),
                };
                let all = target.path_and_query();
                let (path, query) = all.split_once('?').unwrap_or((&all, ""));
                Parts { tls, host, port, path: path.to_owned(), query: query.to_owned() }
            }
            UrlView::Original => Parts {
                tls: original.tls,
                host: original.host.clone(),
                port: original.port,
                path: original.path.clone(),
                query: original.query.clone(),
            },
            UrlView::Service(base) => {
                let path = if base.path.is_empty() { "/".to_owned() } else { base.path.clone() };
                Parts { tls: base.tls, host: base.host.clone(), port: base.port, path, query: base.query.clone() }
            }
        })
    }

    /// The path alone, in pieces.
    fn with_path<R>(&self, cx: &mut dyn Ambient, f: impl FnOnce(&[&str; 3]) -> R) -> Result<R> {
        Ok(match self {
            UrlView::Request => f(&state(cx)?.request.target.path_pieces()),
            UrlView::Original => f(&["", "", &state(cx)?.original.path]),
            UrlView::Service(base) if base.path.is_empty() => f(&["", "", "/"]),
            UrlView::Service(base) => f(&["", "", &base.path]),
        })
    }

    /// The query alone: looked at more often than the rest.
    pub(super) fn with_query<R>(&self, cx: &mut dyn Ambient, f: impl FnOnce(&str) -> R) -> Result<R> {
        if let UrlView::Original = self {
            return Ok(f(&state(cx)?.original.query));
        }
        let query = self.parts(cx)?.query;
        Ok(f(&query))
    }
}

impl Parts {
    fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }

    /// The whole URL; the port only where it is not the default.
    pub(super) fn text(&self) -> String {
        let port = if self.port == if self.tls { 443 } else { 80 } { String::new() } else { format!(":{}", self.port) };
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{}://{}{port}{}{mark}{}", self.scheme(), self.host, self.path, self.query)
    }
}

/// `context.Request.Url`.
pub(super) fn request() -> Value {
    static URL: LazyLock<Arc<dyn Object>> = LazyLock::new(|| Arc::new(UrlView::Request));
    Value::Object(URL.clone())
}

/// `context.Request.OriginalUrl`.
pub(super) fn original() -> Value {
    static URL: LazyLock<Arc<dyn Object>> = LazyLock::new(|| Arc::new(UrlView::Original));
    Value::Object(URL.clone())
}

/// The URL of a service; null if it cannot be read.
pub(super) fn service(url: &str) -> Value {
    Base::parse(url).map_or(Value::Null, |base| Value::object(UrlView::Service(Arc::new(base))))
}

/// Names and values of a query or form, decoded as `WebUtility.UrlDecode` does; a name without `=` has an empty value.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let parts = query.split('&').filter(|p| !p.is_empty());
    parts.map(|p| p.split_once('=').unwrap_or((p, ""))).map(|(n, v)| (decode(n), decode(v)))
}

fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let spaced = text.replace('+', " ");
    Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
}

fn view(c: &Call<'_>) -> Result<UrlView> {
    c.arg(0).as_object::<UrlView>().cloned().ok_or_else(Exception::null_reference)
}

fn parts(c: &mut Call<'_>) -> Result<Parts> {
    view(c)?.parts(c.cx)
}

/// The pieces of a path as one text; mostly there is only one.
fn joined(pieces: &[&str; 3]) -> Value {
    match pieces {
        ["", "", path] => Value::str(*path),
        pieces => Value::str(pieces.concat()),
    }
}

/// `Path` of a URL that is known beforehand, which inside a longer text needs no text of its own.
fn prepare_path(known: &Known<'_>) -> Option<Ready> {
    let view = known.arg(0)?.as_object::<UrlView>()?.clone();
    let other = view.clone();
    Some(Ready::text(
        move |cx, _| view.with_path(cx, joined),
        move |cx, _, out| {
            other.with_path(cx, |pieces| pieces.iter().filter(|p| !p.is_empty()).for_each(|p| out.push_str(p)))
        },
    ))
}

pub(super) fn define(b: &mut Builder) {
    b.interface(ids::URL)
        .def("string Scheme", |c| Ok(Value::str(parts(c)?.scheme())))
        .def("string Host", |c| Ok(Value::str(parts(c)?.host)))
        .def("int Port", |c| Ok(Value::Int32(i32::from(parts(c)?.port))))
        .def("string Path", |c| {
            let view = view(c)?;
            view.with_path(c.cx, joined)
        })
        .prepare(prepare_path)
        .def("string QueryString", |c| {
            let query = parts(c)?.query;
            Ok(Value::str(if query.is_empty() { query } else { format!("?{query}") }))
        })
        .def("QueryDictionary Query", |c| Ok(super::dictionaries::query(view(c)?)))
        .def("Uri ToUri()", |c| {
            let text = parts(c)?.text();
            super::library(c.cx, "System.Uri", ".ctor", &mut [Value::str(text)])
        })
        .def("string ToString()", |c| {
            let view = view(c)?;
            Ok(Value::Str(view.to_text(c.cx)?))
        });
}
