//! Time of typical expressions beside three other ways to run them, in one run, with the allocator that the gateway uses.
//! Their allocations are counted by the bench `allocations`: counting takes time.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench that cannot start or disagrees should stop"
)]

mod typical;

use criterion::{BenchmarkId, Criterion};
use policy_engine::eval::Prepared;
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    typical::around(|around| {
        let mut bench = typical::Bench::new(around);
        let mut c = Criterion::default().configure_from_args();
        for n in 0..bench.all.len() {
            let mut group = c.benchmark_group(bench.all[n].name());
            group.bench_function(BenchmarkId::from_parameter("policy"), |b| b.iter(|| bench.policy(n, around)));
            group.bench_function(BenchmarkId::from_parameter("rust"), |b| b.iter(|| bench.rust(n)));
            group.bench_function(BenchmarkId::from_parameter("lua"), |b| b.iter(|| bench.lua(n)));
            group.bench_function(BenchmarkId::from_parameter("rhai"), |b| b.iter(|| bench.rhai(n)));
            group.finish();
        }
        c.bench_function("compile 1,000 expressions", |b| {
            let text = |n| format!("@(context.Request.Headers.GetValueOrDefault(\"X-{n}\", \"{n}\").Length > {n} ? \"a\" : $\"{{context.Api.Id}}-{n}\")");
            let texts: Vec<String> = (0..1000).map(text).collect();
            b.iter(|| texts.iter().filter(|t| Prepared::new(t, &Value::Null, around).is_ok()).count());
        });
        c.final_summary();
    });
}
