//! What a running expression may ask of its surroundings: time, chance, limits, and the host's own state.
use std::any::Any;

use crate::exception::Result;
use crate::table::TypeTable;

/// Surroundings of one evaluation; the executor's frame carries it, the policy engine's host feeds it.
pub trait Ambient {
    /// Current UTC time in .NET ticks (100 ns since 0001-01-01).
    fn utc_now_ticks(&mut self) -> i64;
    /// Sixty-four random bits, fit for identifiers (`Guid.NewGuid`) and `Random` seeds.
    fn random_u64(&mut self) -> u64;
    /// Accounts for `steps` of work; fails with an uncatchable exception when the evaluation has used up its steps or its time.
    fn charge_steps(&mut self, steps: u64) -> Result<()>;
    /// Accounts for work already done; the next charge finds a bound that it passed.
    fn note_steps(&mut self, steps: u64);
    /// Accounts for memory that stays allocated; fails with an uncatchable exception past the bound.
    fn charge_bytes(&mut self, bytes: usize) -> Result<()>;
    /// One level deeper in calls; must be paired with [`Ambient::leave`]. Fails with an uncatchable exception past the bound.
    fn enter(&mut self) -> Result<()>;
    /// Undoes [`Ambient::enter`].
    fn leave(&mut self);
    /// The table the program was compiled with (names of enum values, base types for casts).
    fn types(&self) -> &TypeTable;
    /// The host's own per-request state, for the members of `context`.
    fn host(&mut self) -> &mut dyn Any;
}
