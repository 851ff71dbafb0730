//! Circuit breakers: how failures of a backend are counted, and when nothing is sent to it for a while.
//!
//! Rules as `circuitBreaker` of a backend entity has them. A window slides in sixty steps. Open is timed: after the trip time the
//! circuit closes by itself, nothing probes. The state is this process's own and stands beside the revision ([`super::States`]).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use config_model::CircuitBreakerRule;
use parking_lot::Mutex;

/// Steps in which a window slides.
const STEPS: usize = 60;
/// Exchanges in the window before a share of failures says anything.
const MIN_FOR_SHARE: u64 = 10;
/// Status while open, where the rule names none.
const OPEN_STATUS: u16 = 503;

/// What came of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome<'a> {
    /// A response, and how long its `Retry-After` asks to wait.
    Status(u16, Option<Duration>),
    /// None; the reason as `LastError` names it.
    Error(&'a str),
}

/// An open circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Open {
    /// For so long.
    pub(crate) rest: Duration,
    /// What the caller is answered meanwhile.
    pub(crate) status: u16,
}

/// The breaker of one backend.
#[derive(Debug)]
pub(crate) struct Breaker {
    rules: Vec<CircuitBreakerRule>,
    born: Instant,
    /// Milliseconds after `born` until which the circuit is open. Read by every request; the windows only by those that end.
    open_until: AtomicU64,
    open_status: AtomicU64,
    windows: Mutex<Vec<Window>>,
}

impl Breaker {
    pub(crate) fn new(rules: &[CircuitBreakerRule], now: Instant) -> Self {
        Self {
            rules: rules.to_vec(),
            born: now,
            open_until: AtomicU64::new(0),
            open_status: AtomicU64::new(u64::from(OPEN_STATUS)),
            windows: Mutex::new(rules.iter().map(|_| Window::default()).collect()),
        }
    }

    /// Whether it has these rules, so that its state may go on in another revision.
    pub(crate) fn has_rules(&self, rules: &[CircuitBreakerRule]) -> bool {
        self.rules == rules
    }

    /// Whether nothing may be sent.
    pub(crate) fn open(&self, now: Instant) -> Option<Open> {
        let rest = self.open_until.load(Ordering::Acquire).checked_sub(self.age(now)).filter(|rest| *rest > 0)?;
        let status = u16::try_from(self.open_status.load(Ordering::Relaxed)).unwrap_or(OPEN_STATUS);
        Some(Open { rest: Duration::from_millis(rest), status })
    }

    /// Counts an exchange. True when that trips the breaker.
    pub(crate) fn record(&self, outcome: Outcome<'_>, now: Instant) -> bool {
        // What was under way when the circuit opened says nothing new.
        if self.open(now).is_some() {
            return false;
        }
        let age = self.age(now);
        let mut windows = self.windows.lock();
        let tripped = self.rules.iter().zip(windows.iter_mut()).find_map(|(rule, window)| {
            window.count(is_failure(rule, outcome), age, rule.failure_condition.interval);
            window.trips(rule).then_some(rule)
        });
        let Some(rule) = tripped else { return false };
        let asked = match outcome {
            Outcome::Status(_, asked) if rule.accept_retry_after => asked,
            _ => None,
        };
        let time = asked.unwrap_or(rule.trip_duration);
        windows.iter_mut().for_each(|window| *window = Window::default());
        self.open_status.store(u64::from(rule.failure_status.unwrap_or(OPEN_STATUS)), Ordering::Relaxed);
        self.open_until.store(age.saturating_add(millis(time)), Ordering::Release);
        true
    }

    fn age(&self, now: Instant) -> u64 {
        millis(now.saturating_duration_since(self.born))
    }
}

/// A sliding window: exchanges and failures in each of its steps.
#[derive(Debug, Default)]
struct Window {
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Step {
    number: u64,
    failures: u64,
    all: u64,
}

impl Window {
    fn count(&mut self, failed: bool, age: u64, interval: Duration) {
        let length = (millis(interval) / STEPS as u64).max(1);
        let number = age / length;
        self.steps.retain(|step| step.number + STEPS as u64 > number);
        if self.steps.last().is_none_or(|step| step.number != number) {
            self.steps.push(Step { number, ..Step::default() });
        }
        if let Some(step) = self.steps.last_mut() {
            step.all += 1;
            step.failures += u64::from(failed);
        }
    }

