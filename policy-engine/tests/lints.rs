//! Lints of whole chains: what is said, where, and what is left alone. Each case is a configuration of one API with one operation in
//! one product.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

use std::sync::Arc;

use config_model::{Api, ApiId, Fragment, Operation, PolicyScope, PolicySource, Product, ProductId, Snapshot};
use policy_engine::{CheckOptions, Engine, check_file};

/// A configuration under test.
#[derive(Default)]
struct Config {
    snapshot: Snapshot,
}

impl Config {
    fn new() -> Config {
        let mut snapshot = Snapshot::default();
        let operation = Operation {
            id: "get-order".into(),
            method: "POST".into(),
            url_template: "/".into(),
            ..Operation::default()
        };
        let api = Api { id: "orders".into(), root: "orders".into(), operations: vec![operation], ..Api::default() };
        let product = Product { id: "gold".into(), apis: vec!["orders".into()], ..Product::default() };
        snapshot.apis.insert(api.id.clone(), Arc::new(api));
        snapshot.products.insert(product.id.clone(), Arc::new(product));
        Config { snapshot }
    }

    fn at(mut self, scope: PolicyScope, text: &str) -> Config {
        let source = PolicySource::new(scope.clone(), text).from_file(scope.to_string());
        self.snapshot.policies.insert(scope, Arc::new(source));
        self
    }

    fn api(self, text: &str) -> Config {
        self.at(PolicyScope::Api(ApiId::from("orders")), text)
    }

    fn operation(self, text: &str) -> Config {
        self.at(PolicyScope::Operation(ApiId::from("orders"), "get-order".into()), text)
    }

    fn fragment(mut self, id: &str, inside: &str) -> Config {
        let text = format!("<fragment>{inside}</fragment>");
        self.snapshot.fragments.insert(id.into(), Arc::new(Fragment::new(id, text)));
        self
    }

    /// Findings as `GW0602 apis/orders 1:23-1:45`; errors are failures of the test.
    fn found(&self) -> Vec<String> {
        let report = Engine::new().compile(&self.snapshot, &CheckOptions::default()).1;
        let shown = |d: &policy_engine::Diagnostic| {
            assert!(!d.is_error(), "{}", policy_engine::diagnostics::text(d));
            let line = d.excerpt.as_deref().unwrap();
            let part: String =
                line.chars().skip(d.start.column as usize - 1).take((d.end.column - d.start.column) as usize).collect();
            format!("{} {} {part}", d.code_text(), d.path)
        };
        report.diagnostics.iter().map(shown).collect()
    }
}

fn inbound(policies: &str) -> String {
    format!(
        "<policies><inbound><base/>{policies}</inbound><backend><base/></backend><outbound><base/></outbound></policies>"
    )
}

fn outbound(policies: &str) -> String {
    format!("<policies><outbound><base/>{policies}</outbound></policies>")
}

fn header(expression: &str) -> String {
    format!("<set-header name=\"X\"><value>@({expression})</value></set-header>")
}

const READ: &str = "(string)context.Variables[\"tenant\"]";
const NEVER: &str = "GW0602 apis/orders context.Variables[\"tenant\"]";

#[test]
fn a_variable_nobody_sets_is_named_with_its_place() {
    assert_eq!(Config::new().api(&inbound(&header(READ))).found(), [NEVER]);
    let default = "context.Variables.GetValueOrDefault<string>(\"tenant\", \"\")";
    assert_eq!(Config::new().api(&inbound(&header(default))).found(), [format!("GW0602 apis/orders {default}")]);
}

#[test]
fn names_near_by_are_offered() {
    let set = "<set-variable name=\"Tenant\" value=\"1\" />";
    let config = Config::new().api(&inbound(&format!("{set}{}", header(READ))));
    let report = Engine::new().compile(&config.snapshot, &CheckOptions::default()).1;
    let help: Vec<_> = report.diagnostics.iter().filter_map(|d| d.help.as_deref()).collect();
    assert_eq!(help, ["did you mean `Tenant`? (names are case-sensitive)"]);
}

