//! The framing guard: a stream in front of Pingora's lenient parser that lets only well-framed HTTP/1 requests through.
//!
//! Reading: a head is held back until it is complete and judged; then it goes on together with its body, never a byte further, so that
//! a pipelined request waits here until the one before it has been answered. A head has a deadline as a whole, a body a
//! minimum rate, an idle connection an end. A refused request is answered here and the connection ends; Pingora sees a
//! client that went away without asking. Writing: small writes are collected until a flush, so that a head and a short
//! body leave in one segment.

mod stream;

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pingora::protocols::IO;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::reaper::{Reaper, Watch};
use crate::framing::{Body, Chunked, Limits, Refusal, Scan, Scanner};

/// Writes are collected up to this size.
const WRITE_BUFFER: usize = 8 * 1024;
/// A buffer that grew beyond this is given back when it is empty.
const KEPT_BUFFER: usize = 1024;
/// Bytes read at a time into the guard's own buffer.
const READ_PIECE: usize = 4 * 1024;
/// Bytes of a refused request that are read and thrown away, so that the answer is not lost to a reset.
const LINGER_BYTES: usize = 1024 * 1024;

/// Patience with clients.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For a whole head.
    pub(crate) head: Duration,
    /// Between requests.
    pub(crate) idle: Duration,
    /// Slack before the minimum rate of a body counts.
    pub(crate) body_slack: Duration,
    /// Bytes a second that a body must bring.
    pub(crate) body_rate: u64,
    /// A write without any progress.
    pub(crate) write: Duration,
    /// For a refused client to read its answer.
    pub(crate) linger: Duration,
    /// For a client that still sends when its last reply is out: between two pieces, and in all.
    pub(crate) parting: (Duration, Duration),
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            body_slack: Duration::from_secs(10),
            body_rate: 240,
            write: Duration::from_secs(60),
            linger: Duration::from_secs(2),
            parting: (Duration::from_secs(5), Duration::from_secs(30)),
        }
    }
}

/// Told about each refusal.
pub(crate) type OnRefusal = Arc<dyn Fn(Refusal, &str) + Send + Sync>;

/// What all guards of a worker share.
pub(crate) struct GuardRules {
    pub(crate) limits: Limits,
    pub(crate) patience: Patience,
    pub(crate) reaper: Arc<Reaper>,
    pub(crate) on_refusal: OnRefusal,
}

impl std::fmt::Debug for GuardRules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuardRules").finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum Phase {
    Head(Scanner),
    Body(BodyLeft),
    /// The request has been handed over whole.
    Whole,
    /// Another protocol may have taken over.
    Raw,
    Refuse(Refusing),
    Closed,
}

#[derive(Debug)]
enum BodyLeft {
    Length(u64),
    Chunked(Chunked),
}

#[derive(Debug)]
struct Refusing {
    out: Vec<u8>,
    written: usize,
    shut: bool,
    swallowed: usize,
}

/// What is known about a request before it is parsed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// It asks for another protocol.
    pub(crate) upgrade: bool,
}

/// A guarded stream.
#[derive(Debug)]
pub(crate) struct Guard<S> {
    inner: S,
    rules: Arc<GuardRules>,
    watch: Arc<Watch>,
    phase: Phase,
    /// Bytes that have come and were not handed over.
    held: Vec<u8>,
    /// How many of them may be.
    cleared: usize,
    /// Whether a byte of the current head has come.
    begun: bool,
    /// Whether the current request asks for another protocol.
    upgrade: bool,
    /// Ticks spent waiting for the current body, and its bytes.
    waited: u32,
    waiting_since: u32,
    body_bytes: u64,
    peer: String,
    out: Vec<u8>,
    out_done: usize,
    /// Set when the sending side has been ended: the tick until which reading goes on at most.
    parting: Option<u32>,
}

impl<S: IO> Guard<S> {
    pub(crate) fn new(inner: S, rules: Arc<GuardRules>) -> Self {
        let peer = inner.get_socket_digest().and_then(|digest| digest.peer_addr().map(ToString::to_string));
        let watch = rules.reaper.watch();
        watch.set_read(rules.reaper.now().saturating_add(Reaper::ticks(rules.patience.head)));
        Self {
            inner,
            phase: Phase::Head(Scanner::new(rules.limits)),
            rules,
            watch,
            held: Vec::new(),
            cleared: 0,
            begun: true,
            upgrade: false,
            waited: 0,
            waiting_since: 0,
            body_bytes: 0,
            peer: peer.unwrap_or_default(),
            out: Vec::new(),
            out_done: 0,
            parting: None,
        }
    }

