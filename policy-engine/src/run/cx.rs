//! What a step is given: the request's state, the host, and where in the chain it stands.
use std::any::Any;

use dotnet::{Ambient, Exception, TypeTable, Value};

use super::error::PolicyError;
use super::flow::Eventually;
use super::state::EvalState;
use crate::host::{Clock, Host};
use crate::link::Chain;
use crate::program::{Evaluate, Section};

/// Bounds of one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps.
    pub steps: u64,
    /// Bytes that stay allocated.
    pub bytes: usize,
    /// Depth of calls.
    pub depth: u32,
    /// Wall time in .NET ticks.
    pub ticks: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { steps: 1_000_000, bytes: 8 * 1024 * 1024, depth: 100, ticks: 500_000 }
    }
}

/// How many steps pass between two looks at the clock.
const CLOCK_STEPS: u64 = 1024;

/// Context of a running step. `state` and `host` are separate fields, so that a step may hold parts of both.
pub struct Cx<'a> {
    /// The request.
    pub state: &'a mut EvalState,
    /// Everything outside.
    pub host: &'a mut dyn Host,
    /// The chain that runs.
    pub chain: &'a Chain,
    /// Document of the chain that the step stands in, 0 being the narrowest.
    pub level: usize,
    /// Section that runs.
    pub section: Section,
}

impl<'a> Cx<'a> {
    /// Evaluates an expression within its bounds.
    pub fn evaluate(&mut self, program: &dyn Evaluate) -> Result<Value, PolicyError> {
        let mut evaluation = Evaluation::new(self.state, self.host, Limits::default());
        program.evaluate(&mut evaluation).map_err(|e| PolicyError::expression(&e))
    }

    /// Runs something that needs the surroundings of an evaluation (`ToString` of a value).
    pub fn ambient<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Ambient) -> Result<T, Exception>,
    ) -> Result<T, PolicyError> {
        let mut evaluation = Evaluation::new(self.state, self.host, Limits::default());
        work(&mut evaluation).map_err(|e| PolicyError::expression(&e))
    }

    /// Does the step act on the request (inbound, backend) rather than on the response (outbound, on-error)?
    pub fn on_request(&self) -> bool {
        matches!(self.section, Section::Inbound | Section::Backend)
    }

    /// The same surroundings under another borrow, for steps that run a block of their own.
    pub fn reborrow(&mut self) -> Cx<'_> {
        Cx { state: self.state, host: self.host, chain: self.chain, level: self.level, section: self.section }
    }
}

/// Work registered by a step of the request side that waits for the final status (`increment-condition`).
pub trait AfterResponse: Send {
    /// Runs once, after outbound or on-error, before the head is sent. A fault is recorded, the response stays.
    fn run<'c>(self: Box<Self>, cx: &'c mut Cx<'_>) -> Eventually<'c, Result<(), PolicyError>>
    where
        Self: 'c;
}

/// Surroundings of one evaluation: feeds `dotnet` from the host and keeps its bounds.
pub struct Evaluation<'e> {
    state: &'e mut EvalState,
    clock: &'e mut dyn Clock,
    limits: Limits,
    steps: u64,
    next_look: u64,
    bytes: usize,
    depth: u32,
    started: Option<i64>,
}

impl<'e> Evaluation<'e> {
    /// Starts an evaluation.
    pub fn new(state: &'e mut EvalState, clock: &'e mut dyn Clock, limits: Limits) -> Evaluation<'e> {
        Evaluation { state, clock, limits, steps: 0, next_look: CLOCK_STEPS, bytes: 0, depth: 0, started: None }
    }

    /// The clock is first read after [`CLOCK_STEPS`]: most evaluations end sooner.
    fn look_at_clock(&mut self) -> Result<(), Exception> {
        self.next_look = self.steps.saturating_add(CLOCK_STEPS);
        let now = self.clock.utc_ticks();
        let started = *self.started.get_or_insert(now);
        if now.saturating_sub(started) > self.limits.ticks {
            return Err(Exception::limit("The expression ran longer than it may."));
        }
        Ok(())
    }
}

impl Ambient for Evaluation<'_> {
    fn utc_now_ticks(&mut self) -> i64 {
        self.clock.utc_ticks()
    }

    fn random_u64(&mut self) -> u64 {
        self.clock.random()
    }

    fn charge_steps(&mut self, steps: u64) -> Result<(), Exception> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > self.limits.steps {
            return Err(Exception::limit("The expression took more steps than it may."));
        }
        if self.steps >= self.next_look { self.look_at_clock() } else { Ok(()) }
    }

    fn charge_bytes(&mut self, bytes: usize) -> Result<(), Exception> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.limits.bytes {
            return Err(Exception::limit("The expression took more memory than it may."));
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Exception> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > self.limits.depth {
            return Err(Exception::limit("The expression called deeper than it may."));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn types(&self) -> &TypeTable {
        crate::types::table()
    }

    fn host(&mut self) -> &mut dyn Any {
        self.state
    }
}
