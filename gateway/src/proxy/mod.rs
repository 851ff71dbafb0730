//! The hooks of Pingora's flow. The only folder that sees both a Pingora session and a program.
//!
//! `handle` does nearly everything: it finds the route, admits the caller and runs the program in the direct lane,
//! which drives the exchange itself (`direct`). Only upgrades and gRPC go on into Pingora's flow (`duplex`).

mod balance;
pub(crate) mod ctx;
mod deliver;
pub(crate) mod direct;
mod duplex;
pub(crate) mod headers;
mod host;
mod intake;
mod meter;
mod pool;
mod record;
mod reply;
mod serve;
pub(crate) mod upstream;
pub(crate) mod way;
pub(crate) mod worker;

use std::sync::Arc;

use async_trait::async_trait;
use pingora::http::{RequestHeader, ResponseHeader};
use pingora::modules::http::HttpModules;
use pingora::protocols::http::ServerSession;
use pingora::proxy::{FailToProxy, ProxyHttp, Session};
use pingora::upstreams::peer::HttpPeer;
use pingora::{Error, ErrorType, Result};
use policy_engine::{BuiltinError, Outcome, Response};

use self::ctx::Ctx;
use self::deliver::Undelivered;
use self::direct::DirectHost;
use self::intake::Verdict;
use self::worker::Worker;
use crate::world::World;

/// The proxy: one for all workers, because Pingora's own connector in it is dear; each request finds the worker of its thread.
#[derive(Debug)]
pub(crate) struct Gateway {
    /// For a thread that is no worker's.
    first: Arc<Worker>,
}

impl Gateway {
    pub(crate) fn new(first: Arc<Worker>) -> Self {
        Self { first }
    }

    /// Runs a request. True when it has been answered, false when Pingora's flow goes on.
    async fn handle(&self, session: &mut ServerSession, ctx: &mut Ctx) -> Result<bool> {
        let worker = Arc::clone(&ctx.worker);
        settle_connection(&worker, session);
        if is_probe(session) {
            ctx.quiet = true;
            let ready = ctx.world.is_some() && !worker.shared.is_draining();
            return self.answer(session, ctx, reply::probe(ready)).await;
        }
        ctx.make_request_id();
        let Some(world) = ctx.world.clone() else {
            return self.answer_own(session, ctx, reply::no_configuration()).await;
        };
        let (mut state, verdict) = intake::take_in(&worker, &world, session, ctx);
        let mut host = DirectHost::new(session, &worker, &world, &mut ctx.exchanged);
        let outcome = match verdict {
            Verdict::Run(chain, false) => chain.run(&mut state, &mut host).await,
            Verdict::Fail(chain, error) => chain.fail(&mut state, &mut host, error).await,
            Verdict::Preflight(chain) => match chain.preflight(&mut state, &mut host) {
                Some(outcome) => outcome,
                None => chain.fail(&mut state, &mut host, BuiltinError::OperationNotFound).await,
            },
            Verdict::Run(chain, true) => {
                drop(host);
                return duplex::begin(self, session, ctx, &world, chain, state).await;
            }
            Verdict::Broken => {
                drop(host);
                let own = reply::broken_document(&ctx::id_text(&ctx.request_id));
                return self.answer_own(session, ctx, own).await;
            }
        };
        ctx.fault = outcome.fault().map(policy_engine::PolicyError::last_error);
        if let Outcome::Abort(_) = outcome {
            drop(host);
            return match ctx.exchanged.client_fault {
                Some(status) => {
                    session.set_keepalive(None);
                    self.answer_own(session, ctx, reply::bad_body(status)).await
                }
                None => Err(Error::explain(ErrorType::ConnectionClosed, "the client went away").into_down()),
            };
        }
        ctx.meters = std::mem::take(&mut state.meters);
        let response = state.response.take().unwrap_or_default();
        ctx.status = response.status;
        match host.deliver(response).await {
            Ok(()) => Ok(true),
            // Whatever Pingora did after `Ok` would make a reply that was cut short look complete.
            Err(Undelivered::Cut(error)) => {
                drop(host);
                if !session.is_http2() {
                    // What has been written reaches the client; the end that its framing promises does not.
                    session.shutdown().await;
                }
                ctx.detail = format!("the backend broke off: {error}");
                Err(error)
            }
            Err(Undelivered::ClientGone(error)) => {
                ctx.detail = "the client went away before the reply was complete".to_owned();
                Err(error)
            }
        }
    }