#[test]
fn every_scope_of_the_chain_may_set_it() {
    let set = "<set-variable name=\"tenant\" value=\"1\" />";
    let reader = inbound(&header(READ));
    let product = PolicyScope::Product(ProductId::from("gold"));
    for (scope, text) in [
        (
            PolicyScope::Global,
            format!("<policies><inbound>{set}</inbound><backend><forward-request/></backend></policies>"),
        ),
        (product.clone(), inbound(set)),
        (PolicyScope::Operation(ApiId::from("orders"), "get-order".into()), inbound(set)),
    ] {
        assert_eq!(Config::new().api(&reader).at(scope, &text).found(), [] as [&str; 0]);
    }
    // Readers at broad scopes see what any API sets; another API's document does not help an API.
    assert_eq!(Config::new().at(product, &reader).api(&inbound(set)).found(), [] as [&str; 0]);
    let other = PolicyScope::Api(ApiId::from("other"));
    assert_eq!(Config::new().api(&reader).at(other, &inbound(set)).found(), [NEVER]);
}

#[test]
fn policies_that_set_variables_by_attribute_count() {
    for policy in [
        "<send-request mode=\"new\" response-variable-name=\"tenant\"><set-url>https://a.example</set-url></send-request>",
        "<cache-lookup-value key=\"k\" variable-name=\"tenant\" />",
        "<rate-limit-by-key calls=\"1\" renewal-period=\"1\" counter-key=\"k\" remaining-calls-variable-name=\"tenant\" />",
        "<choose><when condition=\"@(context.Request.Method == \"GET\")\"><set-variable name=\"tenant\" value=\"1\" /></when></choose>",
        "<get-authorization-context provider-id=\"a\" authorization-id=\"b\" context-variable-name=\"@(\"ten\" + \"ant\")\" ignore-error=\"true\" />",
    ] {
        let text = inbound(&format!("{policy}{}", header("context.Variables[\"tenant\"] == null ? \"\" : \"x\"")));
        let found = Config::new().api(&text).found();
        assert!(!found.iter().any(|f| f.starts_with("GW0602")), "{policy}: {found:?}");
    }
}

#[test]
fn who_asks_first_is_left_alone() {
    let asks = format!("context.Variables.ContainsKey(\"tenant\") ? {READ} : \"none\"");
    assert_eq!(Config::new().api(&inbound(&header(&asks))).found(), [] as [&str; 0]);
}

#[test]
fn fragments_count_where_they_stand() {
    let include = "<include-fragment fragment-id=\"f\" />";
    let set = "<set-variable name=\"tenant\" value=\"1\" />";
    let reads = Config::new().fragment("f", &header(READ));
    assert_eq!(reads.api(&inbound(include)).found(), [NEVER.replace("apis/orders", "policy fragments/f")]);
    let maybe = header(&format!("context.Request.Method == \"GET\" ? {READ} : \"\""));
    let one_sets = Config::new().fragment("f", &maybe).api(&inbound(include));
    let other = inbound(&format!("{set}{include}"));
    assert_eq!(one_sets.at(PolicyScope::Api(ApiId::from("other")), &other).found(), [] as [&str; 0]);
    let sets = Config::new().fragment("f", set).api(&inbound(&format!("{include}{}", header(READ))));
    assert_eq!(sets.found(), [] as [&str; 0]);
}

