//! The admin listener: metrics, and probes that tell the truth. It has no request logic and knows no secret.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{Method, Response, StatusCode, header};
use pingora::apps::HttpServerApp;
use pingora::apps::http_app::{HttpServer, ServeHttp};
use pingora::protocols::http::ServerSession;
use tokio::sync::watch;

use crate::framing::Limits;
use crate::proxy::worker::Shared;
use crate::server::{Guard, GuardRules, Patience, Plain, Reaper};

/// Pause after a failure to accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

struct Admin {
    shared: Arc<Shared>,
}

impl Admin {
    fn answer(&self, method: &Method, path: &str) -> Result<Response<Vec<u8>>, http::Error> {
        let build = |status: StatusCode, kind: &str, body: Vec<u8>| {
            Response::builder()
                .status(status)
                .header(header::CONTENT_TYPE, kind)
                .header(header::CONTENT_LENGTH, body.len())
                .body(if *method == Method::HEAD { Vec::new() } else { body })
        };
        let text = "text/plain; charset=utf-8";
        if !matches!(*method, Method::GET | Method::HEAD) {
            return build(StatusCode::METHOD_NOT_ALLOWED, text, Vec::new());
        }
        match path {
            "/metrics" => match self.shared.metrics.render() {
                Ok(body) => build(StatusCode::OK, prometheus::TEXT_FORMAT, body),
                Err(error) => build(StatusCode::INTERNAL_SERVER_ERROR, text, error.to_string().into_bytes()),
            },
            "/status-0123456789abcdef" | "/internal-status-0123456789abcdef" => {
                let ready = self.shared.world.load().is_some() && !self.shared.is_draining();
                let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
                build(status, "application/json", self.status().into_bytes())
            }
            _ => build(StatusCode::NOT_FOUND, text, Vec::new()),
        }
    }

    fn status(&self) -> String {
        let world = self.shared.world.load();
        let metrics = &self.shared.metrics;
        serde_json::json!({
            "revision": world.as_ref().map(|world| world.revision.to_string()),
            "apis": world.as_ref().map_or(0, |world| world.apis.len()),
            "revision_age_seconds": metrics.revision_age().map(|age| age.as_secs()),
            "uptime_seconds": metrics.uptime().as_secs(),
            "draining": self.shared.is_draining(),
        })
        .to_string()
    }
}

#[async_trait]
impl ServeHttp for Admin {
    async fn response(&self, session: &mut ServerSession) -> Response<Vec<u8>> {
        let head = session.req_header();
        self.answer(&head.method, head.uri.path()).unwrap_or_default()
    }
}

/// Serves for ever.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let app = Arc::new(HttpServer::new_app(Admin { shared }));
    let (_keep, shutdown) = watch::channel(false);
    let reaper = Reaper::new();
    tokio::spawn(Arc::clone(&reaper).run());
    let rules = Arc::new(GuardRules {
        limits: Limits::default(),
        patience: Patience::default(),
        reaper,
        on_refusal: Arc::new(
            |refusal, peer| log::warn!(client = peer, reason = refusal.name(); "an admin request was refused"),
        ),
    });
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (app, rules, shutdown) = (Arc::clone(&app), Arc::clone(&rules), shutdown.clone());
        tokio::spawn(async move {
            let guard = Guard::new(Plain::new(stream, peer), rules);
            let mut session = ServerSession::new_http1(Box::new(guard));
            session.set_keepalive(None);
            let mut result = app.process_new_http(session, &shutdown).await;
            while let Some((stream, _)) = result.map(|reused| reused.consume()) {
                let Ok(mut guard) = stream.into_any().downcast::<Guard<Plain>>() else { return };
                if !guard.next_request() {
                    return;
                }
                result = app.process_new_http(ServerSession::new_http1(guard), &shutdown).await;
            }
        });
    }
}
