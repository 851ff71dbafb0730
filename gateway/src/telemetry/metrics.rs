//! Metrics in Prometheus' terms. Handles that a request touches are resolved when a world is built, not per request.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use config_model::Revision;
use parking_lot::Mutex;
use prometheus::{
    Encoder, Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};

use super::custom::CustomMetrics;
use crate::framing::Refusal;

/// Upper bounds of durations, in seconds; those of the vendor's histograms, with finer ones below.
const BUCKETS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Label of requests that match no API.
const NO_API: &str = "-";
/// Different sources and reasons of policy errors that are told apart.
const MAX_ERROR_SERIES: usize = 500;

/// All metrics of a process.
pub struct Metrics {
    registry: Registry,
    started: Instant,
    requests: IntCounterVec,
    durations: HistogramVec,
    backend: HistogramVec,
    errors: IntCounterVec,
    error_series: Mutex<HashSet<(String, String)>>,
    refusals: IntCounterVec,
    reloads: IntCounterVec,
    revision: IntGaugeVec,
    revision_age: Gauge,
    live_since: Mutex<Option<Instant>>,
    connected: IntGauge,
    lost_log_lines: IntCounter,
    in_flight: AtomicI64,
    in_flight_shown: IntGauge,
    failures: AtomicU64,
    answered: AtomicU64,
    custom: CustomMetrics,
    apis: Mutex<HashSet<String>>,
    no_api: ApiMeters,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// The handles of one API.
#[derive(Clone)]
pub struct ApiMeters {
    by_class: [IntCounter; 6],
    durations: Histogram,
    backend: Histogram,
}

impl std::fmt::Debug for ApiMeters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiMeters").finish_non_exhaustive()
    }
}

const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

