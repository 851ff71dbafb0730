//! From a request head to a program and the state it starts with: route, caller, product.

use std::sync::Arc;

use http::{HeaderMap, Version, header};
use pingora::protocols::http::ServerSession;
use policy_engine::{
    Body, BodyStream, BuiltinError, Chain, Client, EvalState, Facts, Lane, OriginalUrl, Request, Target,
};

use super::ctx::Ctx;
use super::direct::end_to_end;
use super::host::utc_ticks;
use super::worker::Worker;
use crate::access::Denied;
use crate::routing::{self, Matched, NoMatch, QueryPairs, decode_component};
use crate::world::{World, WorldApi, WorldOperation};
use config_model::ApiKind;

/// What is to be done with a request.
pub(super) enum Verdict {
    /// Run the program; true for the duplex lane.
    Run(Arc<Chain>, bool),
    /// A built-in step failed: run on-error of this chain.
    Fail(Arc<Chain>, BuiltinError),
    /// A browser asks what it may do, and no operation takes the question.
    Preflight(Arc<Chain>),
    /// A document that applies has errors.
    Broken,
}

/// Reads the head of a request.
pub(super) fn take_in(
    worker: &Worker,
    world: &Arc<World>,
    session: &mut ServerSession,
    ctx: &mut Ctx,
) -> (EvalState, Verdict) {
    let has_body = !session.is_body_empty();
    let head = session.req_header();
    let https = is_https(worker, session);
    let authority = authority(head);
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let mut state = EvalState {
        request: Request {
            method: head.method.clone(),
            headers: end_to_end(&head.headers),
            body: if has_body { Body::Stream(BodyStream::CLIENT) } else { Body::Empty },
            ..Request::default()
        },
        original: original(authority, https, path, query),
        client: Client { ip: worker.client_ip(session), certificate: None },
        request_id: ctx.request_id,
        received: utc_ticks(),
        ..EvalState::new(Facts::new(Arc::clone(&world.snapshot), Arc::clone(&world.deployment)))
    };
    let asked = routing::Request { method: &head.method, path, query, headers: &head.headers, authority, https };
    let verdict = match routing::find(&world.routes, &asked) {
        Ok(matched) => admit(world, &asked, &matched, &mut state, ctx),
        Err(why) => match preflight(world, &asked, &why, &mut state, ctx) {
            Some(verdict) => verdict,
            None => not_found(world, &why, &mut state, ctx),
        },
    };
    let verdict = match verdict {
        Verdict::Run(chain, _) => {
            let duplex = is_duplex(session, &state);
            if duplex {
                state.lane = Lane::Duplex;
            }
            Verdict::Run(chain, duplex)
        }
        other => other,
    };
    (state, verdict)
}

/// The program of the operation that the browser asks about answers; with a key in the query also that of its product.
fn preflight(
    world: &World,
    asked: &routing::Request<'_>,
    why: &NoMatch,
    state: &mut EvalState,
    ctx: &mut Ctx,
) -> Option<Verdict> {
    if !policy_engine::is_preflight(&state.request) {
        return None;
    }
    let at = why.api()?;
    let api = world.apis.get(at)?;
    let wanted = asked.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?.as_bytes();
    let wanted = http::Method::from_bytes(wanted).ok()?;
    let chain = match routing::find(&world.routes, &routing::Request { method: &wanted, ..*asked }) {
        Ok(matched) if matched.api == at => {
            let admitted = world.access.admit(&api.api.root, false, key(api, asked).as_deref()).unwrap_or_default();
            let chain =
                api.operations.get(matched.operation)?.chain(admitted.product.as_ref().map(|product| &product.id));
            state.facts.product.clone_from(&admitted.product);
            ctx.product = admitted.product;
            chain.cloned()
        }
        _ => api.chain.clone(),
    };
    ctx.api = Some(at);
    state.facts.api = Some(Arc::clone(&api.api));
    chain.map(Verdict::Preflight)
}

fn not_found(world: &World, why: &NoMatch, state: &mut EvalState, ctx: &mut Ctx) -> Verdict {
    ctx.detail = why.to_string();
    let api = why.api().and_then(|at| world.apis.get(at));
    ctx.api = why.api();
    let chain = match api {
        Some(api) => {
            state.facts.api = Some(Arc::clone(&api.api));
            api.chain.clone()
        }
        None => world.global.clone(),
    };
    chain.map_or(Verdict::Broken, |chain| Verdict::Fail(chain, BuiltinError::OperationNotFound))
}