#[test]
fn errors_elsewhere_hide_nothing() {
    // The sets of a document with an error are known all the same; what cannot be understood may set anything.
    let findings = |config: &Config| Engine::new().compile(&config.snapshot, &CheckOptions::default()).1.diagnostics;
    let unset = |config: Config| findings(&config).iter().filter(|d| d.code == 602).count();
    let set = "<set-variable name=\"tenant\" value=\"1\" />";
    let read = header(READ);
    for (broken, open) in [
        ("<llm-content-safety />", false),
        ("<set-header name=\"{{nobody}}\"><value>a</value></set-header>", false),
        ("<set-method>@(1 +)</set-method>", false),
        ("<set-method colour=\"red\">GET</set-method>", true),
        ("<set-varible name=\"tenant\" value=\"1\" />", true),
        ("<include-fragment fragment-id=\"nowhere\" />", true),
    ] {
        let with = |more: &str| inbound(&format!("{broken}{more}{read}"));
        assert!(findings(&Config::new().api(&with(""))).iter().any(policy_engine::Diagnostic::is_error), "{broken}");
        assert_eq!(unset(Config::new().api(&with(""))), usize::from(!open), "{broken}");
        assert_eq!(unset(Config::new().api(&with(set))), 0, "{broken}");
        let operation = Config::new().operation(&inbound(&read));
        assert_eq!(unset(operation.api(&inbound(broken))), usize::from(!open), "{broken}");
        let operation = Config::new().operation(&inbound(&read));
        assert_eq!(unset(operation.api(&inbound(&format!("{broken}{set}")))), 0, "{broken}");
    }
    // A text that is no XML says nothing at all.
    assert_eq!(unset(Config::new().operation(&inbound(&read)).api("<policies><inbound>")), 0);
    // What asks for the name need not compile to be heard.
    let asks = header("context.Variables.ContainsKey( \"tenant\") ? 1 +");
    assert_eq!(unset(Config::new().api(&inbound(&format!("{asks}{read}")))), 0);
    let fragment = Config::new().fragment("f", &asks).fragment("g", &read);
    let both = "<include-fragment fragment-id=\"f\" /><include-fragment fragment-id=\"g\" />";
    assert_eq!(unset(fragment.api(&inbound(both))), 0);
}

#[test]
fn a_variable_must_be_set_before_it_is_read() {
    let set = "<set-variable name=\"tenant\" value=\"1\" />";
    let read = header(READ);
    let default = header("context.Variables.GetValueOrDefault(\"tenant\", \"\")");
    let sections = |inbound: &str, outbound: &str| {
        format!("<policies><inbound><base/>{inbound}</inbound><outbound><base/>{outbound}</outbound></policies>")
    };
    let fine = [
        sections(&format!("{set}{read}"), ""),
        sections(set, &read),
        // A default says that it may be missing.
        sections(&default, set),
        sections(&format!("{default}{set}"), ""),
        // The second round sees what the first one set.
        sections(&format!("<retry condition=\"@(true)\" count=\"2\" interval=\"1\">{read}{set}</retry>"), ""),
        // One way of a `choose` is enough.
        sections(&format!("<choose><when condition=\"@(true)\">{set}</when></choose>{read}"), ""),
    ];
    for text in fine {
        assert_eq!(Config::new().api(&text).found(), [] as [&str; 0], "{text}");
    }
    for text in [
        sections(&format!("{read}{set}"), ""),
        sections(&read, set),
        sections(&format!("<set-variable name=\"tenant\" value=\"@({READ})\" />"), ""),
    ] {
        let config = Config::new().api(&text);
        assert_eq!(config.found(), [NEVER], "{text}");
        let report = Engine::new().compile(&config.snapshot, &CheckOptions::default()).1;
        let said: Vec<_> = report.diagnostics.iter().map(|d| &*d.message).collect();
        assert_eq!(said, ["variable `tenant` is set only after it is read here"]);
    }
    // Another document of the chain may run before, whatever stands where.
    assert_eq!(Config::new().api(&inbound(&read)).operation(&inbound(set)).found(), [] as [&str; 0]);
    assert_eq!(Config::new().api(&inbound(&read)).operation(&outbound(set)).found(), [NEVER]);
    // The same fragment twice: the second time sees what the first one set, the first time fails.
    let twice = "<include-fragment fragment-id=\"f\" /><include-fragment fragment-id=\"f\" />";
    let once = Config::new().fragment("f", &format!("{read}{set}"));
    assert_eq!(once.api(&inbound(twice)).found(), ["GW0602 apis/orders f"]);
}

