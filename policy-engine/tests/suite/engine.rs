//! The engine across revisions, built-in errors, the duplex lane, and texts that nobody should have written.
use std::io::Write;
use std::sync::Arc;

use super::case::block_on;
use super::host::{Memory, ScriptedHost};
use bytes::Bytes;
use config_model::{ApiId, Fragment, NamedValue, PolicyScope, PolicySource, Snapshot};
use flate2::Compression;
use flate2::write::GzEncoder;
use policy_engine::{
    Base, Body, BuiltinError, Chain, CheckOptions, Engine, EvalState, IoError, Lane, Outcome, Progress, Response,
    Section, check, check_file,
};

fn api() -> PolicyScope {
    PolicyScope::Api(ApiId::from("a"))
}

fn snapshot(policy: &str) -> Snapshot {
    let mut snapshot = Snapshot::default();
    snapshot.policies.insert(api(), Arc::new(PolicySource::new(api(), policy)));
    snapshot
}

fn chain(policy: &str) -> Chain {
    Engine::new().compile(&snapshot(policy), &CheckOptions::default()).0.link([&api()]).unwrap()
}

fn chain_of_global(policy: &str) -> Chain {
    let mut snapshot = Snapshot::default();
    snapshot.policies.insert(PolicyScope::Global, Arc::new(PolicySource::new(PolicyScope::Global, policy)));
    Engine::new().compile(&snapshot, &CheckOptions::default()).0.link([&PolicyScope::Global]).unwrap()
}

fn host() -> ScriptedHost {
    ScriptedHost::new(Arc::new(Memory::default()))
}

fn state() -> EvalState {
    let mut state = EvalState::default();
    state.request.target.base = Some(Arc::new(Base::parse("http://backend.example").unwrap()));
    state
}

fn named(name: &str, value: &str) -> Arc<NamedValue> {
    Arc::new(NamedValue {
        id: name.into(),
        display_name: name.into(),
        value: Some(value.into()),
        ..NamedValue::default()
    })
}

#[test]
fn unchanged_documents_keep_their_program() {
    let engine = Engine::new();
    let mut snapshot = snapshot(
        r#"<policies><inbound><set-variable name="v" value="{{x}}"/><include-fragment fragment-id="f"/></inbound></policies>"#,
    );
    snapshot.named_values.insert("x".into(), named("x", "1"));
    snapshot.named_values.insert("y".into(), named("y", "1"));
    snapshot.fragments.insert("f".into(), Arc::new(Fragment::new("f", "<fragment/>")));
    let compile = |snapshot: &Snapshot| {
        let (documents, report) = engine.compile(snapshot, &CheckOptions::default());
        assert_eq!(report.errors(), 0);
        Arc::clone(documents.get(&api()).unwrap())
    };
    let first = compile(&snapshot);
    assert!(Arc::ptr_eq(&first, &compile(&snapshot)));
    snapshot.named_values.insert("y".into(), named("y", "2"));
    assert!(Arc::ptr_eq(&first, &compile(&snapshot)), "a named value that it does not use");
    snapshot.named_values.insert("x".into(), named("x", "2"));
    let second = compile(&snapshot);
    assert!(!Arc::ptr_eq(&first, &second), "a named value that it uses");
    snapshot
        .fragments
        .insert("f".into(), Arc::new(Fragment::new("f", "<fragment><set-method>GET</set-method></fragment>")));
    assert!(!Arc::ptr_eq(&second, &compile(&snapshot)), "a fragment that it uses");
}

#[test]
fn a_broken_document_links_to_nothing() {
    let (documents, report) =
        Engine::new().compile(&snapshot("<policies><inbound><nope/></inbound></policies>"), &CheckOptions::default());
    assert_eq!(report.errors(), 1);
    assert!(documents.broken.contains(&api()));
    assert!(documents.link([&api()]).is_none());
    assert!(documents.link([]).is_some());
}

#[test]
fn skips_are_on_request_and_told() {
    let mut snapshot = snapshot("<policies><inbound><xsl-transform><a/></xsl-transform></inbound></policies>");
    assert_eq!(check(&snapshot, &CheckOptions::default()).errors(), 1);
    snapshot.settings.allow_skip.insert("xsl-transform".into());
    let report = check(&snapshot, &CheckOptions::default());
    assert_eq!((report.errors(), report.warnings()), (0, 1));
}

