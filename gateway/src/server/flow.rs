//! Pingora's proxy flow, made when the first request needs it: an upgrade, or HTTP/2.
//!
//! Its connector reads the system's certificates, some milliseconds and three megabytes that a gateway which only carries
//! plain HTTP/1 never pays. One flow serves all workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pingora::apps::{HttpServerApp, HttpServerOptions};
use pingora::proxy::{HttpProxy, http_proxy};
use pingora::server::configuration::ServerConf;
use tokio::sync::OnceCell;

use crate::proxy::Gateway;
use crate::proxy::worker::{Worker, small_trust_file};
use crate::settings::Settings;

/// Idle HTTP/2 connections are closed after this time.
const H2_IDLE: Duration = Duration::from_secs(300);

/// The flow, or what is needed to make it.
pub(super) struct Flow {
    made: OnceCell<Arc<HttpProxy<Gateway>>>,
    ended: AtomicBool,
    threads: usize,
    pool: usize,
    first: Arc<Worker>,
}

impl Flow {
    pub(super) fn new(settings: &Settings, first: &Arc<Worker>) -> Self {
        Self {
            made: OnceCell::new(),
            ended: AtomicBool::new(false),
            threads: settings.workers,
            pool: settings.pool,
            first: Arc::clone(first),
        }
    }

    /// The flow. The first caller waits while a thread of its own makes it.
    pub(super) async fn get(&self) -> &Arc<HttpProxy<Gateway>> {
        let make = || async {
            let (threads, pool, first) = (self.threads, self.pool, Arc::clone(&self.first));
            let made = tokio::task::spawn_blocking(move || make(threads, pool, first)).await;
            Arc::new(made.unwrap_or_else(|_| make(threads, pool, Arc::clone(&self.first))))
        };
        let proxy = self.made.get_or_init(make).await;
        // `end` may have come while there was nothing to end.
        if self.ended.load(Ordering::SeqCst) {
            proxy.http_cleanup().await;
        }
        proxy
    }

    /// Lets its idle connections end.
    pub(super) async fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        if let Some(proxy) = self.made.get() {
            proxy.http_cleanup().await;
        }
    }
}

fn make(threads: usize, pool: usize, first: Arc<Worker>) -> HttpProxy<Gateway> {
    let conf = ServerConf {
        threads,
        work_stealing: false,
        upstream_keepalive_pool_size: pool,
        ca_file: small_trust_file(),
        ..ServerConf::default()
    };
    let mut proxy = http_proxy(&Arc::new(conf), Gateway::new(first));
    let mut options = HttpServerOptions::default();
    // Only connections that are known to be HTTP/2 reach the flow's own loop.
    options.h2c = true;
    options.allow_connect_method_proxying = true;
    options.h2_idle_timeout = Some(H2_IDLE);
    proxy.server_options = Some(options);
    proxy
}
