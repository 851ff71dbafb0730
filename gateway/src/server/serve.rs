//! The worker threads, and the life of a client connection on one.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use openssl::ssl::SslAcceptor;
use pingora::apps::{HttpPersistentSettings, HttpServerApp, ReusedHttpStream, ServerApp};
use pingora::protocols::http::ServerSession;
use pingora::protocols::tls::server::handshake;
use pingora::protocols::{ALPN, IO, Ssl};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

use super::flow::Flow;
use super::{Guard, GuardRules, Patience, Plain, Reaper};
use crate::proxy::Gateway;
use crate::proxy::worker::{self, Shared, Worker};
use crate::settings::Settings;
use crate::telemetry::LogFormat;

/// The first bytes of HTTP/2 without TLS.
const H2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Pause between looks at a preface that has not come whole.
const PREFACE_PAUSE: Duration = Duration::from_millis(10);

/// A connection on its way to a worker.
pub(super) struct Accepted {
    pub(super) stream: std::net::TcpStream,
    pub(super) peer: SocketAddr,
    pub(super) tls: bool,
}

/// The workers.
pub(super) struct Workers {
    threads: Vec<Thread>,
    shutdown: watch::Sender<bool>,
}

struct Thread {
    sender: mpsc::UnboundedSender<Accepted>,
    open: Arc<AtomicUsize>,
    handle: JoinHandle<()>,
}