#[test]
fn needs_follow_what_really_runs() {
    let mut snapshot = snapshot("<policies><backend/></policies>");
    let global = PolicySource::new(PolicyScope::Global, "<policies><backend><forward-request/></backend></policies>");
    snapshot.policies.insert(PolicyScope::Global, Arc::new(global));
    let (documents, _) = Engine::new().compile(&snapshot, &CheckOptions::default());
    assert!(!documents.link([&api()]).unwrap().needs().forwards);
    assert!(documents.link([]).unwrap().needs().forwards);
    assert!(documents.link([&api()]).unwrap().is_empty(Section::Backend));
    assert!(!documents.link([]).unwrap().is_empty(Section::Backend));
}

#[test]
fn built_in_faults_run_on_error() {
    let chain =
        chain(r#"<policies><on-error><set-header name="X-Err"><value>1</value></set-header></on-error></policies>"#);
    let mut state = state();
    let challenge = BuiltinError::challenge("https://gw.example/orders", "Ocp-Apim-Subscription-Key");
    let outcome = block_on(chain.fail(&mut state, &mut host(), BuiltinError::SubscriptionKeyNotFound(challenge)));
    assert_eq!(outcome.fault().unwrap().last_error().reason.as_deref(), Some("SubscriptionKeyNotFound"));
    let response = state.response.unwrap();
    assert_eq!(response.status, 401);
    assert_eq!(response.headers["x-err"], "1");
    let wanted =
        r#"AzureApiManagementKey realm="https://gw.example/orders",name="Ocp-Apim-Subscription-Key",type="header""#;
    assert_eq!(response.headers["www-authenticate"], wanted);
    assert!(state.last_error.unwrap().section.is_none());
}

#[test]
fn duplex_runs_in_two_halves() {
    let chain = chain(
        r#"<policies><inbound><set-header name="X-In"><value>1</value></set-header></inbound><outbound><set-header name="X-Out"><value>1</value></set-header></outbound></policies>"#,
    );
    let (mut state, mut host) = (state(), host());
    state.lane = Lane::Duplex;
    assert!(matches!(block_on(chain.run_request(&mut state, &mut host)), Progress::Forward));
    assert!(state.request.headers.contains_key("x-in") && host.seen.is_empty());
    state.response = Some(Response::new(101));
    assert!(matches!(block_on(chain.run_response(&mut state, &mut host)), Outcome::Reply { fault: None }));
    assert!(state.response.as_ref().unwrap().headers.contains_key("x-out"));
    let outcome = block_on(chain.fail_exchange(&mut state, &mut host, &IoError::Connection("refused".into())));
    assert_eq!(outcome.fault().unwrap().last_error().source.as_ref(), "forward-request");
    assert_eq!(state.response.unwrap().status, 500);
}

#[test]
fn duplex_ends_early_where_the_program_answers() {
    let chain =
        chain(r#"<policies><inbound><return-response><set-status code="403"/></return-response></inbound></policies>"#);
    let mut state = state();
    state.lane = Lane::Duplex;
    let progress = block_on(chain.run_request(&mut state, &mut host()));
    assert!(matches!(progress, Progress::Done(Outcome::Reply { fault: None })));
    assert_eq!(state.response.unwrap().status, 403);
}

#[test]
fn a_body_over_the_limit_is_refused_not_cut() {
    let chain = chain(r#"<policies><backend><forward-request buffer-request-body="true"/></backend></policies>"#);
    let (mut state, mut host) = (state(), host());
    state.request.body = Body::Stream(policy_engine::BodyStream::CLIENT);
    host.client_body = Some(vec![b'x'; policy_engine::MAX_HELD_BODY + 1].into());
    block_on(chain.run(&mut state, &mut host));
    assert_eq!(state.response.unwrap().status, 413);
    assert!(host.seen.is_empty());
}

#[test]
fn the_cross_domain_file_is_answered_where_no_api_takes_the_request() {
    let chain = chain_of_global(
        r#"<policies><inbound><cross-domain><cross-domain-policy><allow-access-from domain="a&amp;b" /><site-control permitted-cross-domain-policies="none" /></cross-domain-policy></cross-domain></inbound></policies>"#,
    );
    let ask = |path: &str, method: http::Method| {
        let mut state = EvalState::default();
        state.original.path = path.into();
        state.request.method = method;
        let outcome = block_on(chain.fail(&mut state, &mut host(), BuiltinError::OperationNotFound));
        (outcome.fault().is_some(), state.response.unwrap())
    };
    let (failed, response) = ask("/crossdomain.xml", http::Method::GET);
    let wanted = concat!(
        r#"<?xml version="1.0"?>"#,
        "\n",
        r#"<cross-domain-policy><site-control permitted-cross-domain-policies="none" /><allow-access-from domain="a&amp;b" /></cross-domain-policy>"#,
        "\n"
    );
    assert_eq!((failed, response.status, &response.body.bytes().unwrap()[..]), (false, 200, wanted.as_bytes()));
    assert_eq!(response.headers["content-type"], "text/x-cross-domain-policy");
    assert_eq!(ask("/crossdomain.xml", http::Method::POST).1.status, 404);
    assert_eq!(ask("/other.xml", http::Method::GET).1.status, 404);
}

/// A little of it is enough to fill a memory: it ends like a body that is too large, also inside of `try`.
#[test]
fn a_decompression_bomb_is_a_body_over_the_limit() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b'x'; policy_engine::MAX_HELD_BODY + 1]).unwrap();
    let bomb = Bytes::from(bomb.finish().unwrap());
    assert!(bomb.len() < 100_000);
    let reads = r#"<set-variable name="v" value="@{ try { return context.MESSAGE.Body.As<string>(); } catch { return ""; } }" />"#;
    for (statement, is_request) in [(r#"<find-and-replace from="a" to="b" />"#, true), (reads, true), (reads, false)] {
        let statement = statement.replace("MESSAGE", if is_request { "Request" } else { "Response" });
        let (open, close) = if is_request { ("inbound", "inbound") } else { ("outbound", "outbound") };
        let text =
            format!("<policies><{open}><base/>{statement}</{close}><backend><forward-request/></backend></policies>");
        let chain = chain(&text);
        let (mut state, mut host) = (state(), host());
        if is_request {
            state.request.headers.insert("content-encoding", "gzip".parse().unwrap());
            state.request.body = Body::Stream(policy_engine::BodyStream::CLIENT);
            host.client_body = Some(bomb.clone());
        } else {
            let response = Response { body: Body::Bytes(bomb.clone()), ..Response::new(200) };
            let name = http::header::CONTENT_ENCODING;
            host.answers.push_back(super::host::Answer::Response(response.with_header(name, "gzip")));
        }
        let outcome = block_on(chain.run(&mut state, &mut host));
        let reason = outcome.fault().unwrap().last_error().reason;
        let wanted = if is_request { (413, "RequestBodyTooLarge") } else { (500, "ResponseBodyTooLarge") };
        assert_eq!((state.response.unwrap().status, reason.as_deref().unwrap()), wanted, "{statement}");
    }
}

/// Mutations of a valid document and plain noise: findings or a program, never a panic, never silence.
#[test]
fn hostile_texts_are_refused_politely() {
    let seed = r#"<policies><inbound><set-variable name="v" value="@(context.Request.Method == "GET" ? "a" : 'b')" /><set-body><![CDATA[x]]></set-body><choose><when condition="@{ return true; /* } */ }"><base/></when></choose><!-- c --></inbound></policies>"#;
    let engine = Engine::new();
    let options = CheckOptions { standalone: true, ..CheckOptions::default() };
    let mut chance = 42_u64;
    let mut next = |bound: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(chance >> 33).unwrap() % bound
    };
    let pieces = [
        "<",
        ">",
        "\"",
        "'",
        "@(",
        "@{",
        "}",
        ")",
        "&",
        "&amp;",
        "{{x}}",
        "{{",
        "]]>",
        "<![CDATA[",
        "<!--",
        "-->",
        "/",
        "\\",
        "é",
        "\0",
        "\r\n",
        "$\"{",
        "=",
        "</set-body>",
    ];
    for _ in 0..3000 {
        let mut text: Vec<char> = seed.chars().collect();
        for _ in 0..=next(4) {
            let at = next(text.len());
            match next(3) {
                0 => text.truncate(at.max(1)),
                1 => drop(text.remove(at)),
                _ => drop(text.splice(at..at, pieces[next(pieces.len())].chars())),
            }
            if text.is_empty() {
                text.push('<');
            }
        }
        let text: String = text.into_iter().collect();
        let report = check_file(&engine, "p.xml", &text, &Snapshot::default(), &options);
        for diagnostic in &report.diagnostics {
            assert!(
                diagnostic.start.line >= 1 && diagnostic.start.column >= 1 && diagnostic.end >= diagnostic.start,
                "{text}\n{diagnostic:?}"
            );
            assert!(!policy_engine::diagnostics::text(diagnostic).is_empty());
        }
    }
}

