//! Benches beside each other: what is measured stands in the bench targets; this library holds the world they run in.
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use policy_engine::{
    Base, BodyStream, BoxFuture, Cache, Clock, Count, Counters, Documents, Emit, Eventually, Exchange, ForwardOptions,
    Host, IoError, Level, Metric, OutgoingRequest, Permit, Request, Response, Stores, Total, Totals, TraceEntry,
    Window,
};

/// A host that answers at once: the backend says 200, counters allow, nothing is cached. What is left is the program's own cost.
#[derive(Debug, Default)]
pub struct Instant;

impl Clock for Instant {
    fn utc_ticks(&self) -> i64 {
        638_000_000_000_000_000
    }
    fn random(&mut self) -> u64 {
        4
    }
    fn sleep(&mut self, _: Duration) -> BoxFuture<'_, Result<(), IoError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Exchange for Instant {
    fn backend(&self, _: &str) -> Option<Arc<Base>> {
        None
    }
    fn forward<'a>(&'a mut self, _: &'a Request, _: &'a ForwardOptions) -> BoxFuture<'a, Result<Response, IoError>> {
        Box::pin(std::future::ready(Ok(Response::new(200))))
    }
    fn send<'a>(&'a mut self, _: &'a OutgoingRequest) -> BoxFuture<'a, Result<Response, IoError>> {
        Box::pin(std::future::ready(Ok(Response::new(200))))
    }
    fn read_body(&mut self, _: BodyStream, _: usize) -> BoxFuture<'_, Result<Bytes, IoError>> {
        Box::pin(std::future::ready(Ok(Bytes::new())))
    }
    fn send_and_forget(&mut self, _: OutgoingRequest) {}
    fn fork(&self) -> Box<dyn Host + '_> {
        Box::new(Instant)
    }
}

impl Counters for Instant {
    fn take<'a>(&'a self, window: Window<'a>, _: u64, _: i64) -> Eventually<'a, Count> {
        Eventually::Ready(Count { allowed: true, remaining: window.calls, retry_after: Duration::ZERO })
    }
    fn add<'a>(&'a self, _: Window<'a>, _: u64, _: i64) -> Eventually<'a, ()> {
        Eventually::Ready(())
    }
}

impl Totals for Instant {
    fn spend<'a>(&'a self, _: &'a Total, _: u64, _: u64, _: i64) -> Eventually<'a, bool> {
        Eventually::Ready(true)
    }
    fn tally<'a>(&'a self, _: &'a Total, _: u64, _: i64) -> Eventually<'a, ()> {
        Eventually::Ready(())
    }
    fn permit(&self, _: &str, _: u64) -> Option<Permit> {
        Some(Box::new(()))
    }
}

impl Cache for Instant {
    fn get<'a>(&'a self, _: &'a str) -> Eventually<'a, Option<Bytes>> {
        Eventually::Ready(None)
    }
    fn put<'a>(&'a self, _: &'a str, _: Bytes, _: Duration) -> Eventually<'a, ()> {
        Eventually::Ready(())
    }
    fn remove<'a>(&'a self, _: &'a str) -> Eventually<'a, ()> {
        Eventually::Ready(())
    }
}

impl Documents for Instant {
    fn get(&self, _: &str) -> Option<(Arc<dyn Any + Send + Sync>, i64)> {
        None
    }
    fn put(&self, _: &str, _: Arc<dyn Any + Send + Sync>, _: i64) {}
}

impl Stores for Instant {
    fn counters(&self) -> &dyn Counters {
        self
    }
    fn totals(&self) -> &dyn Totals {
        self
    }
    fn cache(&self) -> &dyn Cache {
        self
    }
    fn documents(&self) -> &dyn Documents {
        self
    }
}

impl Emit for Instant {
    fn wants(&self, _: Level) -> bool {
        false
    }
    fn emit(&mut self, _: &TraceEntry) {}
    fn measure(&mut self, _: &Metric<'_>) {}
}
