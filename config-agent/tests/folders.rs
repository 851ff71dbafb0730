//! Folders as data: every layout and every trap, with what is read from it and what is said about it.
//!
//! `fixtures/<name>` is a folder; `snapshots/` holds what it must give. Review changes like code.
#![expect(clippy::unwrap_used, reason = "a failure here fails the test that calls")]

use config_agent::{LoadOptions, Loaded, load_folder};
use config_model::{Api, Operation, Parameter, PolicyScope, Representation, SubscriptionScope};
use std::{
    collections::BTreeSet,
    fmt::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn load(name: &str) -> Loaded {
    load_folder(&fixture(name), &LoadOptions::default())
}

fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.as_ref().to_owned()).collect::<Vec<_>>().join(" ")
}

fn parameters(parameters: &[Parameter]) -> String {
    list(parameters.iter().map(|p| format!("{}{}:{}", p.name, if p.required { "!" } else { "" }, p.kind)))
}

fn bodies(representations: &[Representation]) -> String {
    list(representations.iter().map(|r| {
        let examples = list(r.examples.iter().map(|example| format!("{}={}", example.name, example.value)));
        let form =
            if r.form_parameters.is_empty() { String::new() } else { format!("({})", parameters(&r.form_parameters)) };
        format!(
            "{}<{}>{form}[{examples}]",
            r.content_type,
            r.type_name.as_deref().or(r.schema.as_deref()).unwrap_or("-")
        )
    }))
}

fn render_operation(out: &mut String, operation: &Operation) {
    writeln!(out, "  {} `{}`: {} {}", operation.id, operation.display_name, operation.method, operation.url_template)
        .unwrap();
    let request = &operation.request;
    for (name, text) in [
        ("template", parameters(&operation.template_parameters)),
        ("query", parameters(&request.query_parameters)),
        ("headers", parameters(&request.headers)),
        ("body", bodies(&request.representations)),
    ] {
        if !text.is_empty() {
            writeln!(out, "    {name}: {text}").unwrap();
        }
    }
    for response in &operation.responses {
        let headers = parameters(&response.headers);
        writeln!(out, "    {}: {} {headers}", response.status, bodies(&response.representations)).unwrap();
    }
}

fn render_api(out: &mut String, api: &Api) {
    let version = api.version.as_deref().unwrap_or("-");
    let set = api.version_set.as_ref().map_or("-", |id| id.as_str());
    writeln!(
        out,
        "api {} root={} rev={} current={} path=`{}` version={version} set={set} kind={:?} protocols={:?} key={}:{}/{} url={} tags=[{}] schemas=[{}]",
        api.id,
        api.root,
        api.revision,
        api.is_current,
        api.path,
        api.kind,
        api.protocols,
        api.subscription_required,
        api.subscription_key.header,
        api.subscription_key.query,
        api.service_url.as_deref().unwrap_or("-"),
        list(&api.tags),
        list(api.schemas.iter().map(|schema| &schema.id)),
    )
    .unwrap();
    api.operations.iter().for_each(|operation| render_operation(out, operation));
}