impl Workers {
    pub(super) fn start(settings: &Settings, shared: &Arc<Shared>, acceptor: Option<SslAcceptor>) -> io::Result<Self> {
        let (shutdown, watching) = watch::channel(false);
        let log = if settings.access_log { settings.log } else { LogFormat::None };
        let make = || Arc::new(Worker::new(Arc::clone(shared), settings.pool, log, settings.body_idle));
        let workers: Vec<Arc<Worker>> = (0..settings.workers.max(1)).map(|_| make()).collect();
        let Some(first) = workers.first() else { return Err(io::ErrorKind::InvalidInput.into()) };
        let flow = Arc::new(Flow::new(settings, first));
        let mut threads = Vec::new();
        for (number, worker) in workers.into_iter().enumerate() {
            let (sender, receiver) = mpsc::unbounded_channel();
            let open = Arc::new(AtomicUsize::new(0));
            let life = Arc::new(Life {
                rules: Arc::new(rules(settings, &worker)),
                gateway: Gateway::new(Arc::clone(&worker)),
                worker,
                flow: Arc::clone(&flow),
                acceptor: acceptor.clone(),
                shutdown: watching.clone(),
                open: Arc::clone(&open),
                reuses: settings.requests_per_connection,
                head_time: settings.head_time,
                cleartext_http2: settings.cleartext_http2,
            });
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let handle = std::thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || runtime.block_on(life.run(receiver)))?;
            threads.push(Thread { sender, open, handle });
        }
        Ok(Self { threads, shutdown })
    }

    /// Deals a connection to the worker that has the fewest.
    pub(super) fn deal(&self, accepted: Accepted) {
        if let Some(thread) = self.threads.iter().min_by_key(|thread| thread.open.load(Ordering::Relaxed)) {
            thread.open.fetch_add(1, Ordering::Relaxed);
            if thread.sender.send(accepted).is_err() {
                thread.open.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// Connections that are open.
    pub(super) fn open(&self) -> usize {
        self.threads.iter().map(|thread| thread.open.load(Ordering::Relaxed)).sum()
    }

    /// Idle connections end now, others with the request they carry.
    pub(super) fn drain(&self) {
        self.shutdown.send_replace(true);
    }

    /// Ends the threads.
    pub(super) fn end(self) {
        for Thread { sender, handle, .. } in self.threads {
            drop(sender);
            let _ = handle.join();
        }
    }
}

/// What all connections of a worker share.
struct Life {
    worker: Arc<Worker>,
    flow: Arc<Flow>,
    gateway: Gateway,
    rules: Arc<GuardRules>,
    acceptor: Option<SslAcceptor>,
    shutdown: watch::Receiver<bool>,
    open: Arc<AtomicUsize>,
    reuses: u32,
    head_time: Duration,
    cleartext_http2: bool,
}

fn rules(settings: &Settings, worker: &Worker) -> GuardRules {
    let metrics = Arc::clone(&worker.shared.metrics);
    GuardRules {
        limits: settings.limits,
        patience: Patience {
            head: settings.head_time,
            idle: settings.idle_time,
            body_rate: settings.body_rate,
            write: settings.write_time,
            ..Patience::default()
        },
        reaper: Reaper::new(),
        on_refusal: Arc::new(move |refusal, peer| {
            metrics.refusal(refusal);
            log::warn!(client = peer, reason = refusal.name(), status = refusal.status(); "a request was refused unread");
        }),
    }
}

impl Life {
    async fn run(self: Arc<Self>, mut receiver: mpsc::UnboundedReceiver<Accepted>) {
        worker::enter(&self.worker);
        tokio::spawn(Arc::clone(&self.rules.reaper).run());
        let worker = Arc::clone(&self.worker);
        tokio::spawn(async move {
            let mut interval = tokio::time::interval(super::reaper::TICK);
            loop {
                interval.tick().await;
                worker.access_log.flush();
                worker.pool.sweep();
                worker.shared.metrics.lost_log_lines(crate::telemetry::writer().take_lost());
            }
        });
        let mut shutdown = self.shutdown.clone();
        let flow = Arc::clone(&self.flow);
        let reaper = Arc::clone(&self.rules.reaper);
        tokio::spawn(async move {
            let _ = shutdown.wait_for(|ending| *ending).await;
            reaper.drain();
            flow.end().await;
        });
        while let Some(accepted) = receiver.recv().await {
            let life = Arc::clone(&self);
            tokio::spawn(async move {
                let _open = Open(Arc::clone(&life.open));
                life.connection(accepted).await;
            });
        }
        self.worker.access_log.flush();
    }

    async fn connection(&self, accepted: Accepted) {
        let Ok(stream) = TcpStream::from_std(accepted.stream) else { return };
        match (&self.acceptor, accepted.tls) {
            (Some(acceptor), true) => {
                let plain = Plain::new(stream, accepted.peer);
                let shaken = tokio::time::timeout(self.head_time, handshake(acceptor, plain)).await;
                match shaken {
                    Ok(Ok(stream)) if matches!(stream.selected_alpn_proto(), Some(ALPN::H2)) => {
                        self.http2(stream).await;
                    }
                    Ok(Ok(stream)) => self.http1(stream).await,
                    Ok(Err(error)) => {
                        log::debug!(client = accepted.peer.to_string(), error = error.to_string(); "TLS handshake failed")
                    }
                    Err(_) => log::debug!(client = accepted.peer.to_string(); "TLS handshake took too long"),
                }
            }
            _ if self.cleartext_http2 && self.begins_http2(&stream).await => {
                self.http2(Plain::new(stream, accepted.peer)).await;
            }
            _ => self.http1(Plain::new(stream, accepted.peer)).await,
        }
    }

    /// Whether the first bytes are those of HTTP/2. Looks without taking; a client that sends nothing is the guard's.
    async fn begins_http2(&self, stream: &TcpStream) -> bool {
        let look = async {
            let mut bytes = [0; H2_PREFACE.len()];
            loop {
                let Ok(count) = stream.peek(&mut bytes).await else { return false };
                let seen = bytes.get(..count).unwrap_or_default();
                if count == 0 || !H2_PREFACE.starts_with(seen) {
                    return false;
                }
                if count == H2_PREFACE.len() {
                    return true;
                }
                tokio::time::sleep(PREFACE_PAUSE).await;
            }
        };
        tokio::time::timeout(self.head_time, look).await.unwrap_or(false)
    }

    /// Requests on an HTTP/1 connection, one after the other, each behind the guard. Only those that ask for another protocol
    /// see Pingora's flow: its future is some sixty kilobytes, made and moved for each request.
    async fn http1<S: IO + 'static>(&self, stream: S) {
        let mut guard = Box::new(Guard::new(stream, Arc::clone(&self.rules)));
        let mut kept: Option<HttpPersistentSettings> = None;
        while let Some(asked) = poll_fn(|cx| guard.poll_request(cx)).await {
            let mut session = ServerSession::new_http1(guard);
            match kept.take() {
                Some(settings) => settings.apply_to_session(&mut session),
                None => {
                    session.set_keepalive(None);
                    session.set_keepalive_reuses_remaining(Some(self.reuses));
                }
            }
            session.set_read_timeout(None);
            let reused = match asked.upgrade {
                true => self.in_flow(session).await,
                false => self.gateway.serve(session).await,
            };
            let Some((stream, settings)) = reused.map(ReusedHttpStream::consume) else { return };
            let Ok(again) = stream.into_any().downcast::<Guard<S>>() else { return };
            (guard, kept) = (again, settings);
            if !guard.next_request() {
                return;
            }
        }
    }

    /// A connection that Pingora's flow drives whole.
    async fn http2<S: IO + 'static>(&self, stream: S) {
        let flow = Arc::clone(self.flow.get().await);
        flow.process_new(Box::new(stream), &self.shutdown).await;
    }

    /// A request through Pingora's flow. Boxed, so that its future takes no room in those of other requests.
    fn in_flow<'l>(
        &'l self,
        session: ServerSession,
    ) -> Pin<Box<dyn Future<Output = Option<ReusedHttpStream>> + Send + 'l>> {
        Box::pin(async move { self.flow.get().await.process_new_http(session, &self.shutdown).await })
    }
}

struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