    /// Writes a reply of the gateway's own, without a program.
    async fn answer(&self, session: &mut ServerSession, ctx: &mut Ctx, response: Response) -> Result<bool> {
        ctx.status = response.status;
        let worker = Arc::clone(&ctx.worker);
        let Some(world) = ctx.world.clone() else {
            return deliver::write_held(session, response).await.map(|()| true);
        };
        let mut host = DirectHost::new(session, &worker, &world, &mut ctx.exchanged);
        match host.deliver(response).await {
            Ok(()) => Ok(true),
            Err(Undelivered::Cut(error) | Undelivered::ClientGone(error)) => Err(error),
        }
    }

    async fn answer_own(&self, session: &mut ServerSession, ctx: &mut Ctx, own: reply::Own) -> Result<bool> {
        ctx.fault = Some(own.fault());
        self.answer(session, ctx, own.response).await
    }
}

/// What holds for the connection whatever the request is.
fn settle_connection(worker: &Worker, session: &mut ServerSession) {
    // The guard in front watches how fast bodies come.
    session.set_read_timeout(None);
    if worker.shared.is_draining() {
        session.set_keepalive(None);
    }
}

fn is_probe(session: &ServerSession) -> bool {
    let head = session.req_header();
    reply::PROBES.contains(&head.uri.path()) && matches!(head.method, http::Method::GET | http::Method::HEAD)
}

#[async_trait]
impl ProxyHttp for Gateway {
    type CTX = Ctx;

    fn new_ctx(&self) -> Ctx {
        Ctx::new(worker::current().unwrap_or_else(|| Arc::clone(&self.first)))
    }

    /// Pingora would add its compression module here; nobody asked for it and it costs.
    fn init_downstream_modules(&self, _: &mut HttpModules) {}

    async fn request_filter(&self, session: &mut Session, ctx: &mut Ctx) -> Result<bool> {
        self.handle(&mut session.downstream_session, ctx).await
    }

    async fn upstream_peer(&self, session: &mut Session, ctx: &mut Ctx) -> Result<Box<HttpPeer>> {
        duplex::peer(&session.downstream_session, ctx).await
    }

    async fn upstream_request_filter(
        &self,
        session: &mut Session,
        head: &mut RequestHeader,
        ctx: &mut Ctx,
    ) -> Result<()> {
        duplex::request(&session.downstream_session, head, ctx)
    }

    async fn response_filter(&self, _: &mut Session, head: &mut ResponseHeader, ctx: &mut Ctx) -> Result<()> {
        duplex::response(head, ctx).await
    }

    async fn fail_to_proxy(&self, session: &mut Session, error: &Error, ctx: &mut Ctx) -> FailToProxy {
        duplex::fail(&mut session.downstream_session, error, ctx).await
    }

    async fn logging(&self, session: &mut Session, error: Option<&Error>, ctx: &mut Ctx) {
        record::record(&session.downstream_session, error, ctx);
    }

    /// The access log says it already, and says it without the query.
    fn suppress_error_log(&self, _: &Session, _: &Ctx, _: &Error) -> bool {
        true
    }

    /// Without the query: keys stand there.
    fn request_summary(&self, session: &Session, _: &Ctx) -> String {
        let head = session.req_header();
        format!("{} {}", head.method, head.uri.path())
    }
}

/// The world of a request that has one.
fn world_of(ctx: &Ctx) -> Result<Arc<World>> {
    ctx.world.clone().ok_or_else(|| Error::explain(ErrorType::InternalError, "no configuration"))
}
