//! The dictionaries of `context`: headers, query, matched parameters, variables, certificates; and dictionaries of texts (claims).
//!
//! Each is a view of the state; nothing is copied until an expression walks all entries. Names of headers, query and matched
//! parameters are looked up without regard to case, names of variables with regard to it.
use std::any::Any;
use std::sync::{Arc, LazyLock};

use dotnet::collections::{array, cast, dictionary, key_value_pair};
use dotnet::{Ambient, Builder, Call, Enumerator, Exception, Known, Object, Ready, Result, Str, Type, TypeId, Value};
use http::{HeaderMap, HeaderName};

use super::url::{self, UrlView};
use super::{ids, messages, state};
use crate::run::message::written_name;

/// Which dictionary.
#[derive(Clone)]
enum View {
    RequestHeaders,
    ResponseHeaders(u32),
    Query(UrlView),
    Matched,
    Variables,
    Certificates,
}

impl View {
    fn type_id(&self) -> TypeId {
        match self {
            View::RequestHeaders | View::ResponseHeaders(_) => ids::HEADERS,
            View::Query(_) => ids::QUERY,
            View::Matched => ids::MATCHED,
            View::Variables => ids::VARIABLES,
            View::Certificates => ids::CERTIFICATES,
        }
    }

    fn value_type(&self) -> Type {
        match self {
            View::RequestHeaders | View::ResponseHeaders(_) | View::Query(_) => Type::array(Type::STRING),
            View::Matched => Type::STRING,
            View::Variables => Type::OBJECT,
            View::Certificates => Type::Simple(super::crypto::X509),
        }
    }

    fn lookup(&self, cx: &mut dyn Ambient, name: &str) -> Result<Option<Value>> {
        Ok(match self {
            View::RequestHeaders | View::ResponseHeaders(_) => {
                self.headers(cx, |h| texts_of(h, name))?.map(array::from_strings)
            }
            View::Query(url) => {
                let values: Vec<String> = url.with_query(cx, |q| values_of(q, name))?;
                if values.is_empty() { None } else { Some(array::from_strings(values)) }
            }
            View::Matched => state(cx)?.matched_parameter(name).map(Value::str),
            View::Variables => state(cx)?.variables.get(name).cloned(),
            View::Certificates => super::crypto::deployment_certificate(cx, name)?,
        })
    }

    fn entries(&self, cx: &mut dyn Ambient) -> Result<Vec<(Value, Value)>> {
        Ok(match self {
            View::RequestHeaders | View::ResponseHeaders(_) => self.headers(cx, |headers| {
                let entry = |n: &http::HeaderName| {
                    let values = texts_of(headers, n.as_str()).unwrap_or_default();
                    (Value::str(written_name(n.as_str())), array::from_strings(values))
                };
                headers.keys().map(entry).collect()
            })?,
            View::Query(url) => {
                let pairs =
                    url.with_query(cx, |q| group(url::pairs(q).map(|(n, v)| (n.into_owned(), v.into_owned()))))?;
                pairs.into_iter().map(|(n, v)| (Value::str(n), array::from_strings(v))).collect()
            }
            View::Matched => {
                state(cx)?.matched.iter().map(|(n, v)| (Value::Str(n.clone()), Value::str(v.as_str()))).collect()
            }
            View::Variables => state(cx)?.variables.iter().map(|(n, v)| (Value::Str(n.clone()), v.clone())).collect(),
            View::Certificates => super::crypto::deployment_certificates(cx)?,
        })
    }

    fn headers<R>(&self, cx: &mut dyn Ambient, f: impl FnOnce(&HeaderMap) -> R) -> Result<R> {
        let state = state(cx)?;
        Ok(match self {
            View::ResponseHeaders(n) => f(&messages::response_at(state, *n)?.headers),
            _ => f(&state.request.headers),
        })
    }
}

/// All values of a header, one for each line.
fn texts_of(headers: &HeaderMap, name: impl http::header::AsHeaderName) -> Option<Vec<String>> {
    let values: Vec<String> =
        headers.get_all(name).iter().map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()).collect();
    if values.is_empty() { None } else { Some(values) }
}

fn values_of(query: &str, name: &str) -> Vec<String> {
    url::pairs(query).filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.into_owned()).collect()
}

fn group(pairs: impl Iterator<Item = (String, String)>) -> Vec<(String, Vec<String>)> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in pairs {
        match all.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(&name)) {
            Some((_, values)) => values.push(value),
            None => all.push((name, vec![value])),
        }
    }
    all
}

