//! The duplex lane: WebSocket handshakes and gRPC calls, whose both directions stream at once through Pingora's own flow.
//!
//! The program runs in two halves around it. Bodies never pass through the program here; `check` says so for APIs of these
//! kinds.

use std::sync::Arc;

use http::header;
use parking_lot::Mutex;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::protocols::http::ServerSession;
use pingora::proxy::FailToProxy;
use pingora::upstreams::peer::{H1UpgradePolicy, HttpPeer};
use pingora::{Error, ErrorSource, ErrorType, Result};
use policy_engine::{Chain, EvalState, Outcome, Progress, Response};

use super::balance::{self, Chosen};
use super::ctx::{Ctx, Duplex};
use super::deliver::write_held;
use super::direct::{Exchanged, io_error};
use super::headers::{add_forwarded_for, strip_hop_by_hop};
use super::host::DuplexHost;
use super::way::Way;
use super::{Gateway, world_of};
use crate::world::World;

/// Runs the request half. True when the program has answered by itself.
pub(super) async fn begin(
    gateway: &Gateway,
    session: &mut ServerSession,
    ctx: &mut Ctx,
    world: &Arc<World>,
    chain: Arc<Chain>,
    mut state: EvalState,
) -> Result<bool> {
    let worker = Arc::clone(&ctx.worker);
    let mut host = DuplexHost { worker: &worker, world };
    match chain.run_request(&mut state, &mut host).await {
        Progress::Forward => {
            let chosen = match &state.request.target.base {
                Some(base) if world.is_balanced() => balance::choose(world, base, session),
                _ => Ok(Chosen { member: None, cookie: None }),
            };
            let chosen = match chosen {
                Ok(chosen) => chosen,
                Err(error) => {
                    let outcome = chain.fail_exchange(&mut state, &mut host, &error).await;
                    ctx.fault = outcome.fault().map(policy_engine::PolicyError::last_error);
                    return gateway.answer(session, ctx, state.response.take().unwrap_or_default()).await;
                }
            };
            if let Some(member) = chosen.member {
                state.request.target.base = Some(member);
            }
            let cookie = chosen.cookie;
            ctx.duplex = Some(Box::new(Duplex { chain, state: Mutex::new(state), answered: false, cookie }));
            Ok(false)
        }
        Progress::Done(outcome) => {
            ctx.fault = outcome.fault().map(policy_engine::PolicyError::last_error);
            if matches!(outcome, Outcome::Abort(_)) {
                return Err(Error::explain(ErrorType::ConnectionClosed, "the client went away").into_down());
            }
            gateway.answer(session, ctx, state.response.take().unwrap_or_default()).await
        }
    }
}

/// Where the exchange goes.
pub(super) async fn peer(session: &ServerSession, ctx: &mut Ctx) -> Result<Box<HttpPeer>> {
    let world = world_of(ctx)?;
    let worker = Arc::clone(&ctx.worker);
    let duplex = ctx.duplex.as_mut().ok_or_else(no_duplex)?;
    let request = &duplex.state.get_mut().request;
    let (base, proxy) = (request.target.base.clone(), request.proxy.clone());
    let base =
        base.ok_or_else(|| Error::explain(ErrorType::ConnectError, "the API has no backend service").into_up())?;
    let rules = world.rules_for(&base);
    let proxy = proxy.as_ref().or(rules.and_then(|rules| rules.proxy.as_ref()));
    let version = if session.is_upgrade_req() { 1 } else { 2 };
    // An upgrade leaves HTTP behind: a proxy can only pass its bytes on.
    let way = Way::new(proxy, &base, false);
    let peer = worker.peers.get(&way.key(&base, (version, version), rules)).await;
    let peer = peer.map_err(|error| Error::explain(ErrorType::ConnectError, error.to_string()).into_up())?;
    ctx.exchanged = Exchanged { backend: Some(peer.host.clone()), ..Exchanged::default() };
    let address = peer.addresses().next();
    let mut peer = address.ok_or_else(no_duplex)?.to_peer();
    // The handshake passes as it is; other hop-by-hop fields are taken out when the head is replaced.
    peer.options.http_upstream_request_policy.h1_upgrade = H1UpgradePolicy::WebSocketOnly;
    Ok(Box::new(peer))
}