fn render(loaded: &Loaded) -> String {
    let (mut out, snapshot) = (String::new(), &loaded.snapshot);
    writeln!(out, "refused={} disabled=[{}]", loaded.refused, list(loaded.disabled.keys())).unwrap();
    snapshot.apis.values().for_each(|api| render_api(&mut out, api));
    for set in snapshot.version_sets.values() {
        writeln!(out, "version set {} {:?} {:?} {:?}", set.id, set.scheme, set.header_name, set.query_name).unwrap();
    }
    for product in snapshot.products.values() {
        let (apis, groups, tags) = (list(&product.apis), list(&product.groups), list(&product.tags));
        writeln!(
            out,
            "product {} key={} apis=[{apis}] groups=[{groups}] tags=[{tags}]",
            product.id, product.subscription_required
        )
        .unwrap();
    }
    for subscription in snapshot.subscriptions.values() {
        let keys: Vec<_> =
            [&subscription.primary_key, &subscription.secondary_key].iter().map(|key| key.is_some()).collect();
        writeln!(
            out,
            "subscription {} {:?} {:?} keys={keys:?} owner={:?}",
            subscription.id, subscription.scope, subscription.state, subscription.owner
        )
        .unwrap();
    }
    for gateway in snapshot.gateways.values() {
        writeln!(out, "gateway {} apis=[{}] place=`{}`", gateway.id, list(&gateway.apis), gateway.location.name)
            .unwrap();
    }
    for value in snapshot.named_values.values() {
        let vault = value.key_vault.is_some();
        writeln!(
            out,
            "named value {} `{}` secret={} value={} vault={vault}",
            value.id,
            value.display_name,
            value.secret,
            value.value.is_some()
        )
        .unwrap();
    }
    for backend in snapshot.backends.values() {
        writeln!(out, "backend {backend:?}").unwrap();
    }
    for fragment in snapshot.fragments.values() {
        writeln!(
            out,
            "fragment {} {:?} from {} `{}`",
            fragment.id,
            fragment.format,
            fragment.origin.as_deref().unwrap_or("-"),
            fragment.text
        )
        .unwrap();
    }
    for (scope, policy) in &snapshot.policies {
        let first: String = policy.text.chars().take(10).collect();
        writeln!(out, "policy {scope} from {} `{first}`", policy.origin.as_deref().unwrap_or("-")).unwrap();
    }
    for diagnostic in snapshot.diagnostics.values() {
        writeln!(out, "{diagnostic:?}").unwrap();
    }
    for finding in &loaded.findings {
        writeln!(out, "{finding}").unwrap();
        if let Some(help) = &finding.help {
            writeln!(out, "  help: {}", help.replace(env!("CARGO_MANIFEST_DIR"), "")).unwrap();
        }
    }
    out
}

macro_rules! fixtures {
    ($($test:ident = $folder:literal;)*) => {$(
        #[test]
        fn $test() {
            insta::assert_snapshot!($folder, render(&load($folder)));
        }
    )*};
}

fixtures! {
    generation_4 = "g4";
    generation_6 = "g6";
    generation_7 = "g7";
    generation_of_the_cli = "gc";
    mixed_tree_and_traps = "mixed";
    one_bad_api_is_put_aside = "one-bad-api";
    what_must_be_refused = "refused";
}

#[test]
fn folders_that_are_no_configuration() {
    let message = |path: &Path| {
        let loaded = load_folder(path, &LoadOptions::default());
        assert!(loaded.refused);
        let finding = loaded.findings.first().unwrap().clone();
        (finding.code.clone(), finding.help.unwrap_or_default(), finding.message)
    };
    let (code, help, _) = message(&fixture("g0"));
    assert_eq!(code, "GW1004");
    assert!(help.contains("layout of 2022"), "{help}");
    let (_, help, _) = message(fixture("g4").parent().unwrap());
    assert!(help.contains("fixtures/g4` does"), "{help}");
    let (code, _, text) = message(&fixture("no-such-folder"));
    assert_eq!(code, "GW1001");
    assert!(text.contains("No such file"), "{text}");
    assert_eq!(message(&fixture("g0/serviceInformation.json")).0, "GW1001");
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(message(empty.path()).0, "GW1004");
}

