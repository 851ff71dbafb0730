//! The hosts that programs ask: one that drives the exchange (direct lane), one that leaves it to Pingora's flow (duplex).

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use policy_engine::{
    Base, BodyStream, BoxFuture, Cache, Clock, Counters, Documents, Emit, Exchange, ForwardOptions, Host, IoError,
    Level, Metric, OutgoingRequest, Request, Response, Stores, Totals, TraceEntry,
};

use super::direct::DirectHost;
use super::worker::Worker;
use crate::egress;
use crate::world::World;

/// .NET ticks between 0001-01-01 and 1970-01-01.
const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;
/// Nanoseconds of a tick.
const TICK_NANOS: u128 = 100;

/// Now, in .NET ticks.
pub(crate) fn utc_ticks() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH_TICKS.saturating_add(i64::try_from(since.as_nanos() / TICK_NANOS).unwrap_or(0))
}

/// The host of the duplex lane: everything but the exchange with the backend.
#[derive(Debug)]
pub(crate) struct DuplexHost<'r> {
    pub(crate) worker: &'r Arc<Worker>,
    pub(crate) world: &'r Arc<World>,
}

impl Clock for DirectHost<'_> {
    fn utc_ticks(&self) -> i64 {
        utc_ticks()
    }

    fn random(&mut self) -> u64 {
        fastrand::u64(..)
    }

    fn sleep(&mut self, time: Duration) -> BoxFuture<'_, Result<(), IoError>> {
        Box::pin(self.pause(time))
    }
}

impl Exchange for DirectHost<'_> {
    fn backend(&self, id: &str) -> Option<Arc<Base>> {
        self.world.backend_base(id)
    }

    fn forward<'a>(
        &'a mut self,
        request: &'a Request,
        options: &'a ForwardOptions,
    ) -> BoxFuture<'a, Result<Response, IoError>> {
        if self.world.is_balanced() {
            return Box::pin(self.forward_balanced(request, options));
        }
        Box::pin(self.forward_request(request, options))
    }

    fn send<'a>(&'a mut self, request: &'a OutgoingRequest) -> BoxFuture<'a, Result<Response, IoError>> {
        Box::pin(egress::send(self.worker, self.world, request))
    }

    fn read_body(&mut self, stream: BodyStream, limit: usize) -> BoxFuture<'_, Result<Bytes, IoError>> {
        Box::pin(self.hold(stream, limit))
    }

    fn send_and_forget(&mut self, request: OutgoingRequest) {
        egress::send_and_forget(self.worker, self.world, request);
    }

    fn fork(&self) -> Box<dyn Host + '_> {
        Box::new(DuplexHost { worker: self.worker, world: self.world })
    }
}

impl Clock for DuplexHost<'_> {
    fn utc_ticks(&self) -> i64 {
        utc_ticks()
    }

    fn random(&mut self) -> u64 {
        fastrand::u64(..)
    }

    fn sleep(&mut self, time: Duration) -> BoxFuture<'_, Result<(), IoError>> {
        Box::pin(async move {
            pingora::time::sleep(time).await;
            Ok(())
        })
    }
}

impl Exchange for DuplexHost<'_> {
    fn backend(&self, id: &str) -> Option<Arc<Base>> {
        self.world.backend_base(id)
    }

    fn forward<'a>(&'a mut self, _: &'a Request, _: &'a ForwardOptions) -> BoxFuture<'a, Result<Response, IoError>> {
        Box::pin(async { Err(IoError::Unsupported("this API is forwarded as a stream".to_owned())) })
    }

    fn send<'a>(&'a mut self, request: &'a OutgoingRequest) -> BoxFuture<'a, Result<Response, IoError>> {
        Box::pin(egress::send(self.worker, self.world, request))
    }

    fn read_body(&mut self, _: BodyStream, _: usize) -> BoxFuture<'_, Result<Bytes, IoError>> {
        Box::pin(async {
            Err(IoError::Unsupported("the bodies of this API pass as streams and cannot be read".to_owned()))
        })
    }

    fn send_and_forget(&mut self, request: OutgoingRequest) {
        egress::send_and_forget(self.worker, self.world, request);
    }

    fn fork(&self) -> Box<dyn Host + '_> {
        Box::new(DuplexHost { worker: self.worker, world: self.world })
    }
}

macro_rules! shared_parts {
    ($host:ident) => {
        impl Stores for $host<'_> {
            fn counters(&self) -> &dyn Counters {
                &self.worker.shared.memory.counters
            }

            fn totals(&self) -> &dyn Totals {
                &self.worker.shared.memory.totals
            }

            fn cache(&self) -> &dyn Cache {
                &self.worker.shared.memory.cache
            }

            fn documents(&self) -> &dyn Documents {
                &self.worker.shared.memory.documents
            }
        }

        impl Emit for $host<'_> {
            fn wants(&self, level: Level) -> bool {
                log::log_enabled!(log_level(level))
            }

            fn emit(&mut self, entry: &TraceEntry) {
                let metadata: Vec<String> = entry.metadata.iter().map(|(name, value)| format!("{name}={value}")).collect();
                log::log!(
                    log_level(entry.level),
                    source = &*entry.source,
                    metadata = metadata.join(" ");
                    "{}", entry.message
                );
            }

            fn measure(&mut self, metric: &Metric<'_>) {
                self.worker.shared.metrics.custom().record(metric);
            }
        }
    };
}

shared_parts!(DirectHost);
shared_parts!(DuplexHost);

fn log_level(level: Level) -> log::Level {
    match level {
        Level::Verbose => log::Level::Debug,
        Level::Information => log::Level::Info,
        Level::Error => log::Level::Error,
    }
}