/// Puts the program's request in place of the client's.
pub(super) fn request(session: &ServerSession, head: &mut RequestHeader, ctx: &mut Ctx) -> Result<()> {
    let world = world_of(ctx)?;
    let worker = Arc::clone(&ctx.worker);
    let upgrade = head.headers.get(header::UPGRADE).cloned();
    let backend = ctx.exchanged.backend.clone();
    let duplex = ctx.duplex.as_mut().ok_or_else(no_duplex)?;
    let request = &duplex.state.get_mut().request;
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = request.method.clone();
    let uri = request.target.path_and_query().parse();
    parts.uri = uri.map_err(|error| Error::because(ErrorType::InvalidHTTPHeader, "the backend URL", error))?;
    parts.version = head.version;
    parts.headers = request.headers.clone();
    // A WebSocket backend is always named by its own host.
    if let Some(host) = backend.filter(|_| !request.keep_host || upgrade.is_some()) {
        parts.headers.insert(header::HOST, host);
    }
    if let Some(client) = worker.client_ip(session) {
        add_forwarded_for(&mut parts.headers, client);
    }
    if let Some(upgrade) = upgrade {
        parts.headers.insert(header::UPGRADE, upgrade);
        parts.headers.insert(header::CONNECTION, http::HeaderValue::from_static("Upgrade"));
    } else {
        parts.headers.insert(header::TE, http::HeaderValue::from_static("trailers"));
    }
    if let Some(rules) = request.target.base.as_ref().and_then(|base| world.backend_rules(base.backend.as_ref()?)) {
        rules.apply(&mut parts).map_err(|why| Error::explain(ErrorType::InvalidHTTPHeader, why))?;
    }
    *head = parts.into();
    Ok(())
}

/// Runs the response half over the head that came.
pub(super) async fn response(head: &mut ResponseHeader, ctx: &mut Ctx) -> Result<()> {
    if ctx.duplex.as_ref().is_none_or(|duplex| duplex.answered)
        || (head.status.is_informational() && head.status != 101)
    {
        return Ok(());
    }
    let world = world_of(ctx)?;
    let worker = Arc::clone(&ctx.worker);
    ctx.exchanged.status = Some(head.status.as_u16());
    ctx.status = head.status.as_u16();
    let connection: Vec<_> = [header::CONNECTION, header::UPGRADE, header::TRANSFER_ENCODING]
        .into_iter()
        .filter_map(|name| head.headers.get(&name).cloned().map(|value| (name, value)))
        .collect();
    let Some(duplex) = ctx.duplex.as_mut() else { return Ok(()) };
    duplex.answered = true;
    let state = duplex.state.get_mut();
    let mut seen = Response::new(head.status.as_u16());
    seen.reason = head.get_reason_phrase().map(Into::into);
    seen.headers = head.headers.clone();
    if let Some(base) = &state.request.target.base {
        balance::record(&world, base, Ok((seen.status, &seen.headers)));
    }
    strip_hop_by_hop(&mut seen.headers);
    if let Some(cookie) = duplex.cookie.take() {
        seen.headers.append(header::SET_COOKIE, cookie);
    }
    state.response = Some(seen);
    let mut host = DuplexHost { worker: &worker, world: &world };
    let outcome = duplex.chain.run_response(state, &mut host).await;
    ctx.fault = outcome.fault().map(policy_engine::PolicyError::last_error);
    if ctx.fault.is_some() {
        // The body that follows is the backend's and cannot be replaced: the reply goes out through `fail`.
        return Err(Error::explain(ErrorType::InternalError, "a policy failed after the backend had answered"));
    }
    let answer = state.response.take().unwrap_or_default();
    ctx.status = answer.status;
    let (mut parts, ()) = http::Response::new(()).into_parts();
    parts.status = http::StatusCode::from_u16(answer.status).unwrap_or(head.status);
    parts.version = head.version;
    parts.headers = answer.headers;
    for (name, value) in connection {
        parts.headers.insert(name, value);
    }
    *head = parts.into();
    let _ = head.set_reason_phrase(answer.reason.as_deref());
    Ok(())
}

/// Answers a failure of the flow: the program's on-error where there is a program and nothing was sent yet.
pub(super) async fn fail(session: &mut ServerSession, error: &Error, ctx: &mut Ctx) -> FailToProxy {
    let closed = FailToProxy { error_code: 0, can_reuse_downstream: false };
    if session.response_written().is_some() || *error.esource() == ErrorSource::Downstream {
        return closed;
    }
    session.set_keepalive(None);
    let worker = Arc::clone(&ctx.worker);
    let (Some(duplex), Some(world)) = (ctx.duplex.as_mut(), ctx.world.clone()) else { return closed };
    let state = duplex.state.get_mut();
    if duplex.answered {
        let response = state.response.take().unwrap_or_default();
        ctx.status = response.status;
        let error_code = response.status;
        let _ = write_held(session, response).await;
        return FailToProxy { error_code, can_reuse_downstream: false };
    }
    let mut host = DuplexHost { worker: &worker, world: &world };
    let failure = io_error(error);
    if let Some(base) = &state.request.target.base {
        balance::record(&world, base, Err(&failure));
    }
    let outcome = duplex.chain.fail_exchange(state, &mut host, &failure).await;
    ctx.fault = outcome.fault().map(policy_engine::PolicyError::last_error);
    let response = state.response.take().unwrap_or_default();
    ctx.status = response.status;
    let error_code = response.status;
    let _ = write_held(session, response).await;
    FailToProxy { error_code, can_reuse_downstream: false }
}

fn no_duplex() -> Box<Error> {
    Error::explain(ErrorType::InternalError, "the request is not in the duplex lane")
}
