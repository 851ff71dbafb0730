//! `context` itself.
use dotnet::{Builder, Value};

use super::{handle_if, ids, state};
use crate::host::{Level, TraceEntry};

pub(super) fn define(b: &mut Builder) {
    b.interface(ids::CONTEXT)
        .def("IContextApi Api", |c| Ok(handle_if(state(c.cx)?.facts.api.is_some(), ids::CONTEXT_API)))
        .pure("IDeployment Deployment", |_| Ok(Value::Handle(ids::DEPLOYMENT, 0)))
        .def("TimeSpan Elapsed", |c| {
            let now = c.cx.utc_now_ticks();
            let state = state(c.cx)?;
            Ok(Value::TimeSpan(state.elapsed.unwrap_or_else(|| now.saturating_sub(state.received).max(0))))
        })
        .def("ILastError LastError", |c| Ok(handle_if(state(c.cx)?.last_error.is_some(), ids::LAST_ERROR)))
        .def("IOperation Operation", |c| Ok(handle_if(state(c.cx)?.facts.operation.is_some(), ids::OPERATION)))
        .def("IProduct Product", |c| Ok(handle_if(state(c.cx)?.facts.product.is_some(), ids::PRODUCT)))
        .pure("IRequest Request", |_| Ok(Value::Handle(ids::REQUEST, 0)))
        .def("Guid RequestId", |c| Ok(Value::Guid(state(c.cx)?.request_id)))
        .def("IResponse Response", |c| Ok(handle_if(state(c.cx)?.response.is_some(), ids::RESPONSE)))
        .def("ISubscription Subscription", |c| {
            Ok(handle_if(state(c.cx)?.facts.subscription.is_some(), ids::SUBSCRIPTION))
        })
        .def("DateTime Timestamp", |c| Ok(Value::DateTime(dotnet::DateTime { ticks: state(c.cx)?.received, kind: 1 })))
        .def("bool Tracing", |c| Ok(Value::Bool(state(c.cx)?.tracing)))
        .def("IUser User", |c| Ok(handle_if(state(c.cx)?.facts.user.is_some(), ids::USER)))
        .pure("VariableDictionary Variables", |_| Ok(super::dictionaries::variables()))
        .def("void Trace(string message)", |c| {
            let message = c.str_or_null(1).unwrap_or_default();
            c.cx.charge_bytes(message.len())?;
            let at = c.cx.utc_now_ticks();
            let state = state(c.cx)?;
            if state.tracing {
                let message = message.to_string();
                state.trace.push(TraceEntry {
                    source: "expression".into(),
                    level: Level::Information,
                    message,
                    metadata: Vec::new(),
                    at,
                });
            }
            Ok(Value::Null)
        });
}
