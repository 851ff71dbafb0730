//! Bounds of an evaluation, and the counting that keeps them. Whoever implements [`dotnet::Ambient`] holds a [`Meter`] and passes charges on.
use dotnet::{Exception, Result};

/// Bounds of one evaluation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Steps: loop rounds, calls, items of sequences.
    pub steps: u64,
    /// Bytes allocated in proportion to input.
    pub bytes: usize,
    /// Calls inside calls.
    pub depth: u32,
    /// Ticks of the caller's clock; the caller decides what a tick is.
    pub ticks: u64,
}

impl Default for Limits {
    /// One million steps, 8 MiB, depth 200, 50 ticks (milliseconds, by convention).
    fn default() -> Self {
        Limits { steps: 1_000_000, bytes: 8 << 20, depth: 200, ticks: 50 }
    }
}

/// How often the clock is asked: once in so many steps.
const STEPS_PER_LOOK: u64 = 256;

/// Counts what one evaluation uses. The clock is a function of the caller's, asked now and then.
#[derive(Clone, Debug)]
pub struct Meter {
    limits: Limits,
    steps: u64,
    bytes: usize,
    depth: u32,
    started: Option<u64>,
    next_look: u64,
}

impl Meter {
    /// A meter at zero.
    pub fn new(limits: Limits) -> Meter {
        Meter { limits, steps: 0, bytes: 0, depth: 0, started: None, next_look: STEPS_PER_LOOK }
    }

    /// Back to zero, for the next evaluation.
    pub fn reset(&mut self) {
        *self = Meter::new(self.limits);
    }

    /// Steps used so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Bytes charged so far.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// For [`dotnet::Ambient::charge_steps`]; `now` gives the clock and is called about once in a thousand steps.
    pub fn charge_steps(&mut self, steps: u64, now: impl FnOnce() -> u64) -> Result<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > self.limits.steps {
            return Err(Exception::limit(format!("the expression took more than {} steps", self.limits.steps)));
        }
        if self.steps < self.next_look {
            return Ok(());
        }
        self.next_look = self.steps.saturating_add(STEPS_PER_LOOK);
        let now = now();
        let started = *self.started.get_or_insert(now);
        if now.saturating_sub(started) > self.limits.ticks {
            return Err(Exception::limit("the expression took too long"));
        }
        Ok(())
    }

    /// For [`dotnet::Ambient::note_steps`].
    pub fn note_steps(&mut self, steps: u64) {
        self.steps = self.steps.saturating_add(steps);
    }

    /// For [`dotnet::Ambient::charge_bytes`].
    pub fn charge_bytes(&mut self, bytes: usize) -> Result<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.limits.bytes {
            return Err(Exception::limit(format!("the expression allocated more than {} bytes", self.limits.bytes)));
        }
        Ok(())
    }

    /// For [`dotnet::Ambient::enter`].
    pub fn enter(&mut self) -> Result<()> {
        if self.depth >= self.limits.depth {
            return Err(Exception::limit(format!("the expression made calls deeper than {}", self.limits.depth)));
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    /// For [`dotnet::Ambient::leave`].
    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}