impl Metrics {
    /// Registers everything. An error is a mistake in this file.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let counters = |name: &str, help: &str, labels: &[&str]| {
            let made = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(made.clone()))?;
            prometheus::Result::Ok(made)
        };
        let histograms = |name: &str, help: &str| {
            let made = HistogramVec::new(HistogramOpts::new(name, help).buckets(BUCKETS.to_vec()), &["api"])?;
            registry.register(Box::new(made.clone()))?;
            prometheus::Result::Ok(made)
        };
        let gauge = |name: &str, help: &str| {
            let made = IntGauge::new(name, help)?;
            registry.register(Box::new(made.clone()))?;
            prometheus::Result::Ok(made)
        };
        let requests = counters("gatewright_requests_total", "Requests answered.", &["api", "class"])?;
        let durations =
            histograms("gatewright_request_duration_seconds", "Time from the request's head to the end of the reply.")?;
        let backend = histograms(
            "gatewright_backend_duration_seconds",
            "Time spent waiting for backends, up to their response heads.",
        )?;
        let errors = counters(
            "gatewright_policy_errors_total",
            "Faults of policies and built-in steps.",
            &["source", "reason"],
        )?;
        let refusals = counters("gatewright_framing_refusals_total", "Requests refused before parsing.", &["reason"])?;
        for refusal in Refusal::ALL {
            refusals.with_label_values(&[refusal.name()]);
        }
        let reloads = counters("gatewright_config_reloads_total", "Revisions received.", &["result"])?;
        for result in ["live", "refused", "failed"] {
            reloads.with_label_values(&[result]);
        }
        let revision = IntGaugeVec::new(
            Opts::new("gatewright_config_revision_info", "The revision being served."),
            &["revision"],
        )?;
        registry.register(Box::new(revision.clone()))?;
        let revision_age = Gauge::new("gatewright_config_age_seconds", "Time since the revision went live.")?;
        registry.register(Box::new(revision_age.clone()))?;
        let connected =
            gauge("gatewright_config_service_connected", "Whether the configuration service is connected.")?;
        let in_flight_shown = gauge("gatewright_requests_in_flight", "Requests being answered.")?;
        let lost_log_lines =
            IntCounter::new("gatewright_log_lines_lost_total", "Log lines that could not be written in time.")?;
        registry.register(Box::new(lost_log_lines.clone()))?;
        let no_api = ApiMeters::new(&requests, &durations, &backend, NO_API);
        Ok(Self {
            started: Instant::now(),
            requests,
            durations,
            backend,
            errors,
            error_series: Mutex::default(),
            refusals,
            reloads,
            revision,
            revision_age,
            live_since: Mutex::default(),
            connected,
            lost_log_lines,
            in_flight: AtomicI64::new(0),
            in_flight_shown,
            failures: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            custom: CustomMetrics::default(),
            apis: Mutex::default(),
            no_api,
            registry,
        })
    }

    /// The handles of an API.
    pub fn api(&self, id: &str) -> ApiMeters {
        self.apis.lock().insert(id.to_owned());
        ApiMeters::new(&self.requests, &self.durations, &self.backend, id)
    }

    /// The handles for requests that match no API.
    pub fn no_api(&self) -> &ApiMeters {
        &self.no_api
    }

    /// Forgets the series of APIs that are no longer served.
    pub fn keep_apis<'a>(&self, ids: impl Iterator<Item = &'a str>) {
        let live: HashSet<&str> = ids.collect();
        self.apis.lock().retain(|id| {
            if live.contains(id.as_str()) {
                return true;
            }
            for class in CLASSES {
                let _ = self.requests.remove_label_values(&[id, class]);
            }
            let _ = self.durations.remove_label_values(&[id]);
            let _ = self.backend.remove_label_values(&[id]);
            false
        });
    }

    /// A request has begun.
    pub fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// A request has ended.
    pub fn end(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// Requests being answered.
    pub fn in_flight(&self) -> u64 {
        u64::try_from(self.in_flight.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// A request was answered; `own_fault` when the gateway itself made a 5xx.
    pub fn answered(&self, own_fault: bool) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        if own_fault {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Requests answered, and how many of them with a 5xx of the gateway's own.
    pub fn totals(&self) -> (u64, u64) {
        (self.answered.load(Ordering::Relaxed), self.failures.load(Ordering::Relaxed))
    }

    /// A fault of a policy or a built-in step.
    pub fn policy_error(&self, source: &str, reason: &str) {
        let mut series = self.error_series.lock();
        let key = (source.to_owned(), reason.to_owned());
        let known = series.contains(&key);
        // Reasons can come from policies, so their number has a limit.
        if !known && series.len() >= MAX_ERROR_SERIES {
            self.errors.with_label_values(&["other", "other"]).inc();
            return;
        }
        series.insert(key);
        self.errors.with_label_values(&[source, reason]).inc();
    }

    /// A request was refused before parsing.
    pub fn refusal(&self, refusal: Refusal) {
        self.refusals.with_label_values(&[refusal.name()]).inc();
    }

    /// A revision was received: `live`, `refused` or `failed`.
    pub fn reload(&self, result: &str) {
        self.reloads.with_label_values(&[result]).inc();
    }

    /// A revision is live.
    pub fn live(&self, revision: Revision) {
        self.revision.reset();
        self.revision.with_label_values(&[&revision.to_string()]).set(1);
        *self.live_since.lock() = Some(Instant::now());
    }

    /// Whether the configuration service is connected.
    pub fn connected(&self, connected: bool) {
        self.connected.set(i64::from(connected));
    }

    /// What policies count.
    pub fn custom(&self) -> &CustomMetrics {
        &self.custom
    }

    /// Log lines were lost.
    pub fn lost_log_lines(&self, count: u64) {
        self.lost_log_lines.inc_by(count);
    }

    /// Time since the start.
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// Time since the revision went live.
    pub fn revision_age(&self) -> Option<Duration> {
        self.live_since.lock().map(|since| since.elapsed())
    }

    /// Everything as text.
    pub fn render(&self) -> prometheus::Result<Vec<u8>> {
        self.in_flight_shown.set(self.in_flight.load(Ordering::Relaxed));
        self.revision_age.set(self.revision_age().map_or(0.0, |age| age.as_secs_f64()));
        let mut text = Vec::new();
        let mut families = self.registry.gather();
        families.extend(self.custom.gather());
        TextEncoder::new().encode(&families, &mut text)?;
        Ok(text)
    }
}

impl ApiMeters {
    fn new(requests: &IntCounterVec, durations: &HistogramVec, backend: &HistogramVec, id: &str) -> Self {
        Self {
            by_class: CLASSES.map(|class| requests.with_label_values(&[id, class])),
            durations: durations.with_label_values(&[id]),
            backend: backend.with_label_values(&[id]),
        }
    }

    /// Records a request; status 0 when nobody was answered.
    pub fn record(&self, status: u16, took: Duration, waited: Option<Duration>) {
        let class = usize::from(status / 100).min(5);
        if let Some(counter) = self.by_class.get(class) {
            counter.inc();
        }
        self.durations.observe(took.as_secs_f64());
        if let Some(waited) = waited {
            self.backend.observe(waited.as_secs_f64());
        }
    }
}