    /// The request has been answered; another may come. False when the connection cannot carry one.
    pub(crate) fn next_request(&mut self) -> bool {
        if !matches!(self.phase, Phase::Whole) || self.cleared > 0 {
            return false;
        }
        self.phase = Phase::Head(Scanner::new(self.rules.limits));
        self.begun = !self.held.is_empty();
        let patience = if self.begun { self.rules.patience.head } else { self.rules.patience.idle };
        self.arm_read(patience);
        true
    }

    fn arm_read(&self, patience: Duration) {
        self.watch.set_read(self.rules.reaper.now().saturating_add(Reaper::ticks(patience)));
    }

    /// Hands over what is cleared.
    fn deliver(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        let count = self.cleared.min(buf.remaining());
        let Some(bytes) = self.held.get(..count).filter(|bytes| !bytes.is_empty()) else { return false };
        buf.put_slice(bytes);
        self.held.drain(..count);
        self.cleared -= count;
        if self.held.is_empty() && self.held.capacity() > KEPT_BUFFER {
            self.held = Vec::new();
        }
        true
    }

    /// Judges a complete head; answers how many of `bytes` belong to the request.
    fn judge(&mut self, bytes: &[u8]) -> Result<Option<usize>, Refusal> {
        let Phase::Head(scanner) = &mut self.phase else { return Ok(Some(bytes.len())) };
        let Scan::Complete(head) = scanner.scan(bytes)? else { return Ok(None) };
        self.watch.clear_read();
        self.upgrade = head.upgrade;
        self.waited = 0;
        self.body_bytes = 0;
        self.phase = match head.body {
            Body::Length(0) => Phase::Whole,
            Body::Length(length) => Phase::Body(BodyLeft::Length(length)),
            Body::Chunked => Phase::Body(BodyLeft::Chunked(Chunked::default())),
            Body::Upgrade => Phase::Raw,
        };
        let rest = bytes.get(head.length..).unwrap_or_default();
        Ok(Some(head.length + self.follow(rest)?))
    }

    /// How many of `bytes` belong to the current body.
    fn follow(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let (taken, done) = match &mut self.phase {
            Phase::Body(BodyLeft::Length(left)) => {
                let taken = u64::try_from(bytes.len()).unwrap_or(u64::MAX).min(*left);
                *left -= taken;
                (usize::try_from(taken).unwrap_or(usize::MAX), *left == 0)
            }
            Phase::Body(BodyLeft::Chunked(chunked)) => {
                let progress = chunked.feed(bytes)?;
                (progress.taken, progress.done)
            }
            Phase::Raw => (bytes.len(), false),
            _ => (0, false),
        };
        self.body_bytes = self.body_bytes.saturating_add(u64::try_from(taken).unwrap_or(u64::MAX));
        if done {
            self.phase = Phase::Whole;
            self.watch.clear_read();
        }
        Ok(taken)
    }