#[test]
fn byte_order_marks_and_line_ends() {
    let loaded = load("g4");
    let text = &loaded.snapshot.policies[&PolicyScope::Global].text;
    assert!(text.starts_with("<policies>\r\n"), "the mark is gone, line ends are kept");
    assert!(text.contains(r#"== "<" && true"#), "the text is not touched");
}

#[test]
fn a_gateway_gets_its_apis_and_what_hangs_on_them() {
    let options = LoadOptions { gateway: Some("EDGE".into()), ..LoadOptions::default() };
    let loaded = load_folder(&fixture("g4"), &options);
    let snapshot = &loaded.snapshot;
    assert_eq!(list(snapshot.apis.keys()), "orders");
    assert_eq!(list(&snapshot.products["starter"].apis), "orders");
    assert_eq!(snapshot.settings.gateway.as_ref().unwrap().as_str(), "edge");
    assert!(!snapshot.policies.contains_key(&PolicyScope::Api("v1".into())));
    let loaded = load_folder(&fixture("g6"), &options);
    assert_eq!(list(loaded.snapshot.apis.keys()), "orders orders;rev=2", "revisions go with their API");
    let loaded = load_folder(&fixture("g4"), &LoadOptions { gateway: Some("gone".into()), ..LoadOptions::default() });
    assert!(loaded.refused && loaded.findings.iter().any(|finding| finding.code == "GW1013"));
}

#[test]
fn overrides_secrets_and_backend_urls() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("configuration.test.yaml");
    let text = "apimServiceName: test-service\nnamedValues:\n  - name: 64AA\n    properties:\n      value: blue\napis:\n  - name: orders\n    properties:\n      \
                path: changed\n      isCurrent: false\n    operations:\n      - name: get-order\n        policies:\n          - name: policy\n            properties:\n              \
                format: rawxml\n              value: <policies/>\nproducts:\n  - name: nobody\n    properties: {displayName: x}\nsubscriptions:\n  - name: all\n    properties: {state: active}\n";
    std::fs::write(&file, text).unwrap();
    let secrets = folder.path().join("secrets.toml");
    std::fs::write(&secrets, "[named-values]\nColour = 'red'\n[subscriptions.all]\nprimary = 'p'\nsecondary = 's'\n")
        .unwrap();
    let options = LoadOptions { override_file: Some(file), secrets: vec![secrets], ..LoadOptions::default() };
    let loaded = load_folder(&fixture("g4"), &options);
    let snapshot = &loaded.snapshot;
    let colour = snapshot.named_value("colour").unwrap().value.as_ref().unwrap().expose();
    assert_eq!(colour, "blue", "an override wins over the secrets file");
    let api = &snapshot.apis["orders"];
    assert_eq!((api.path.as_str(), api.is_current), ("changed", true));
    let policy = &snapshot.policies[&PolicyScope::Operation("orders".into(), "get-order".into())];
    assert_eq!(&*policy.text, "<policies/>");
    let all = &snapshot.subscriptions["all"];
    assert_eq!(all.state, config_model::SubscriptionState::Active);
    assert_eq!(all.primary_key.as_ref().unwrap().expose(), "p", "the secrets file wins over the folder");
    assert_eq!(snapshot.settings.service_name.as_deref(), Some("test-service"));
    let note = loaded.findings.iter().find(|finding| finding.code == "GW1010").unwrap();
    assert_eq!((note.message.as_str(), note.line), ("`products` has no `nobody`: this override does nothing", 19));

    let options = LoadOptions {
        named_values: [("COLOUR".to_owned(), "green".to_owned()), ("fresh".to_owned(), "1".to_owned())].into(),
        ..options
    };
    let snapshot = load_folder(&fixture("g4"), &options).snapshot;
    let value = |name: &str| snapshot.named_value(name).unwrap().value.as_ref().unwrap().expose().clone();
    assert_eq!((value("colour"), value("fresh")), ("green".to_owned(), "1".to_owned()), "what is given wins over all");

    let with = |id: &str| LoadOptions {
        backends: [(id.to_owned(), "http://127.0.0.1:9".to_owned())].into(),
        ..LoadOptions::default()
    };
    let loaded = load_folder(&fixture("g6"), &with("ONE"));
    assert_eq!(loaded.snapshot.backends["one"].url.as_deref(), Some("http://127.0.0.1:9"));
    assert!(load_folder(&fixture("g6"), &with("gone")).refused);
}

#[test]
fn a_bad_api_keeps_its_last_good_form() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("f");
    let copy = |from: &str, to: &Path| {
        assert!(std::process::Command::new("cp").arg("-r").arg(fixture(from)).arg(to).status().unwrap().success());
    };
    copy("g6", &root);
    let good = load_folder(&root, &LoadOptions::default());
    assert!(!good.refused, "{:#?}", good.findings);
    std::fs::write(root.join("apis/orders/specification.json"), "{").unwrap();
    let fresh = load_folder(&root, &LoadOptions::default());
    assert_eq!(list(fresh.disabled.keys()), "orders");
    assert!(!fresh.refused && fresh.snapshot.apis.is_empty(), "a revision goes with its API");
    let options = LoadOptions { previous: Some(Arc::new(good.snapshot.clone())), ..LoadOptions::default() };
    let kept = load_folder(&root, &options);
    assert!(!kept.refused, "{:#?}", kept.findings);
    assert_eq!(kept.kept, BTreeSet::from(["orders".into(), "orders;rev=2".into()]));
    assert_eq!(kept.snapshot.apis["orders"], good.snapshot.apis["orders"]);
    assert_eq!(list(kept.snapshot.apis.keys()), "orders orders;rev=2", "and its revisions stay with it");
    assert!(kept.snapshot.settings.disabled_apis.is_empty());
    assert!(kept.snapshot.diagnostics.contains_key("apis/orders/azuremonitor"));
}