impl Object for View {
    fn net_type(&self) -> Type {
        Type::Simple(self.type_id())
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Box::new(Entries { view: self.clone(), items: None }))
    }
}

/// Walks the entries as they are when the walk begins.
struct Entries {
    view: View,
    items: Option<std::vec::IntoIter<(Value, Value)>>,
}

impl Enumerator for Entries {
    fn next(&mut self, cx: &mut dyn Ambient) -> Result<Option<Value>> {
        if self.items.is_none() {
            self.items = Some(self.view.entries(cx)?.into_iter());
        }
        let pair = key_value_pair::pair_type(Type::STRING, self.view.value_type());
        Ok(self.items.as_mut().and_then(Iterator::next).map(|(k, v)| key_value_pair::new_pair(&pair, k, v)))
    }
}

macro_rules! shared {
    ($($(#[$doc:meta])* $name:ident = $view:expr;)*) => {
        $($(#[$doc])* pub(super) fn $name() -> Value {
            static VIEW: LazyLock<Arc<dyn Object>> = LazyLock::new(|| Arc::new($view));
            Value::Object(VIEW.clone())
        })*
    };
}

shared! {
    /// `context.Request.Headers`
    request_headers = View::RequestHeaders;
    /// `context.Request.MatchedParameters`
    matched = View::Matched;
    /// `context.Variables`
    variables = View::Variables;
    /// `context.Deployment.Certificates`
    certificates = View::Certificates;
    original_query = View::Query(UrlView::Original);
    request_query = View::Query(UrlView::Request);
    current_response_headers = View::ResponseHeaders(0);
}

/// `Headers` of a response.
pub(super) fn response_headers(n: u32) -> Value {
    if n == 0 { current_response_headers() } else { Value::object(View::ResponseHeaders(n)) }
}

/// `Query` of a URL.
pub(super) fn query(url: UrlView) -> Value {
    match url {
        UrlView::Original => original_query(),
        UrlView::Request => request_query(),
        service @ UrlView::Service(_) => Value::object(View::Query(service)),
    }
}

fn view<'a>(c: &'a Call<'_>) -> Result<&'a View> {
    c.arg(0).as_object().ok_or_else(Exception::null_reference)
}

fn find(c: &mut Call<'_>) -> Result<Option<Value>> {
    let (view, name) = (view(c)?.clone(), c.str_arg(1, "key")?);
    view.lookup(c.cx, &name)
}

fn entries(c: &mut Call<'_>) -> Result<Vec<(Value, Value)>> {
    let view = view(c)?.clone();
    view.entries(c.cx)
}

fn item(c: &mut Call<'_>) -> Result<Value> {
    match find(c)? {
        Some(value) => Ok(value),
        None => Err(dictionary::key_not_found(c.cx, &c.args.get(1).cloned().unwrap_or_default())),
    }
}

fn try_get(c: &mut Call<'_>) -> Result<Value> {
    let found = find(c)?;
    let done = found.is_some();
    c.set(2, found.unwrap_or_default());
    Ok(Value::Bool(done))
}

fn keys(c: &mut Call<'_>) -> Result<Value> {
    Ok(array::new_array(Type::STRING, entries(c)?.into_iter().map(|(k, _)| k).collect()))
}

fn values(c: &mut Call<'_>) -> Result<Value> {
    let item = view(c)?.value_type();
    Ok(array::new_array(item, entries(c)?.into_iter().map(|(_, v)| v).collect()))
}

fn count(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Int32(i32::try_from(entries(c)?.len()).unwrap_or(i32::MAX)))
}

fn contains_key(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(find(c)?.is_some()))
}

