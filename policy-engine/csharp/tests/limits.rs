//! Every bound of an evaluation ends it with the uncatchable exception, on a thread with the usual small stack.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]
mod common;

use std::sync::{Arc, OnceLock};

use csharp::Limits;
use dotnet::{Object, Type, Value};

fn ends_at_a_limit(expr: &str) {
    let limits = Limits { depth: 2_000, ..Limits::default() };
    let end = common::run(expr, limits);
    assert!(matches!(&end, Err(e) if e.is_limit()), "{expr}: {end:?}");
}

#[test]
fn endless_loops() {
    ends_at_a_limit("@{ while (true) { } }");
    ends_at_a_limit("@{ for (;;) { } }");
    ends_at_a_limit("@{ int i = 0; do { i++; } while (i != -1); return i; }");
    ends_at_a_limit("@{ again: goto again; }");
    ends_at_a_limit("@{ switch (1) { case 1: goto case 1; } return 1; }");
}

#[test]
fn no_handler_sees_a_limit() {
    ends_at_a_limit("@{ try { while (true) { } } catch { return 1; } finally { while (true) { } } }");
    ends_at_a_limit("@{ while (true) { try { throw new Exception(); } catch { } } }");
}

#[test]
fn deep_recursion() {
    ends_at_a_limit("@{ int F(int n) { return F(n + 1) + 1; } return F(0); }");
    ends_at_a_limit("@{ Func<int, int> f = null; f = n => f(n + 1) + 1; return f(0); }");
    ends_at_a_limit("@{ int A(int n) => B(n); int B(int n) => A(n); return A(1); }");
}

#[test]
fn deep_but_allowed_recursion() {
    let limits = Limits { depth: 2_000, ..Limits::default() };
    let v = common::run("@{ int F(int n) { return n == 0 ? 0 : F(n - 1) + 1; } return F(1900); }", limits).unwrap();
    assert_eq!(format!("{v:?}"), "1900");
}

#[test]
fn growing_texts() {
    ends_at_a_limit("@{ var s = \"x\"; while (true) { s += s; } }");
    ends_at_a_limit("@{ var s = \"x\"; while (true) { s = $\"{s}{s}\"; } }");
    ends_at_a_limit(
        "@{ var s = new string('x', 1000000); var l = new List<string>(); while (true) { l.Add(s + l.Count); } }",
    );
    ends_at_a_limit("@(new int[1000000000])");
}

#[test]
fn characters_of_a_long_text_are_at_hand() {
    // Each walk through the text costs a step for every four kilobytes.
    for (letter, length) in [("a", 20_000_u64), ("é", 20_000)] {
        let expr = format!(
            "@{{ var s = new string('{letter}', {length}); int n = 0; for (int i = 0; i < s.Length; i++) {{ if (s[i] == '{letter}') n++; }} return n; }}"
        );
        let limits = Limits { steps: length * 3, ..Limits::default() };
        assert_eq!(format!("{:?}", common::run(&expr, limits).unwrap()), length.to_string());
    }
}

#[test]
fn endless_sequences() {
    ends_at_a_limit("@(Enumerable.Range(0, int.MaxValue).Select(x => x).Count())");
    ends_at_a_limit("@(Enumerable.Range(0, 100000).SelectMany(x => Enumerable.Range(0, 100000)).Sum(x => (long)x))");
}

#[test]
fn long_and_deep_sources_compile() {
    let sum = vec!["1"; 400].join(" + ");
    let v = common::run(&format!("@{{ var x = 0; return x + {sum}; }}"), Limits::default()).unwrap();
    assert_eq!(format!("{v:?}"), "400");
    let deep = format!("@{{ var x = 1; return {}x{}; }}", "(x + ".repeat(90), ")".repeat(90));
    assert_eq!(format!("{:?}", common::run(&deep, Limits::default()).unwrap()), "91");
    let texts = vec!["s"; 400].join(" + ");
    let v = common::run(&format!("@{{ var s = \"a\"; return ({texts}).Length; }}"), Limits::default()).unwrap();
    assert_eq!(format!("{v:?}"), "400");
}

#[test]
fn constants_that_double_are_refused() {
    for double in ["c{a} + c{a}", "$\"{c{a}}{c{a}}\""] {
        let mut source = String::from("const string c0 = \"text\";");
        for n in 1..60 {
            let value = double.replace("{a}", &format!("{}", n - 1));
            source.push_str(&format!("const string c{n} = {value};"));
        }
        let source = format!("{source} return c59.Length;");
        let compiled = csharp::compile(&source, csharp::Kind::Block, &common::table(), &csharp::Options::default());
        assert!(compiled.program.is_none(), "{double}");
    }
}