#[test]
fn large_documents_are_refused() {
    let text = format!("<policies><!--{}--></policies>", "x".repeat(300 * 1024));
    let report = check_file(&Engine::new(), "p.xml", &text, &Snapshot::default(), &CheckOptions::default());
    assert_eq!(report.diagnostics.first().map(|d| d.code_text()).as_deref(), Some("GW0108"));
}

/// In a file by itself a named value may be anything, so nothing is said about an expression that holds one; in a
/// configuration it is the named value that is reported, and not what C# makes of the hole.
#[test]
fn unknown_named_values_hide_what_depends_on_them() {
    let text = r#"<policies><inbound><set-backend-service base-url="@($"{{host}}/x")" /><choose><when condition="@({{flag}})" /></choose></inbound></policies>"#;
    let codes = |standalone| {
        let options = CheckOptions { standalone, ..CheckOptions::default() };
        let report = check_file(&Engine::new(), "p.xml", text, &Snapshot::default(), &options);
        assert_eq!(report.expressions, 2);
        report.diagnostics.iter().map(|d| d.code_text()).collect::<Vec<_>>()
    };
    assert!(codes(true).is_empty());
    assert_eq!(codes(false), ["GW0401", "GW0401"]);
}

#[test]
fn a_named_value_without_value_is_told_from_an_unknown_one() {
    let mut snapshot = Snapshot::default();
    let key = config_model::NamedValue {
        id: config_model::NamedValueId::new("k"),
        display_name: "Key".into(),
        ..Default::default()
    };
    snapshot.named_values.insert(key.id.clone(), Arc::new(key));
    let text = r#"<policies><inbound><set-variable name="a" value="{{key}}" /></inbound></policies>"#;
    let report = check_file(&Engine::new(), "p.xml", text, &snapshot, &CheckOptions::default());
    let found = report.diagnostics.first().unwrap();
    assert_eq!((found.code_text().as_str(), found.message.as_str()), ("GW0401", "named value `key` has no value"));
}

