//! Allocations of one evaluation of typical expressions, beside three other ways to run them.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench that cannot start or disagrees should stop"
)]

mod typical;

use std::alloc::System;
use std::hint::black_box;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn allocations<T>(run: impl FnOnce() -> T) -> usize {
    let region = Region::new(ALLOCATOR);
    black_box(run());
    let change = region.change();
    change.allocations + change.reallocations
}

fn main() {
    typical::around(|around| {
        let mut bench = typical::Bench::new(around);
        eprintln!("allocations of one evaluation      policy   rust    lua   rhai");
        for n in 0..bench.all.len() {
            let policy = allocations(|| bench.policy(n, around));
            let rust = allocations(|| bench.rust(n));
            let lua = allocations(|| bench.lua(n));
            let rhai = allocations(|| bench.rhai(n));
            eprintln!("{:<34} {policy:>6} {rust:>6} {lua:>6} {rhai:>6}", bench.all[n].name());
        }
    });
}