/// What costs the square of the length of a source takes minutes here.
#[test]
fn long_lines_of_literals_are_read_once() {
    let source = format!("{}\"z\"", "\"a\" + ".repeat(150_000));
    let compiled = csharp::compile(&source, csharp::Kind::Expression, &common::table(), &csharp::Options::default());
    assert!(compiled.program.is_none() && compiled.diagnostics.len() == 1, "{:?}", compiled.diagnostics);
}

#[test]
fn nested_generic_lambdas_compile_in_bounded_time() {
    let mut text = "new[] { 1 }.Select(x => x)".to_owned();
    for i in 0..14 {
        text = format!("new[] {{ 1 }}.SelectMany(v{i} => {text}.Select(w{i} => w{i} + v{i}))");
    }
    let made = common::compile(&format!("@({text}.Sum())"));
    // Bound or refused as too complex: either way it ends.
    assert!(made.program.is_some() || made.diagnostics.iter().any(|d| d.code == 3801), "{:?}", made.diagnostics);
}

/// Counts itself while it lives.
struct Probe {
    _alive: Arc<()>,
}

impl Object for Probe {
    fn net_type(&self) -> Type {
        Type::OBJECT
    }
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

static ALIVE: OnceLock<Arc<()>> = OnceLock::new();

#[test]
fn self_holding_closures_are_freed() {
    let alive = ALIVE.get_or_init(|| Arc::new(()));
    let mut b = dotnet::Builder::default();
    dotnet::standard(&mut b);
    b.global("probe", "object", |_| Ok(Value::object(Probe { _alive: ALIVE.get_or_init(|| Arc::new(())).clone() })));
    let table = Arc::new(b.build());
    // The closure holds the cell of `f`, which holds the closure, which holds the probe.
    let text = "var p = probe; Func<int, int> f = null; f = n => p == null || n <= 1 ? 1 : n * f(n - 1); return f(5);";
    let program = csharp::compile(text, csharp::Kind::Block, &table, &csharp::Options::default()).program.unwrap();
    let mut cx = common::Surroundings::new(Limits::default());
    let v = program.call(&mut cx).unwrap();
    assert_eq!(format!("{v:?}"), "120");
    assert_eq!(Arc::strong_count(alive), 1, "the probe is still held");
}

#[test]
fn values_made_of_values() {
    for grow in [
        "o = Tuple.Create(o)",
        "o = Tuple.Create(o, o)",
        "o = (o, 1)",
        "o = (o, o)",
        "o = new { o }",
        "o = new { a = o, b = o }",
    ] {
        ends_at_a_limit(&format!("@{{ object o = 1; while (true) {grow}; }}"));
    }
    ends_at_a_limit("@{ object o = 1; while (true) o = new KeyValuePair<object, object>(o, o); }");
    ends_at_a_limit("@{ object o = 1; while (true) o = new Dictionary<object, object> { { o, o } }.First(); }");
    ends_at_a_limit("@{ object o = 1; while (true) o = new[] { o }.Zip(new[] { o }).First(); }");
    ends_at_a_limit("@{ Action a = () => { }; while (true) a += a; }");
}

/// Whatever holds what: the last reference ends all of it without deep recursion.
#[test]
fn long_chains_of_holders_end() {
    let chains = [
        "object o = 1; for (int i = 0; i < N; i++) o = new HashSet<object> { o };",
        "object o = 1; for (int i = 0; i < N; i++) o = new Dictionary<object, int> { { o, 1 } };",
        "object o = 1; for (int i = 0; i < N; i++) o = new[] { o }.ToLookup(x => 1);",
        "object o = 1; for (int i = 0; i < N; i++) o = new[] { o }.GroupBy(x => 1).First();",
        "Func<int> f = () => 1; for (int i = 0; i < N; i++) { var g = f; f = () => g() + 1; }",
        "IEnumerable<int> W(IEnumerable<int> s) { foreach (var x in s) yield return x; } \
         IEnumerable<int> q = new[] { 1 }; for (int i = 0; i < N; i++) q = W(q);",
    ];
    for chain in chains {
        let text = format!("@{{ {} return 1; }}", chain.replace('N', "20000"));
        let end = common::run(&text, Limits { bytes: 64 << 20, steps: 10_000_000, ..Limits::default() }).unwrap();
        assert_eq!(format!("{end:?}"), "1", "{text}");
    }
}
