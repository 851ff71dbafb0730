//! What a step is given: the request's state, the host, and where in the chain it stands.
use std::any::Any;

pub use csharp::Limits;
use csharp::Meter;
use dotnet::{Ambient, Exception, TypeTable, Value};

use super::error::PolicyError;
use super::flow::Eventually;
use super::state::EvalState;
use crate::host::{Clock, Host};
use crate::link::Chain;
use crate::program::{Evaluate, Section};

/// .NET ticks in a millisecond, the unit of time bounds.
const TICKS_PER_MILLISECOND: i64 = 10_000;

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

/// Surroundings of one evaluation: feeds `dotnet` from the host and keeps the bounds.
pub(crate) struct Evaluation<'e> {
    state: &'e mut EvalState,
    clock: &'e mut dyn Clock,
    meter: Meter,
}

impl<'e> Evaluation<'e> {
    /// Starts an evaluation.
    pub(crate) fn new(state: &'e mut EvalState, clock: &'e mut dyn Clock, limits: Limits) -> Evaluation<'e> {
        Evaluation { state, clock, meter: Meter::new(limits) }
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
        let clock = &*self.clock;
        self.meter.charge_steps(steps, || u64::try_from(clock.utc_ticks() / TICKS_PER_MILLISECOND).unwrap_or(0))
    }

    fn note_steps(&mut self, steps: u64) {
        self.meter.note_steps(steps);
    }

    fn charge_bytes(&mut self, bytes: usize) -> Result<(), Exception> {
        self.meter.charge_bytes(bytes)
    }

    fn enter(&mut self) -> Result<(), Exception> {
        self.meter.enter()
    }

    fn leave(&mut self) {
        self.meter.leave();
    }

    fn types(&self) -> &TypeTable {
        crate::types::table()
    }

    fn host(&mut self) -> &mut dyn Any {
        self.state
    }
}