#[test]
fn a_fragment_names_who_includes_it_in_vain() {
    let set = "<set-variable name=\"tenant\" value=\"1\" />";
    let include = "<include-fragment fragment-id=\"f\" />";
    let other = || PolicyScope::Api(ApiId::from("other"));
    let config = |inside: &str| {
        Config::new().fragment("f", inside).api(&inbound(include)).at(other(), &inbound(&format!("{set}{include}")))
    };
    let certain = config(&header(READ));
    assert_eq!(certain.found(), ["GW0602 apis/orders f"]);
    let report = Engine::new().compile(&certain.snapshot, &CheckOptions::default()).1;
    assert!(report.diagnostics.iter().all(|d| d.message.starts_with("this fragment reads variable `tenant`")));
    // What may be left out may be a parameter that is optional.
    for inside in [
        header("context.Variables.GetValueOrDefault(\"tenant\", \"\")"),
        header(&format!("context.Request.Method == \"GET\" ? {READ} : \"\"")),
        format!("<choose><when condition=\"@(context.Request.Method == \"GET\")\">{}</when></choose>", header(READ)),
        format!("{set}{}", header(READ)),
    ] {
        assert_eq!(config(&inside).found(), [] as [&str; 0], "{inside}");
    }
    // Where nobody sets it, the fragment alone is wrong.
    let nobody = Config::new().fragment("f", &header(READ)).api(&inbound(include)).at(other(), &inbound(include));
    assert_eq!(nobody.found(), [NEVER.replace("apis/orders", "policy fragments/f")]);
}

#[test]
fn products_see_their_own_apis_only() {
    let set = inbound("<set-variable name=\"tenant\" value=\"1\" />");
    let read = inbound(&header(READ));
    let gold = || PolicyScope::Product(ProductId::from("gold"));
    let never = [NEVER.replace("apis/orders", "products/gold")];
    assert_eq!(Config::new().at(gold(), &read).operation(&set).found(), [] as [&str; 0]);
    assert_eq!(Config::new().at(gold(), &read).at(PolicyScope::Api(ApiId::from("other")), &set).found(), never);
    let silver = PolicyScope::Product(ProductId::from("silver"));
    assert_eq!(Config::new().at(gold(), &read).at(silver.clone(), &set).found(), never);
    // A product without APIs is judged by nobody.
    assert_eq!(Config::new().at(silver, &read).found(), [] as [&str; 0]);
}

#[test]
fn single_files_know_no_chain() {
    let report = check_file(
        &Engine::new(),
        "x.xml",
        &inbound(&header(READ)),
        &Snapshot::default(),
        &CheckOptions { standalone: true, ..CheckOptions::default() },
    );
    assert_eq!(report.diagnostics.len(), 0);
}

const BODY: &str = "context.Request.Body.As<string>()";
const KEPT: &str = "context.Request.Body.As<string>(preserveContent: true)";

#[test]
fn a_body_read_twice_is_named_at_the_second_place() {
    let second = ["GW0603 apis/orders context.Request.Body.As<JObject>()"];
    let again = "context.Request.Body.As<JObject>()";
    let twice = |first: &str| {
        inbound(&format!("{}{}<set-body>x</set-body>", header(first), header(&format!("{again}.ToString()"))))
    };
    assert_eq!(Config::new().api(&twice(BODY)).found(), second);
    assert_eq!(Config::new().api(&twice(KEPT)).found(), [] as [&str; 0]);
    // In one expression, even in a file by itself.
    let one = inbound(&format!("{}<set-body>x</set-body>", header(&format!("{BODY} + {again}"))));
    assert_eq!(Config::new().api(&one).found(), second);
    let alone = check_file(&Engine::new(), "x.xml", &one, &Snapshot::default(), &CheckOptions::default());
    assert_eq!(alone.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), [603]);
}

#[test]
fn a_read_that_is_not_certain_proves_nothing() {
    let maybe = format!("context.Request.Method == \"GET\" ? \"\" : {BODY}");
    let branch =
        format!("<choose><when condition=\"@(context.Request.Method == \"GET\")\">{}</when></choose>", header(BODY));
    for first in [
        header(&maybe),
        branch,
        header("new[] { 1 }.Select(i => context.Request.Body.As<string>()).Any() ? \"\" : \"a\""),
    ] {
        let text = inbound(&format!("{first}{}<set-body>x</set-body>", header(KEPT)));
        assert_eq!(Config::new().api(&text).found(), [] as [&str; 0], "{first}");
    }
    let ways = format!("context.Request.Method == \"GET\" ? {BODY} : {BODY}");
    assert_eq!(
        Config::new().api(&inbound(&format!("{}<set-body>x</set-body>", header(&ways)))).found(),
        [] as [&str; 0]
    );
}