fn admit(
    world: &World,
    asked: &routing::Request<'_>,
    matched: &Matched,
    state: &mut EvalState,
    ctx: &mut Ctx,
) -> Verdict {
    let Some(api) = world.apis.get(matched.api) else { return Verdict::Broken };
    let Some(operation) = api.operations.get(matched.operation) else { return Verdict::Broken };
    ctx.api = Some(matched.api);
    ctx.operation = Some(matched.operation);
    state.facts.api = Some(Arc::clone(&api.api));
    state.facts.operation = Some(Arc::clone(&operation.operation));
    state.matched = parameters(operation, asked, matched);
    state.request.target = Target {
        base: api.base.clone(),
        path: asked.path.get(matched.api_part..).unwrap_or_default().to_owned(),
        query: asked.query.to_owned(),
        ..Target::default()
    };
    let key = key(api, asked);
    match world.access.admit(&api.api.root, api.api.subscription_required, key.as_deref()) {
        Ok(admitted) => {
            let product = admitted.product.as_ref().map(|product| &product.id);
            let chain = operation.chain(product).cloned();
            ctx.product.clone_from(&admitted.product);
            ctx.subscription.clone_from(&admitted.subscription);
            state.facts.user = admitted
                .subscription
                .as_ref()
                .and_then(|subscription| subscription.owner.as_ref())
                .and_then(|owner| world.snapshot.users.get(owner))
                .cloned();
            state.facts.product = admitted.product;
            state.facts.subscription = admitted.subscription;
            state.facts.subscription_key = admitted.key;
            chain.map_or(Verdict::Broken, |chain| Verdict::Run(chain, false))
        }
        Err(denied) => {
            let scheme = if asked.https { "https" } else { "http" };
            let realm = format!("{scheme}://{}/{}", asked.authority, api.api.path.trim_matches('/'));
            let challenge = BuiltinError::challenge(&realm, &api.api.subscription_key.header);
            let error = match denied {
                Denied::Missing => BuiltinError::SubscriptionKeyNotFound(challenge),
                Denied::Invalid => BuiltinError::SubscriptionKeyInvalid(challenge),
            };
            operation.chain(None).cloned().map_or(Verdict::Broken, |chain| Verdict::Fail(chain, error))
        }
    }
}

/// The key that was given. The query counts only when the header is absent; an empty header value is as good as none.
fn key<'r>(api: &WorldApi, asked: &routing::Request<'r>) -> Option<std::borrow::Cow<'r, str>> {
    if let Some(value) = asked.headers.get(&api.key_header)
        && !value.is_empty()
    {
        // What is no text is no key of ours either.
        return Some(value.to_str().unwrap_or("\u{fffd}").into());
    }
    QueryPairs::value_of(asked.query, &api.api.subscription_key.query).map(decode_component)
}

fn parameters(operation: &WorldOperation, asked: &routing::Request<'_>, matched: &Matched) -> Vec<(Arc<str>, String)> {
    let spans = matched.captures.iter().map(|(from, to)| {
        let range = usize::try_from(*from).unwrap_or(0)..usize::try_from(*to).unwrap_or(0);
        asked.path.get(range).unwrap_or_default()
    });
    let in_path = operation.names.iter().zip(spans).map(|(name, raw)| (Arc::clone(name), routing::decode_segment(raw)));
    let in_query = operation.query.iter().filter_map(|(key, name)| {
        let value = QueryPairs::value_of(asked.query, key)?;
        Some((Arc::clone(name), decode_component(value).into_owned()))
    });
    in_path.chain(in_query).collect()
}

/// WebSocket handshakes and gRPC calls stream both ways at once; they stay in Pingora's flow.
fn is_duplex(session: &ServerSession, state: &EvalState) -> bool {
    match state.facts.api.as_ref().map(|api| api.kind) {
        Some(ApiKind::Websocket) => session.is_upgrade_req(),
        Some(ApiKind::Grpc) => session.is_http2(),
        _ => false,
    }
}

fn authority(head: &pingora::http::RequestHeader) -> &str {
    if head.version == Version::HTTP_2
        && let Some(authority) = head.uri.authority()
    {
        return authority.as_str();
    }
    head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

fn is_https(worker: &Worker, session: &ServerSession) -> bool {
    if worker.shared.believe_forwarded_proto
        && let Some(proto) = forwarded_proto(&session.req_header().headers)
    {
        return proto.eq_ignore_ascii_case("https");
    }
    session.digest().is_some_and(|digest| digest.ssl_digest.is_some())
}

fn forwarded_proto(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-forwarded-proto")?.to_str().ok()?.split(',').next().map(str::trim)
}

fn original(authority: &str, tls: bool, path: &str, query: &str) -> OriginalUrl {
    let default = if tls { 443 } else { 80 };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().unwrap_or(default)),
        _ => (authority, default),
    };
    OriginalUrl { tls, host: host.to_owned(), port, path: path.to_owned(), query: query.to_owned() }
}
