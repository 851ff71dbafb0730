//! `IRequest` and `IResponse`: the heads of messages. Responses are numbered: 0 is `context.Response`, others stand in `EvalState::responses`, from 1.
use dotnet::{Ambient, Builder, Call, Exception, Ready, Result, Value};

use super::{body, dictionaries, ids, index, state, text, url};
use crate::run::message::{Body, Response};
use crate::run::state::EvalState;

/// The response with a number.
pub(super) fn response_at(state: &mut EvalState, n: u32) -> Result<&mut Response> {
    let found = match n.checked_sub(1) {
        None => state.response.as_mut(),
        Some(n) => state.responses.get_mut(usize::try_from(n).unwrap_or(usize::MAX)),
    };
    found.ok_or_else(Exception::null_reference)
}

fn response<'a>(c: &'a mut Call<'_>) -> Result<&'a mut Response> {
    let n = index(c);
    response_at(state(c.cx)?, n)
}

fn has_body(body: &Body) -> bool {
    !matches!(body, Body::Empty)
}

pub(super) fn define(b: &mut Builder) {
    b.interface(ids::REQUEST)
        .def("IMessageBody Body", |c| {
            Ok(if has_body(&state(c.cx)?.request.body) { body::request() } else { Value::Null })
        })
        .def("X509Certificate2 Certificate", |c| {
            let der = state(c.cx)?.client.certificate.clone();
            der.map_or(Ok(Value::Null), |der| super::crypto::certificate(&der))
        })
        .pure("HeaderDictionary Headers", |_| Ok(dictionaries::request_headers()))
        .def("string IpAddress", |c| Ok(state(c.cx)?.client.ip.map_or(Value::Null, |ip| Value::str(ip.to_string()))))
        .pure("MatchedParameterDictionary MatchedParameters", |_| Ok(dictionaries::matched()))
        .def("string Method", |c| Ok(method(&state(c.cx)?.request.method)))
        .prepare(|_| {
            let give = |cx: &mut dyn Ambient, _: &[&Value]| Ok(method(&state(cx)?.request.method));
            Some(Ready::text(give, |cx, _, out| {
                out.push_str(state(cx)?.request.method.as_str());
                Ok(())
            }))
        })
        .pure("IUrl OriginalUrl", |_| Ok(url::original()))
        .pure("IUrl Url", |_| Ok(url::request()))
        .def("IPrivateEndpointConnection PrivateEndpointConnection", |_| Ok(Value::Null));
    b.interface(ids::RESPONSE)
        .def("IMessageBody Body", |c| {
            let n = index(c);
            Ok(if has_body(&response(c)?.body) { body::response(n) } else { Value::Null })
        })
        .def("HeaderDictionary Headers", |c| Ok(dictionaries::response_headers(index(c))))
        .def("int StatusCode", |c| Ok(Value::Int32(i32::from(response(c)?.status))))
        .def("string StatusReason", |c| Ok(text(Some(response(c)?.reason_phrase()))));
    b.interface(ids::PRIVATE_ENDPOINT)
        .def("string Name", |_| Ok(Value::Null))
        .def("string GroupId", |_| Ok(Value::Null))
        .def("string MemberName", |_| Ok(Value::Null));
}

/// The text of a method; the common ones are shared.
fn method(method: &http::Method) -> Value {
    use std::sync::{Arc, LazyLock};
    static COMMON: LazyLock<Vec<(http::Method, Arc<str>)>> = LazyLock::new(|| {
        use http::Method as M;
        [M::GET, M::POST, M::PUT, M::DELETE, M::PATCH, M::HEAD, M::OPTIONS]
            .into_iter()
            .map(|m| (m.clone(), Arc::from(m.as_str())))
            .collect()
    });
    match COMMON.iter().find(|(m, _)| m == method) {
        Some((_, text)) => Value::Str(text.clone()),
        None => Value::str(method.as_str()),
    }
}