    fn trips(&self, rule: &CircuitBreakerRule) -> bool {
        let failures: u64 = self.steps.iter().map(|step| step.failures).sum();
        let all: u64 = self.steps.iter().map(|step| step.all).sum();
        let condition = &rule.failure_condition;
        let by_count = condition.count.is_some_and(|count| failures >= u64::from(count.max(1)));
        let by_share = condition
            .percentage
            .is_some_and(|share| all >= MIN_FOR_SHARE && failures * 100 >= all * u64::from(share) && failures > 0);
        by_count || by_share
    }
}

/// Without ranges and reasons: 5xx, and no response at all.
fn is_failure(rule: &CircuitBreakerRule, outcome: Outcome<'_>) -> bool {
    let condition = &rule.failure_condition;
    let by_default = condition.status_code_ranges.is_empty() && condition.error_reasons.is_empty();
    match outcome {
        Outcome::Status(status, _) if by_default => (500..600).contains(&status),
        Outcome::Status(status, _) => {
            condition.status_code_ranges.iter().any(|range| (range.min..=range.max).contains(&status))
        }
        Outcome::Error(reason) if by_default => is_server_error(reason),
        Outcome::Error(reason) => condition.error_reasons.iter().any(|named| {
            named.eq_ignore_ascii_case(reason)
                || (named.eq_ignore_ascii_case("Server errors") && is_server_error(reason))
        }),
    }
}

fn is_server_error(reason: &str) -> bool {
    matches!(reason, "BackendConnectionFailure" | "Timeout")
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use config_model::{FailureCondition, StatusRange};

    fn rule(condition: FailureCondition) -> CircuitBreakerRule {
        CircuitBreakerRule {
            failure_condition: FailureCondition { interval: Duration::from_secs(60), ..condition },
            trip_duration: Duration::from_secs(10),
            ..CircuitBreakerRule::default()
        }
    }

    fn by_count(count: u32) -> FailureCondition {
        FailureCondition { count: Some(count), ..FailureCondition::default() }
    }

    const FAILED: Outcome<'static> = Outcome::Status(500, None);
    const WELL: Outcome<'static> = Outcome::Status(200, None);

    #[test]
    fn trips_by_count_and_closes_after_its_time() {
        let start = Instant::now();
        let breaker = Breaker::new(&[rule(by_count(2))], start);
        assert!(!breaker.record(FAILED, start) && !breaker.record(WELL, start));
        assert!(breaker.record(FAILED, start));
        assert_eq!(breaker.open(start), Some(Open { rest: Duration::from_secs(10), status: 503 }));
        // What ends while it is open does not open it longer.
        assert!(!breaker.record(FAILED, start + Duration::from_secs(5)));
        assert!(breaker.open(start + Duration::from_millis(9_999)).is_some());
        let later = start + Duration::from_secs(10);
        assert_eq!(breaker.open(later), None);
        assert!(!breaker.record(FAILED, later), "the window begins anew");
    }

    #[test]
    fn failures_leave_the_window() {
        let start = Instant::now();
        let breaker = Breaker::new(&[rule(by_count(2))], start);
        breaker.record(FAILED, start);
        assert!(!breaker.record(FAILED, start + Duration::from_secs(61)));
        assert!(breaker.record(FAILED, start + Duration::from_secs(119)));
    }

    #[test]
    fn a_share_needs_ten_exchanges() {
        let start = Instant::now();
        let condition = FailureCondition { percentage: Some(50), ..FailureCondition::default() };
        let breaker = Breaker::new(&[rule(condition)], start);
        for n in 0..9 {
            assert!(!breaker.record(if n < 5 { FAILED } else { WELL }, start));
        }
        assert!(breaker.record(WELL, start));
    }

    #[test]
    fn what_counts_as_a_failure() {
        let start = Instant::now();
        let trips =
            |condition: FailureCondition, outcome| Breaker::new(&[rule(condition)], start).record(outcome, start);
        let ranges =
            || FailureCondition { status_code_ranges: vec![StatusRange { min: 429, max: 429 }], ..by_count(1) };
        assert!(trips(ranges(), Outcome::Status(429, None)));
        assert!(!trips(ranges(), FAILED) && !trips(ranges(), Outcome::Error("Timeout")));
        let reasons = |reason: &str| FailureCondition { error_reasons: vec![reason.into()], ..by_count(1) };
        assert!(trips(reasons("timeout"), Outcome::Error("Timeout")));
        assert!(trips(reasons("Server errors"), Outcome::Error("BackendConnectionFailure")));
        assert!(!trips(reasons("Server errors"), Outcome::Error("ClientConnectionFailure")));
        assert!(!trips(reasons("Timeout"), FAILED));
        assert!(trips(by_count(1), FAILED) && trips(by_count(1), Outcome::Error("Timeout")));
        assert!(!trips(by_count(1), Outcome::Status(404, None)));
    }

    #[test]
    fn retry_after_takes_the_place_of_the_trip_time() {
        let start = Instant::now();
        let asked = Outcome::Status(500, Some(Duration::from_secs(3)));
        let accepts = CircuitBreakerRule { accept_retry_after: true, failure_status: Some(429), ..rule(by_count(1)) };
        let breaker = Breaker::new(&[accepts], start);
        breaker.record(asked, start);
        assert_eq!(breaker.open(start), Some(Open { rest: Duration::from_secs(3), status: 429 }));
        let breaker = Breaker::new(&[rule(by_count(1))], start);
        breaker.record(asked, start);
        assert_eq!(breaker.open(start).map(|open| open.rest), Some(Duration::from_secs(10)));
    }
}
