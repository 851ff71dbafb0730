//! The engine's own work: reading and parsing, binding and lowering, compiling whole documents, and one run of a typical chain.
#![expect(clippy::expect_used, reason = "a bench that cannot start should stop")]

use std::hint::black_box;
use std::sync::Arc;

use benches::Instant;
use config_model::{PolicyScope, PolicySource, Snapshot};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use policy_engine::{CheckOptions, Engine, EvalState};

/// The policies of the load test's chain: rate limit, three header edits with one expression, a rewrite.
const CHAIN: &str = r#"<policies>
    <inbound>
        <rate-limit-by-key calls="1000" renewal-period="60" counter-key="@(context.Request.IpAddress)" />
        <set-header name="X-Caller" exists-action="override">
            <value>@("caller/" + context.Request.Headers.GetValueOrDefault("User-Agent", "none"))</value>
        </set-header>
        <set-header name="X-Environment" exists-action="override"><value>load</value></set-header>
        <set-header name="X-Remove" exists-action="delete" />
        <rewrite-uri template="/stored" />
    </inbound>
    <backend><forward-request /></backend>
    <outbound><set-header name="Server" exists-action="delete" /></outbound>
    <on-error />
</policies>"#;

const BLOCK: &str = r#"
    var total = 0m;
    foreach (JObject line in (JArray)context.Request.Body.As<JObject>(preserveContent: true)["lines"])
    {
        total += (decimal)line["price"] * (int)line["quantity"];
    }
    if (total > 100) { return "large:" + total.ToString("F2"); }
    return context.Variables.GetValueOrDefault<string>("size", "small").Split(',').Select(s => s.Trim()).FirstOrDefault() ?? "none";"#;

fn snapshot(text: &str) -> Snapshot {
    let mut snapshot = Snapshot::default();
    snapshot.policies.insert(PolicyScope::Global, Arc::new(PolicySource::new(PolicyScope::Global, text)));
    snapshot
}

/// A document of `count` different expressions.
fn many(count: usize) -> Snapshot {
    let line = |n: usize| {
        let condition = format!("context.Request.Headers.GetValueOrDefault(\"X-{n}\", \"{n}\").Length &gt; {n}");
        format!("<set-variable name=\"v{n}\" value=\"@({})\" />", condition.replace('"', "&quot;"))
    };
    let lines: String = (0..count).map(line).collect();
    snapshot(&format!("<policies><inbound>{lines}</inbound><backend><forward-request /></backend></policies>"))
}

fn parse(c: &mut Criterion) {
    c.bench_function("parse a block of 8 lines", |b| b.iter(|| csharp::parser::parse_block(black_box(BLOCK))));
}

fn compile(c: &mut Criterion) {
    let one = snapshot(CHAIN);
    c.bench_function("compile one document", |b| {
        b.iter(|| Engine::new().compile(black_box(&one), &CheckOptions::default()))
    });
    let thousand = many(1000);
    let mut group = c.benchmark_group("compile");
    group.sample_size(10);
    group.bench_function("1,000 expressions", |b| {
        b.iter(|| Engine::new().compile(black_box(&thousand), &CheckOptions::default()))
    });
    let engine = Engine::new();
    engine.compile(&thousand, &CheckOptions::default());
    group.bench_function("1,000 expressions, unchanged", |b| {
        b.iter(|| engine.compile(black_box(&thousand), &CheckOptions::default()))
    });
    group.finish();
}

fn chain(c: &mut Criterion) {
    let (documents, report) = Engine::new().compile(&snapshot(CHAIN), &CheckOptions::default());
    assert_eq!(report.errors(), 0, "{:?}", report.diagnostics);
    let chain = documents.link([]).expect("the document has no errors");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let state = || {
        let mut state = EvalState::default();
        state.request.headers.insert("user-agent", http::HeaderValue::from_static("bench"));
        state.request.target.base = Some(Arc::new(policy_engine::Base::parse("http://127.0.0.1:1").expect("a URL")));
        state
    };
    c.bench_function("run the chain", |b| {
        b.iter_batched(state, |mut state| runtime.block_on(chain.run(&mut state, &mut Instant)), BatchSize::SmallInput);
    });
}

criterion_group!(all, parse, compile, chain);
criterion_main!(all);