    fn refuse(&mut self, refusal: Refusal) {
        (self.rules.on_refusal)(refusal, &self.peer);
        let body = format!("{{ \"statusCode\": {}, \"message\": \"{}\" }}", refusal.status(), refusal.text());
        let reason = http::StatusCode::from_u16(refusal.status()).ok().and_then(|status| status.canonical_reason());
        let out = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            refusal.status(),
            reason.unwrap_or("Refused"),
            body.len(),
        );
        self.arm_read(self.rules.patience.linger);
        self.held = Vec::new();
        self.cleared = 0;
        self.phase = Phase::Refuse(Refusing { out: out.into_bytes(), written: 0, shut: false, swallowed: 0 });
    }

    /// Answers a refused client, then reads on for a moment.
    fn poll_refusing(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let late = self.watch.read_is_late(self.rules.reaper.now());
        let Phase::Refuse(refusing) = &mut self.phase else { return Poll::Ready(Ok(())) };
        if late {
            return Poll::Ready(Ok(()));
        }
        self.watch.remember(cx.waker());
        while let Some(rest) = refusing.out.get(refusing.written..).filter(|rest| !rest.is_empty()) {
            let count = ready!(Pin::new(&mut self.inner).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Ok(()));
            }
            refusing.written += count;
        }
        if !refusing.shut {
            ready!(Pin::new(&mut self.inner).poll_flush(cx))?;
            ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
            refusing.shut = true;
        }
        let mut bytes = [0; READ_PIECE];
        while refusing.swallowed < LINGER_BYTES {
            let mut piece = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.inner).poll_read(cx, &mut piece))?;
            if piece.filled().is_empty() {
                break;
            }
            refusing.swallowed += piece.filled().len();
        }
        Poll::Ready(Ok(()))
    }

    /// Waits for the head of the next request; none when no further one will come. The head stays here until it is read.
    pub(crate) fn poll_request(&mut self, cx: &mut Context<'_>) -> Poll<Option<Asked>> {
        if matches!(self.phase, Phase::Head(_)) {
            if self.rules.reaper.is_draining() && self.held.is_empty() {
                self.phase = Phase::Closed;
                return Poll::Ready(None);
            }
            if ready!(self.poll_head(cx)).is_err() {
                self.phase = Phase::Closed;
            }
        }
        if matches!(self.phase, Phase::Refuse(_)) {
            let _ = ready!(self.poll_refusing(cx));
            self.phase = Phase::Closed;
        }
        let open = !matches!(self.phase, Phase::Closed);
        Poll::Ready(open.then_some(Asked { upgrade: self.upgrade }))
    }

    /// Reads on in a head until it is judged.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.watch.read_is_late(self.rules.reaper.now()) {
            if self.held.is_empty() {
                self.phase = Phase::Closed;
            } else {
                self.refuse(Refusal::SlowHead);
            }
            return Poll::Ready(Ok(()));
        }
        loop {
            if !self.held.is_empty() {
                let held = std::mem::take(&mut self.held);
                let judged = self.judge(&held);
                self.held = held;
                match judged {
                    Err(refusal) => {
                        self.refuse(refusal);
                        return Poll::Ready(Ok(()));
                    }
                    Ok(Some(cleared)) => {
                        self.cleared = cleared;
                        return Poll::Ready(Ok(()));
                    }
                    Ok(None) => {}
                }
                if !self.begun {
                    self.begun = true;
                    self.arm_read(self.rules.patience.head);
                }
            }
            let mut bytes = [const { MaybeUninit::uninit() }; READ_PIECE];
            let mut piece = ReadBuf::uninit(&mut bytes);
            if Pin::new(&mut self.inner).poll_read(cx, &mut piece)?.is_pending() {
                self.watch.remember(cx.waker());
                return Poll::Pending;
            }
            if piece.filled().is_empty() {
                // The client left, perhaps in the middle of a head: nobody is there to be answered.
                self.phase = Phase::Closed;
                return Poll::Ready(Ok(()));
            }
            self.held.extend_from_slice(piece.filled());
        }
    }

    fn poll_body(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let now = self.rules.reaper.now();
        if self.watch.read_is_late(now) {
            return Poll::Ready(Err(self.broken_body(Refusal::SlowBody)));
        }
        let before = buf.filled().len();
        if Pin::new(&mut self.inner).poll_read(cx, buf)?.is_pending() {
            self.wait_for_body(now);
            self.watch.remember(cx.waker());
            return Poll::Pending;
        }
        if self.waiting_since > 0 {
            self.waited = self.waited.saturating_add(now.saturating_sub(self.waiting_since));
            self.waiting_since = 0;
            self.watch.clear_read();
        }
        let fresh = buf.filled().get(before..).unwrap_or_default();
        let taken = match self.follow(fresh) {
            Ok(taken) => taken,
            Err(refusal) => {
                buf.set_filled(before);
                return Poll::Ready(Err(self.broken_body(refusal)));
            }
        };
        self.held.extend_from_slice(fresh.get(taken..).unwrap_or_default());
        buf.set_filled(before + taken);
        Poll::Ready(Ok(()))
    }

    /// The time that was spent waiting for this body, and not more, counts against its rate.
    fn wait_for_body(&mut self, now: u32) {
        if matches!(self.phase, Phase::Raw) || self.waiting_since > 0 {
            return;
        }
        self.waiting_since = now.max(1);
        let patience = self.rules.patience;
        let earned = Duration::from_secs(self.body_bytes / patience.body_rate.max(1));
        let budget = Reaper::ticks(patience.body_slack.saturating_add(earned));
        self.watch.set_read(now.saturating_add(budget.saturating_sub(self.waited).max(1)));
    }

    fn broken_body(&mut self, refusal: Refusal) -> io::Error {
        (self.rules.on_refusal)(refusal, &self.peer);
        self.phase = Phase::Closed;
        let kind = if refusal == Refusal::SlowBody { io::ErrorKind::TimedOut } else { io::ErrorKind::InvalidData };
        io::Error::new(kind, refusal.text())
    }

    /// After the whole request only the end of the connection is of interest; more bytes are the next request.
    fn poll_after(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.held.is_empty() {
            return Poll::Pending;
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        let fresh = buf.filled().get(before..).unwrap_or_default();
        if fresh.is_empty() {
            return Poll::Ready(Ok(()));
        }
        self.held.extend_from_slice(fresh);
        buf.set_filled(before);
        Poll::Pending
    }

    /// Ends the sending side, then reads on for a while. Closing a socket on bytes that nobody has read resets the connection,
    /// and a reset takes away what the client has not read yet of its reply.
    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let now = self.rules.reaper.now();
        let patience = self.rules.patience;
        let (between, most) = patience.parting;
        let (last, mut quiet) = match self.parting {
            Some(last) => (last, false),
            None => {
                ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
                let most = if self.rules.reaper.is_draining() { patience.linger } else { most };
                let last = now.saturating_add(Reaper::ticks(most));
                self.parting = Some(last);
                self.arm_read(between);
                // A client that has said all it had to say is not waited for.
                let owes = match self.phase {
                    Phase::Body(_) => true,
                    Phase::Whole | Phase::Head(_) => !self.held.is_empty(),
                    Phase::Raw | Phase::Refuse(_) | Phase::Closed => return Poll::Ready(Ok(())),
                };
                (last, !owes)
            }
        };
        let mut bytes = [const { MaybeUninit::uninit() }; READ_PIECE];
        loop {
            let mut piece = ReadBuf::uninit(&mut bytes);
            match Pin::new(&mut self.inner).poll_read(cx, &mut piece) {
                Poll::Ready(Ok(())) if !piece.filled().is_empty() => {
                    quiet = false;
                    self.arm_read(between);
                }
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending if quiet || self.watch.read_is_late(now) => return Poll::Ready(Ok(())),
                Poll::Pending => {
                    self.watch.remember(cx.waker());
                    return Poll::Pending;
                }
            }
            if now >= last {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.out.get(self.out_done..).filter(|rest| !rest.is_empty()) {
            let written = Pin::new(&mut self.inner).poll_write(cx, rest);
            match self.progress(cx, written) {
                Poll::Ready(Ok(count)) => self.out_done += count,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        self.empty_out();
        Poll::Ready(Ok(()))
    }

    fn empty_out(&mut self) {
        self.out_done = 0;
        self.out.clear();
        if self.out.capacity() > WRITE_BUFFER {
            self.out = Vec::new();
        }
    }

    /// Watches that writes get on.
    fn progress(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(0)) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Poll::Ready(result) => {
                self.watch.clear_write();
                Poll::Ready(result)
            }
            Poll::Pending => {
                let now = self.rules.reaper.now();
                if self.watch.write_is_late(now) {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
                self.watch.set_write_once(now.saturating_add(Reaper::ticks(self.rules.patience.write)));
                self.watch.remember(cx.waker());
                Poll::Pending
            }
        }
    }
}

impl<S: IO> AsyncRead for Guard<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.cleared > 0 && this.deliver(buf) {
            return Poll::Ready(Ok(()));
        }
        if matches!(this.phase, Phase::Head(_)) {
            ready!(this.poll_head(cx))?;
            if this.deliver(buf) {
                return Poll::Ready(Ok(()));
            }
        }
        match this.phase {
            Phase::Body(_) | Phase::Raw => this.poll_body(cx, buf),
            Phase::Whole => this.poll_after(cx, buf),
            Phase::Refuse(_) => {
                // However the farewell ends, the reader sees the end of the stream.
                let _ = ready!(this.poll_refusing(cx));
                this.phase = Phase::Closed;
                Poll::Ready(Ok(()))
            }
            Phase::Closed | Phase::Head(_) => Poll::Ready(Ok(())),
        }
    }
}

impl<S: IO> AsyncWrite for Guard<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.out.len() + buf.len() <= WRITE_BUFFER {
            this.out.extend_from_slice(buf);
            return Poll::Ready(Ok(buf.len()));
        }
        if this.out.is_empty() {
            let written = Pin::new(&mut this.inner).poll_write(cx, buf);
            return this.progress(cx, written);
        }
        if !this.inner.is_write_vectored() {
            ready!(this.poll_out(cx))?;
            let written = Pin::new(&mut this.inner).poll_write(cx, buf);
            return this.progress(cx, written);
        }
        loop {
            let rest = this.out.get(this.out_done..).unwrap_or_default();
            let waiting = rest.len();
            let written =
                Pin::new(&mut this.inner).poll_write_vectored(cx, &[io::IoSlice::new(rest), io::IoSlice::new(buf)]);
            let count = ready!(this.progress(cx, written))?;
            if count >= waiting {
                this.empty_out();
                if count > waiting {
                    return Poll::Ready(Ok(count - waiting));
                }
                let written = Pin::new(&mut this.inner).poll_write(cx, buf);
                return this.progress(cx, written);
            }
            this.out_done += count;
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_out(cx))?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_out(cx))?;
        self.poll_part(cx)
    }
}
