//! From listening to the end: accepts, says where, waits for a signal, and lets requests in progress finish.
//!
//! The end comes as soon as nothing is open any more; the drain time is only the longest it may take. A second signal does
//! not wait.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::serve::{Accepted, Workers};
use super::{Sockets, StartError, listen};
use crate::admin;
use crate::cli::Arguments;
use crate::feed::keeper::Keeper;
use crate::settings::Settings;

/// How often the open connections are counted while draining.
const COUNT_EVERY: Duration = Duration::from_millis(20);

/// Runs from listening to the end. `begin` starts what needs the runtime.
pub(super) async fn govern(
    settings: &Settings,
    arguments: &Arguments,
    sockets: Sockets,
    workers: &Workers,
    keeper: &Arc<Keeper>,
    begin: impl Future<Output = ()>,
) -> Result<(), StartError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut told_to_end = async || {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    };
    let addresses = Addresses::of(&sockets)?;
    let accepting = accept(sockets.plain, sockets.tls, workers);
    let admin = async {
        match sockets.admin {
            Some(listener) => admin::serve(listener, Arc::clone(&keeper.shared)).await,
            None => std::future::pending().await,
        }
    };
    begin.await;
    addresses.announce(arguments)?;
    notify_systemd(keeper);
    let cause = tokio::select! {
        () = accepting => "the listeners ended",
        () = admin => "the admin listener ended",
        signal = told_to_end() => signal,
        () = standard_input(arguments.exit_with_stdin) => "standard input ended",
    };
    log::info!(cause = cause, connections = workers.open(), drain_secs = settings.drain.as_secs(); "ending");
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
    keeper.shared.draining.store(true, Ordering::Relaxed);
    workers.drain();
    let drained = async {
        while workers.open() > 0 {
            tokio::time::sleep(COUNT_EVERY).await;
        }
    };
    tokio::select! {
        () = drained => log::info!("all requests finished"),
        () = tokio::time::sleep(settings.drain) => log::warn!(connections = workers.open(); "requests were cut off"),
        signal = told_to_end() => log::warn!(cause = signal, connections = workers.open(); "requests were cut off"),
    }
    Ok(())
}

async fn accept(plain: Option<std::net::TcpListener>, tls: Option<std::net::TcpListener>, workers: &Workers) {
    let one = async |listener: Option<std::net::TcpListener>, tls: bool| match listener {
        Some(listener) => listen::accept(listener, |stream, peer| workers.deal(Accepted { stream, peer, tls })).await,
        None => std::future::pending().await,
    };
    tokio::join!(one(plain, false), one(tls, true));
}

/// Pends for ever unless the gateway is to end with its standard input.
async fn standard_input(watched: bool) {
    if !watched {
        std::future::pending::<()>().await;
    }
    let (ended, wait) = tokio::sync::oneshot::channel();
    // A thread of its own: nothing waits for it when the process ends.
    let spawned = std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        let mut bytes = [0; 256];
        while std::io::stdin().read(&mut bytes).is_ok_and(|count| count > 0) {}
        let _ = ended.send(());
    });
    if spawned.is_ok() {
        let _ = wait.await;
    }
}

/// Where the gateway listens.
struct Addresses {
    http: Option<SocketAddr>,
    https: Option<SocketAddr>,
    admin: Option<SocketAddr>,
}

impl Addresses {
    fn of(sockets: &Sockets) -> io::Result<Self> {
        let of = |listener: &Option<std::net::TcpListener>| {
            listener.as_ref().map(std::net::TcpListener::local_addr).transpose()
        };
        Ok(Self { http: of(&sockets.plain)?, https: of(&sockets.tls)?, admin: of(&sockets.admin)? })
    }

    /// Tells them: in the log, and in the status file.
    fn announce(&self, arguments: &Arguments) -> io::Result<()> {
        let text = |address: Option<SocketAddr>| address.map_or_else(|| "-".to_owned(), |address| address.to_string());
        log::info!(http = text(self.http), https = text(self.https), admin = text(self.admin); "listening");
        let Some(path) = &arguments.status_file else { return Ok(()) };
        let value = serde_json::json!({
            "pid": std::process::id(),
            "http": self.http.map(|address| address.to_string()),
            "https": self.https.map(|address| address.to_string()),
            "admin": self.admin.map(|address| address.to_string()),
        });
        // Renamed into place, so that a reader never sees half of it.
        let partial = path.with_extension("partial");
        std::fs::write(&partial, value.to_string())?;
        std::fs::rename(&partial, path)
    }
}

/// Tells systemd that the gateway is ready, once there is something to serve.
fn notify_systemd(keeper: &Arc<Keeper>) {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    let keeper = Arc::clone(keeper);
    tokio::spawn(async move {
        while keeper.revision().is_none() {
            tokio::time::sleep(COUNT_EVERY).await;
        }
        let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    });
}