/// A policy file does not say where it will stand, so what only some scopes allow is no fault of it.
#[test]
fn a_file_by_itself_has_no_scope() {
    let found = |text: &str| {
        let report = check_file(&Engine::new(), "p.xml", text, &Snapshot::default(), &CheckOptions::default());
        report.diagnostics.iter().map(|d| d.code_text()).collect::<Vec<_>>()
    };
    let quota = r#"<quota calls="1" renewal-period="60" />"#;
    assert!(found(&format!("<policies><inbound>{quota}</inbound></policies>")).is_empty());
    assert_eq!(found(&format!("<policies><outbound>{quota}</outbound></policies>")), ["GW0303"]);
}

#[test]
fn a_backend_that_was_left_out_is_told_from_an_unknown_one() {
    let mut snapshot = Snapshot::default();
    snapshot.settings.left_out_backends.insert("stock".into(), "named value `key` has no value".into());
    let text =
        |id: &str| format!(r#"<policies><inbound><set-backend-service backend-id="{id}" /></inbound></policies>"#);
    let message = |id: &str| {
        let report = check_file(&Engine::new(), "p.xml", &text(id), &snapshot, &CheckOptions::default());
        report.diagnostics.first().unwrap().message.clone()
    };
    assert_eq!(message("stock"), "backend `stock` cannot be used: named value `key` has no value");
    assert_eq!(message("stork"), "there is no backend `stork`");
}
