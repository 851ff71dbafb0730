//! Kept connections to plain HTTP/1 backends, one pool for each worker.
//!
//! Pingora's connector serves TLS and HTTP/2. For plain HTTP/1 it would cost a task, two probing reads and two clock readings
//! a request; here an idle connection costs nothing until it is taken, and what died meanwhile is found by readiness that the
//! runtime has noted already. [`Wire`] joins small writes: what is written leaves when the exchange turns to reading.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use parking_lot::Mutex;
use pingora::protocols::http::v1::client::HttpSession;
use pingora::protocols::{
    GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl, TimingDigest, UniqueID,
    UniqueIDType,
};
use pingora::time::timeout;
use pingora::{Error, ErrorType};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

/// For a connection to be made.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Idle connections are closed after this time.
const IDLE_TIME: Duration = Duration::from_secs(60);
/// Writes are joined up to this size.
const WRITE_BUFFER: usize = 16 * 1024;
/// A buffer that grew beyond this is given back when it is empty.
const KEPT_BUFFER: usize = 4 * 1024;

/// The kept connections of a worker.
#[derive(Debug)]
pub(crate) struct Pool {
    idle: Mutex<Idle>,
    most: usize,
}

#[derive(Debug, Default)]
struct Idle {
    by_address: HashMap<SocketAddr, Vec<(Box<Wire>, Instant)>>,
    count: usize,
}

impl Pool {
    /// A pool of up to `most` connections.
    pub(crate) fn new(most: usize) -> Self {
        Self { idle: Mutex::default(), most }
    }

    /// A session on a kept connection, or on a new one; the second value says which.
    pub(crate) async fn session(&self, address: SocketAddr) -> Result<(HttpSession, bool), Box<Error>> {
        if let Some(wire) = self.take(address) {
            return Ok((HttpSession::new(wire), true));
        }
        // Boxed: rare, and larger than the rest.
        let wire = Box::pin(Wire::connect(address)).await?;
        Ok((HttpSession::new(Box::new(wire)), false))
    }

    /// Takes a connection back after a whole exchange.
    pub(crate) async fn give_back(&self, mut session: HttpSession, address: SocketAddr) {
        session.respect_keepalive();
        let Some(stream) = session.reuse().await else { return };
        let Ok(wire) = stream.into_any().downcast::<Wire>() else { return };
        if !wire.is_alive() {
            return;
        }
        let mut idle = self.idle.lock();
        if idle.count < self.most {
            idle.count += 1;
            idle.by_address.entry(address).or_default().push((wire, Instant::now()));
        }
    }

    /// The connection that was used last: the others can grow old.
    fn take(&self, address: SocketAddr) -> Option<Box<Wire>> {
        let mut idle = self.idle.lock();
        let Idle { by_address, count } = &mut *idle;
        let kept = by_address.get_mut(&address)?;
        while let Some((wire, _)) = kept.pop() {
            *count = count.saturating_sub(1);
            if wire.is_alive() {
                return Some(wire);
            }
        }
        None
    }

    /// Closes what is old or dead.
    pub(crate) fn sweep(&self) {
        let mut idle = self.idle.lock();
        for kept in idle.by_address.values_mut() {
            kept.retain(|(wire, since)| since.elapsed() < IDLE_TIME && wire.is_alive());
        }
        idle.by_address.retain(|_, kept| !kept.is_empty());
        idle.count = idle.by_address.values().map(Vec::len).sum();
    }
}

/// A connection to a backend.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    out: Vec<u8>,
    done: usize,
}

impl Wire {
    async fn connect(address: SocketAddr) -> Result<Self, Box<Error>> {
        let stream = match timeout(CONNECT_TIME, TcpStream::connect(address)).await {
            Err(_) => {
                let text = format!("no connection to {address} within {} s", CONNECT_TIME.as_secs());
                return Err(Error::explain(ErrorType::ConnectTimedout, text).into_up());
            }
            Ok(Err(error)) => {
                let text = format!("no connection to {address}");
                return Err(Error::because(ErrorType::ConnectError, text, error).into_up());
            }
            Ok(Ok(stream)) => stream,
        };
        let _ = stream.set_nodelay(true);
        Ok(Self { stream, out: Vec::new(), done: 0 })
    }

    /// Nothing may come on an idle connection, neither bytes nor an end. No system call while nothing has been noted.
    fn is_alive(&self) -> bool {
        let mut byte = [0; 1];
        matches!(self.stream.try_read(&mut byte), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.out.get(self.done..).filter(|rest| !rest.is_empty()) {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.done += count;
        }
        self.empty();
        Poll::Ready(Ok(()))
    }

    fn empty(&mut self) {
        self.done = 0;
        self.out.clear();
        if self.out.capacity() > KEPT_BUFFER {
            self.out = Vec::new();
        }
    }
}

impl AsyncRead for Wire {
    /// Turning to reading sends what was written.
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.out.is_empty() {
            match self.poll_out(cx) {
                Poll::Ready(Ok(())) => {}
                // A backend that takes no more may have answered already.
                Poll::Ready(Err(error)) => {
                    self.empty();
                    return match Pin::new(&mut self.stream).poll_read(cx, buf) {
                        Poll::Ready(Ok(())) if !buf.filled().is_empty() => Poll::Ready(Ok(())),
                        _ => Poll::Ready(Err(error)),
                    };
                }
                // What can be read is read all the same.
                Poll::Pending => {}
            }
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.out.len() + buf.len() <= WRITE_BUFFER {
            this.out.extend_from_slice(buf);
            return Poll::Ready(Ok(buf.len()));
        }
        loop {
            let rest = this.out.get(this.done..).unwrap_or_default();
            let waiting = rest.len();
            let slices = [io::IoSlice::new(rest), io::IoSlice::new(buf)];
            let count = ready!(Pin::new(&mut this.stream).poll_write_vectored(cx, &slices))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            if count > waiting {
                this.empty();
                return Poll::Ready(Ok(count - waiting));
            }
            this.done += count;
        }
    }

    /// Held back until the exchange reads, which it always does next.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[async_trait]
impl Shutdown for Wire {
    async fn shutdown(&mut self) {
        let _ = AsyncWriteExt::shutdown(&mut self.stream).await;
    }
}

impl UniqueID for Wire {
    fn id(&self) -> UniqueIDType {
        self.stream.as_raw_fd()
    }
}

impl Ssl for Wire {}
impl Peek for Wire {}

impl GetTimingDigest for Wire {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        Vec::new()
    }
}

impl GetProxyDigest for Wire {
    fn get_proxy_digest(&self) -> Option<Arc<pingora::protocols::raw_connect::ProxyDigest>> {
        None
    }
}

impl GetSocketDigest for Wire {
    fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
        None
    }
}
