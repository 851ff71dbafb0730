//! `context.LastError` (`docs: api-management-error-handling-policies`).
use dotnet::{Builder, Result, Value};

use super::{ids, state, text};
use crate::run::error::LastError;

type Get = fn(&LastError) -> Value;

fn get(c: &mut dotnet::Call<'_>, read: Get) -> Result<Value> {
    Ok(state(c.cx)?.last_error.as_ref().map_or(Value::Null, read))
}

pub(super) fn define(b: &mut Builder) {
    b.interface(ids::LAST_ERROR)
        .def("string Source", |c| get(c, |e| Value::Str(e.source.clone())))
        .def("string Reason", |c| get(c, |e| text(e.reason.as_deref())))
        .def("string Message", |c| get(c, |e| Value::Str(e.message.clone())))
        .def("string Scope", |c| get(c, |e| text(e.scope)))
        .def("string Section", |c| get(c, |e| text(e.section)))
        .def("string Path", |c| get(c, |e| text(e.path.as_deref())))
        .def("string PolicyId", |c| get(c, |e| text(e.policy_id.as_deref())))
        .def("int HttpErrorCode", |c| get(c, |e| Value::Int32(i32::from(e.status))));
}
