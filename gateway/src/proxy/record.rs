//! What is told about a request when it is over, exactly once: metrics and a line in the access log.

use std::sync::Arc;

use pingora::Error;
use pingora::protocols::http::ServerSession;

use super::ctx::{Ctx, id_text};
use super::headers::push_address;
use crate::telemetry::Line;

pub(super) fn record(session: &ServerSession, error: Option<&Error>, ctx: &mut Ctx) {
    if ctx.quiet {
        return;
    }
    super::meter::count(session, ctx);
    let took = ctx.started.elapsed();
    let worker = Arc::clone(&ctx.worker);
    let metrics = &worker.shared.metrics;
    let waited = ctx
        .exchanged
        .status
        .map(|_| ctx.exchanged.waited)
        .or((!ctx.exchanged.waited.is_zero()).then_some(ctx.exchanged.waited));
    if session.response_written().is_none() {
        ctx.status = 0;
    }
    let api = ctx.api.and_then(|at| ctx.world.as_ref()?.apis.get(at));
    api.map_or(metrics.no_api(), |api| &api.meters).record(ctx.status, took, waited);
    if let Some(fault) = &ctx.fault {
        metrics.policy_error(&fault.source, fault.reason.as_deref().unwrap_or_default());
    }
    metrics.answered(ctx.status >= 500 && ctx.fault.is_some());
    if !worker.access_log.is_on() {
        return;
    }
    if let Some(error) = error
        && ctx.detail.is_empty()
    {
        ctx.detail = error.to_string();
    }
    let head = session.req_header();
    let operation =
        api.and_then(|api| api.operations.get(ctx.operation?)).map(|operation| operation.operation.id.as_str());
    let mut client = String::with_capacity(48);
    if let Some(address) = worker.client_ip(session) {
        push_address(&mut client, address);
    }
    let host = head.uri.host().or_else(|| head.headers.get("host")?.to_str().ok()).unwrap_or_default();
    let fault = ctx.fault.as_ref();
    let place = fault.map(place).unwrap_or_default();
    worker.access_log.write(&Line {
        id: &id_text(&ctx.request_id),
        client: &client,
        method: head.method.as_str(),
        path: head.uri.path(),
        host,
        status: ctx.status,
        took,
        api: api.map_or("", |api| api.api.id.as_str()),
        operation: operation.unwrap_or_default(),
        product: ctx.product.as_ref().map_or("", |product| product.id.as_str()),
        subscription: ctx.subscription.as_ref().map_or("", |subscription| subscription.id.as_str()),
        backend: ctx.exchanged.backend.as_ref().and_then(|backend| backend.to_str().ok()).unwrap_or_default(),
        backend_status: ctx.exchanged.status,
        waited,
        bytes: ctx.exchanged.reply_bytes,
        repeated: ctx.exchanged.repeated,
        source: fault.map_or("", |fault| &fault.source),
        reason: fault.and_then(|fault| fault.reason.as_deref()).unwrap_or_default(),
        message: fault.map_or("", |fault| &fault.message),
        place: &place,
        detail: &ctx.detail,
    });
}

/// `api inbound choose[1]/when[2]`.
fn place(fault: &policy_engine::LastError) -> String {
    let parts = [fault.scope, fault.section, fault.path.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
