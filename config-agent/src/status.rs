//! Fail static: the state machine that decides which revision is served.
//!
//! A good configuration becomes the revision. A broken one never replaces a good one; it is remembered with its findings, so that logs, the
//! status file and gateways can say why. With nothing good yet, nothing is served and the program stays up.

use config_model::{Bundle, Finding, Revision, Snapshot, feed::message::AgentStatus};
use std::sync::Arc;

/// How many findings travel to gateways and into the status file.
const MAX_TOLD: usize = 20;

/// How the agent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing good yet.
    NotReady,
    /// The newest configuration is served.
    Ready,
    /// The newest configuration is broken, or was not read yet; an older one is served.
    Stale,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NotReady => "not_ready",
            Self::Ready => "ready",
            Self::Stale => "stale",
        }
    }
}

/// A revision that may be served.
#[derive(Debug, Clone)]
pub(crate) struct Good {
    pub(crate) bundle: Arc<Bundle>,
    pub(crate) snapshot: Arc<Snapshot>,
}

impl Good {
    pub(crate) fn revision(&self) -> Revision {
        self.bundle.manifest.revision
    }
}

/// What a new configuration changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// There is a new revision.
    New(Revision),
    /// The configuration is good and says what it said before.
    Same,
    /// The configuration is refused.
    Refused,
}

/// Keeps the good revision.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    good: Option<Good>,
    stale: bool,
    findings: Vec<Finding>,
}

impl Keeper {
    /// Starts from a backup: served until a folder was read, and longer if that is broken.
    pub(crate) fn restore(&mut self, good: Good) {
        self.good = Some(good);
        self.stale = true;
    }

    /// Takes a configuration that was judged good.
    pub(crate) fn accept(&mut self, good: Good) -> Change {
        self.stale = false;
        self.findings.clear();
        let revision = good.revision();
        match &self.good {
            Some(old) if old.revision() == revision => Change::Same,
            _ => {
                self.good = Some(good);
                Change::New(revision)
            }
        }
    }

    /// Takes the findings of a configuration that was refused.
    pub(crate) fn refuse(&mut self, findings: &[Finding]) -> Change {
        self.stale = true;
        self.findings = findings.iter().filter(|finding| finding.is_error()).take(MAX_TOLD).cloned().collect();
        Change::Refused
    }

    pub(crate) fn good(&self) -> Option<&Good> {
        self.good.as_ref()
    }

    pub(crate) fn state(&self) -> State {
        match (&self.good, self.stale) {
            (None, _) => State::NotReady,
            (Some(_), false) => State::Ready,
            (Some(_), true) => State::Stale,
        }
    }

    /// What gateways are told.
    pub(crate) fn told(&self) -> AgentStatus {
        AgentStatus { good: self.good.as_ref().map(Good::revision), stale: self.stale, findings: self.findings.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config_model::testkit::Builder;

    fn good(value: &str) -> Good {
        let snapshot = Builder::new().named_value("v", value).build();
        Good { bundle: Arc::new(snapshot.to_bundle().unwrap()), snapshot: Arc::new(snapshot) }
    }

    fn broken() -> [Finding; 2] {
        [Finding::error("GW1002", "broken"), Finding::warning("GW1005", "stale")]
    }

    #[test]
    fn a_broken_configuration_never_replaces_a_good_one() {
        let mut keeper = Keeper::default();
        assert_eq!(keeper.state(), State::NotReady);
        assert_eq!(keeper.refuse(&broken()), Change::Refused);
        assert_eq!((keeper.state(), keeper.told().findings.len(), keeper.told().good), (State::NotReady, 1, None));
        let first = good("1");
        assert_eq!(keeper.accept(first.clone()), Change::New(first.revision()));
        assert_eq!((keeper.state(), keeper.told().findings.len()), (State::Ready, 0));
        assert_eq!(keeper.refuse(&broken()), Change::Refused);
        assert_eq!((keeper.state(), keeper.told().good), (State::Stale, Some(first.revision())));
        assert_eq!(keeper.accept(good("1")), Change::Same);
        assert_eq!(keeper.state(), State::Ready);
        assert!(matches!(keeper.accept(good("2")), Change::New(_)));
    }

    #[test]
    fn a_backup_is_served_until_something_better_comes() {
        let mut keeper = Keeper::default();
        keeper.restore(good("1"));
        assert_eq!(keeper.state(), State::Stale);
        keeper.refuse(&broken());
        assert_eq!((keeper.state(), keeper.told().good), (State::Stale, Some(good("1").revision())));
        assert_eq!(keeper.accept(good("1")), Change::Same);
        assert_eq!(keeper.state(), State::Ready);
    }
}