#[test]
fn a_body_that_is_gone_is_not_forwarded() {
    let lost = [format!("GW0604 apis/orders {BODY}")];
    let reader = inbound(&header(BODY));
    assert_eq!(Config::new().api(&reader).found(), lost);
    // The operation gives it back, answers by itself, or sends another kind of request.
    for mends in ["<set-body>x</set-body>", "<return-response />", "<set-method>GET</set-method>"] {
        let operation = inbound(mends);
        assert_eq!(
            Config::new().api(&reader).operation(&operation).found().len(),
            usize::from(mends.is_empty()) + 1,
            "{mends}"
        );
        let own = inbound(&format!("{}{mends}", header(BODY)));
        assert_eq!(Config::new().api(&own).found(), [] as [&str; 0], "{mends}");
    }
}

#[test]
fn both_ways_of_a_choose_make_it_certain() {
    let read = header(BODY);
    let choose = format!(
        "<choose><when condition=\"@(context.Request.Method == \"PUT\")\">{read}</when><otherwise>{read}</otherwise></choose>"
    );
    assert_eq!(Config::new().api(&inbound(&choose)).found(), [format!("GW0604 apis/orders {BODY}")]);
    let answers = format!(
        "<choose><when condition=\"@(context.Request.Method == \"PUT\")\">{read}<return-response /></when></choose>"
    );
    assert_eq!(Config::new().api(&inbound(&answers)).found(), [] as [&str; 0]);
}

#[test]
fn a_response_that_is_read_is_missed_by_the_client() {
    let read = "context.Response.Body.As<string>()";
    let reader = outbound(&header(read));
    assert_eq!(Config::new().api(&reader).found(), [format!("GW0604 apis/orders {read}")]);
    let replaced = outbound(&format!("<set-body>@({read}.ToUpper())</set-body>"));
    assert_eq!(Config::new().api(&replaced).found(), [] as [&str; 0]);
    assert_eq!(Config::new().api(&outbound(&header(&read.replace("()", "(true)")))).found(), [] as [&str; 0]);
}

#[test]
fn bodies_that_stream_cannot_be_read() {
    let kinds = [(config_model::ApiKind::Websocket, "a WebSocket API"), (config_model::ApiKind::Grpc, "a gRPC API")];
    let body = header("context.Request.Body.As<string>(preserveContent: true)");
    let findings = |config: &Config| Engine::new().compile(&config.snapshot, &CheckOptions::default()).1.diagnostics;
    let of_kind = |kind, config: Config| {
        let mut config = config;
        let api = Arc::make_mut(config.snapshot.apis.get_mut(&ApiId::from("orders")).unwrap());
        api.kind = kind;
        config
    };
    for (kind, named) in kinds {
        let found = findings(&of_kind(kind, Config::new().api(&inbound(&body))));
        let [error] = found.as_slice() else { panic!("{found:?}") };
        assert!(error.is_error() && error.code_text() == "GW0601" && error.message.contains(named), "{error:?}");
        assert_eq!((&*error.path, error.start.line), ("apis/orders", 1));
        let config = of_kind(kind, Config::new().operation(&outbound(&header("context.Response.Body.As<string>()"))));
        let found = findings(&config);
        assert!(found.iter().any(|d| d.is_error() && d.code_text() == "GW0601"), "{found:?}");
        // What other APIs share is warned of; on-error answers by itself.
        let shared = of_kind(kind, Config::new().at(PolicyScope::Product(ProductId::from("gold")), &inbound(&body)));
        let found = findings(&shared);
        assert!(found.iter().any(|d| !d.is_error() && d.code_text() == "GW0601"), "{found:?}");
        assert!(found.iter().all(|d| !d.is_error()), "{found:?}");
        let quiet = format!("<policies><on-error>{body}</on-error></policies>");
        assert!(findings(&of_kind(kind, Config::new().api(&quiet))).is_empty());
    }
    assert!(findings(&Config::new().api(&inbound(&body))).is_empty());
}