/// Several values joined with commas, as one text.
fn joined(value: &Value) -> Value {
    let Some(items) = array::array(value) else { return value.clone() };
    if items.len() == 1 {
        return items.at(0);
    }
    Value::str(items.to_vec().iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
}

/// `GetValueOrDefault` of headers and queries. Headers with one line, by far the most, take no array on the way.
fn text_or_default(c: &mut Call<'_>) -> Result<Value> {
    let view = view(c)?.clone();
    let name = c.str_arg(1, "key")?;
    if let View::RequestHeaders | View::ResponseHeaders(_) = view
        && let Ok(name) = HeaderName::try_from(&*name)
    {
        let found = with_header(c.cx, &view, &name, |text| text.map(Value::str))?;
        return Ok(found.unwrap_or_else(|| c.take(2)));
    }
    Ok(view.lookup(c.cx, &name)?.map_or_else(|| c.take(2), |v| joined(&v)))
}

/// The same for dictionaries that are no views: claims.
fn claim_or_default(c: &mut Call<'_>) -> Result<Value> {
    let key = c.str_arg(1, "key")?;
    match c.arg(0) {
        Value::Null => Err(Exception::argument_null("map")),
        map => match dictionary::dictionary(map) {
            Some(d) => Ok(d.joined(&key).unwrap_or_else(|| c.take(2))),
            None => text_or_default(c),
        },
    }
}

fn plain_or_default(c: &mut Call<'_>) -> Result<Value> {
    Ok(find(c)?.unwrap_or_else(|| c.take(2)))
}

/// `Variables.GetValueOrDefault<T>`: a value of another type is an error, not the default.
fn variable_or_default(c: &mut Call<'_>) -> Result<Value> {
    let wanted = c.ty(0);
    match find(c)? {
        Some(value) => cast::unbox(c.cx.types(), value, &wanted),
        None if c.args.len() > 2 => Ok(c.take(2)),
        None => Ok(cast::default_value(c.cx.types(), &wanted)),
    }
}

// === calls with constant names ===

/// A name that stands in the code: of a header it is read beforehand.
enum Name {
    Header(HeaderName),
    Text(Str),
}

/// The view and name of a call that has both beforehand.
fn known_entry(known: &Known<'_>) -> Option<(View, Name)> {
    let view = known.arg(0)?.as_object::<View>()?.clone();
    let name = known.text(1)?;
    let name = match view {
        View::RequestHeaders | View::ResponseHeaders(_) => Name::Header(HeaderName::try_from(&**name).ok()?),
        _ => Name::Text(name.clone()),
    };
    Some((view, name))
}

/// What a call gives when there is no such entry: a constant, or the one argument that is left.
fn known_default(known: &Known<'_>) -> Option<Value> {
    if known.args.len() > 2 { known.arg(2).cloned() } else { Some(Value::Null) }
}

/// Hands the value of a header to a function: the only line as it stands, several joined with commas.
fn with_header<R>(
    cx: &mut dyn Ambient,
    view: &View,
    name: &HeaderName,
    f: impl FnOnce(Option<&str>) -> R,
) -> Result<R> {
    view.headers(cx, |headers| {
        let mut lines = headers.get_all(name).iter();
        let Some(first) = lines.next() else { return f(None) };
        let first = String::from_utf8_lossy(first.as_bytes());
        f(Some(&lines.fold(first, |all, line| all + "," + String::from_utf8_lossy(line.as_bytes()))))
    })
}

/// `Headers.GetValueOrDefault("name", ...)`
fn prepare_text_or_default(known: &Known<'_>) -> Option<Ready> {
    let (view, Name::Header(name)) = known_entry(known)? else { return None };
    let default = known_default(known);
    let (other_view, other_name, other_default) = (view.clone(), name.clone(), default.clone());
    let give = move |cx: &mut dyn Ambient, args: &[&Value]| {
        let found = with_header(cx, &view, &name, |text| text.map(Value::str))?;
        Ok(found.unwrap_or_else(|| chosen(default.as_ref(), args)))
    };
    Some(Ready::text(give, move |cx, args, out| {
        let found = with_header(cx, &other_view, &other_name, |text| text.map(|t| out.push_str(t)))?;
        if found.is_none()
            && let Value::Str(text) = chosen(other_default.as_ref(), args)
        {
            out.push_str(&text);
        }
        Ok(())
    }))
}

fn chosen(default: Option<&Value>, args: &[&Value]) -> Value {
    default.or(args.first().copied()).cloned().unwrap_or_default()
}

/// `Headers["name"]`, `Variables["name"]` and their like.
fn prepare_item(known: &Known<'_>) -> Option<Ready> {
    let (view, name) = known_entry(known)?;
    let key = known.arg(1)?.clone();
    if let (View::Variables, Name::Text(name)) = (&view, &name) {
        let name = name.clone();
        return Some(Ready::new(move |cx, _| match state(cx)?.variables.get(&name) {
            Some(value) => Ok(value.clone()),
            None => Err(dictionary::key_not_found(cx, &key)),
        }));
    }
    Some(Ready::new(move |cx, _| match found(cx, &view, &name)? {
        Some(value) => Ok(value),
        None => Err(dictionary::key_not_found(cx, &key)),
    }))
}

fn prepare_contains(known: &Known<'_>) -> Option<Ready> {
    let (view, name) = known_entry(known)?;
    Some(Ready::bool(move |cx, _| match (&view, &name) {
        (View::RequestHeaders | View::ResponseHeaders(_), Name::Header(name)) => {
            view.headers(cx, |h| h.contains_key(name))
        }
        _ => found(cx, &view, &name).map(|v| v.is_some()),
    }))
}

fn found(cx: &mut dyn Ambient, view: &View, name: &Name) -> Result<Option<Value>> {
    match (view, name) {
        (View::Variables, Name::Text(name)) => Ok(state(cx)?.variables.get(name).cloned()),
        (_, Name::Text(name)) => view.lookup(cx, name),
        (_, Name::Header(name)) => Ok(view.headers(cx, |h| texts_of(h, name))?.map(array::from_strings)),
    }
}

/// `Variables.GetValueOrDefault<T>("name", ...)`
fn prepare_variable(known: &Known<'_>) -> Option<Ready> {
    let (View::Variables, Name::Text(name)) = known_entry(known)? else { return None };
    let wanted = known.types.first()?.clone();
    let default = known_default(known);
    let has_default = known.args.len() > 2;
    Some(Ready::new(move |cx, args| match state(cx)?.variables.get(&name) {
        Some(v) if is_plainly(v, &wanted) => Ok(v.clone()),
        Some(v) => {
            let v = v.clone();
            cast::unbox(cx.types(), v, &wanted)
        }
        None if has_default => Ok(chosen(default.as_ref(), args)),
        None => Ok(cast::default_value(cx.types(), &wanted)),
    }))
}

/// Is the value of just this simple type?
fn is_plainly(value: &Value, wanted: &Type) -> bool {
    match (value, wanted) {
        (Value::Str(_), Type::Simple(id)) => *id == dotnet::ids::STRING,
        (Value::Int32(_), Type::Simple(id)) => *id == dotnet::ids::INT32,
        (Value::Bool(_), Type::Simple(id)) => *id == dotnet::ids::BOOLEAN,
        _ => false,
    }
}

macro_rules! dictionary {
    ($b:expr, $id:expr, $value:literal) => {
        $b.class($id)
            .implements(&[
                concat!("IReadOnlyDictionary<string, ", $value, ">"),
                concat!("IReadOnlyCollection<KeyValuePair<string, ", $value, ">>"),
                concat!("IEnumerable<KeyValuePair<string, ", $value, ">>"),
                "IEnumerable",
            ])
            .def(concat!($value, " this[string key]"), item)
            .prepare(prepare_item)
            .def(concat!("bool TryGetValue(string key, out ", $value, " value)"), try_get)
            .def("bool ContainsKey(string key)", contains_key)
            .prepare(prepare_contains)
            .def("IEnumerable<string> Keys", keys)
            .def(concat!("IEnumerable<", $value, "> Values"), values)
            .def("int Count", count)
    };
}

pub(super) fn define(b: &mut Builder) {
    for id in [ids::HEADERS, ids::QUERY] {
        dictionary!(b, id, "string[]")
            .def("string GetValueOrDefault(string key)", text_or_default)
            .prepare(prepare_text_or_default)
            .def("string GetValueOrDefault(string key, string defaultValue)", text_or_default)
            .prepare(prepare_text_or_default);
    }
    dictionary!(b, ids::MATCHED, "string")
        .def("string GetValueOrDefault(string key)", plain_or_default)
        .def("string GetValueOrDefault(string key, string defaultValue)", plain_or_default);
    dictionary!(b, ids::VARIABLES, "object")
        .def("T GetValueOrDefault<T>(string key)", variable_or_default)
        .prepare(prepare_variable)
        .def("T GetValueOrDefault<T>(string key, T defaultValue)", variable_or_default)
        .prepare(prepare_variable)
        .def("object GetValueOrDefault(string key)", plain_or_default);
    dictionary!(b, ids::CERTIFICATES, "X509Certificate2");
    b.static_class(ids::EXTENSIONS)
        .def("static string GetValueOrDefault(this IReadOnlyDictionary<string, string[]> map, string key)", claim_or_default)
        .def("static string GetValueOrDefault(this IReadOnlyDictionary<string, string[]> map, string key, string defaultValue)", claim_or_default);
}