#[test]
fn scopes_of_subscriptions() {
    let loaded = load("g4");
    let scope = |id: &str| loaded.snapshot.subscriptions[id].scope.clone();
    assert_eq!(scope("s1"), SubscriptionScope::Product("starter".into()));
    assert_eq!(scope("all"), SubscriptionScope::AllApis);
    assert_eq!(scope("root"), SubscriptionScope::AllAccess);
}

#[test]
fn no_secret_is_ever_printed() {
    for name in ["g4", "g6", "refused"] {
        let loaded = load(name);
        let text = format!("{loaded:?}");
        for secret in ["s3cret", "same-key", "aaa", "bbb"] {
            assert!(!text.contains(&format!("\"{secret}\"")), "{name}: {secret}");
        }
    }
}

#[test]
fn certificates_are_opened() {
    use openssl::{
        asn1::Asn1Time, ec::EcGroup, ec::EcKey, hash::MessageDigest, nid::Nid, pkcs12::Pkcs12, pkey::PKey, x509::X509,
        x509::X509NameBuilder,
    };
    let key =
        PKey::from_ec_key(EcKey::generate(&EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap()).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "test.example.org").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = builder.build();
    let pfx = Pkcs12::builder().pkey(&key).cert(&certificate).build2("pw").unwrap().to_der().unwrap();

    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root/certificates/c1");
    std::fs::create_dir_all(&root).unwrap();
    std::fs::write(root.join("certificateInformation.json"), r#"{"properties": {}}"#).unwrap();
    std::fs::write(folder.path().join("c1.pfx"), pfx).unwrap();
    let secrets = folder.path().join("secrets.toml");
    let load = |password: &str| {
        std::fs::write(&secrets, format!("[certificates.c1]\nfile = 'c1.pfx'\npassword = '{password}'\n")).unwrap();
        load_folder(
            &folder.path().join("root"),
            &LoadOptions { secrets: vec![secrets.clone()], ..LoadOptions::default() },
        )
    };
    let loaded = load("pw");
    let opened = &loaded.snapshot.certificates["c1"];
    let thumbprint: String =
        certificate.digest(MessageDigest::sha1()).unwrap().iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(opened.thumbprint.as_deref(), Some(thumbprint.as_str()));
    assert_eq!(opened.subject.as_deref(), Some("CN=test.example.org"));
    assert!(opened.pfx_base64.is_some() && !loaded.refused);
    let loaded = load("wrong");
    assert!(loaded.refused && loaded.findings.iter().any(|finding| finding.code == "GW1014"));
}
