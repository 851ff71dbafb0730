//! Damaged policy documents and random text: reading and checking must end with findings, never with a panic, and every finding
//! must lie inside the text, on borders of characters (which `Diagnostic::new` asserts where it still knows bytes). The long form of
//! this is the fuzz target `policy`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

use config_model::Snapshot;
use policy_engine::{CheckOptions, Engine, check_file};

const DOCUMENT: &str = r#"<policies>
    <inbound>
        <base />
        <set-variable name="n" value="@(context.Request.Headers.GetValueOrDefault("X-N", "é").Length > 3 && true)" />
        <choose><when condition="@((bool)context.Variables["n"])"><set-header name="a" exists-action="override"><value>@{
            var x = "<a/>"; // note
            return x + $"{1 + 1}";
        }</value></set-header></when><otherwise><return-response><set-status code="404" reason="no" /></return-response></otherwise></choose>
        <rate-limit-by-key calls="{{calls}}" renewal-period="60" counter-key="@(context.Request.IpAddress)" />
        <set-body template="liquid"><![CDATA[ {{ body.a }} ]]></set-body><!-- <b> -- -->
    </inbound>
    <backend><forward-request timeout="20" /></backend>
    <outbound><find-and-replace from="a&amp;b" to="@("\u0041")" /></outbound>
    <on-error />
</policies>"#;

fn check(engine: &Engine, text: &str) -> usize {
    let report = check_file(engine, "m.xml", text, &Snapshot::default(), &CheckOptions::default());
    let lines: Vec<&str> = text.strip_prefix('\u{feff}').unwrap_or(text).split('\n').collect();
    for d in &report.diagnostics {
        assert!((d.start.line, d.start.column) <= (d.end.line, d.end.column), "{d:?} in {text:?}");
        for at in [d.start, d.end] {
            let line = lines.get(at.line as usize - 1).unwrap_or_else(|| panic!("{d:?}: no such line in {text:?}"));
            assert!(at.column as usize <= line.chars().count() + 1, "{d:?}: no such column in {text:?}");
        }
    }
    report.diagnostics.len()
}

#[test]
fn damaged_documents_are_findings() {
    let engine = Engine::new();
    let places: Vec<usize> = DOCUMENT.char_indices().map(|(at, _)| at).collect();
    let mut found = 0;
    for (n, at) in places.iter().enumerate().step_by(7) {
        let end = places[(n + 1 + n % 5).min(places.len() - 1)];
        for put in ["", "<", "\"", "@(", "{{", "\u{0}é", "&#x;"] {
            found += check(&engine, &format!("{}{put}{}", &DOCUMENT[..*at], &DOCUMENT[end.max(*at)..]));
        }
        found += check(&engine, &DOCUMENT[..*at]);
    }
    assert!(found > 500, "only {found} findings");
}

#[test]
fn noise_is_findings() {
    let engine = Engine::new();
    let pieces = [
        "<",
        ">",
        "/",
        "policies",
        "inbound",
        " ",
        "=",
        "\"",
        "@(",
        "@{",
        ")",
        "}",
        "{{",
        "}}",
        "&",
        ";",
        "é",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "set-header",
        "name",
        "'",
        "\n",
        "//",
        "$\"",
        "\u{feff}",
    ];
    let mut seed = 1_u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap()
    };
    let mut found = 0;
    for _ in 0..3000 {
        let length = next() % 40;
        let text: String = (0..length).map(|_| pieces[next() % pieces.len()]).collect();
        found += check(&engine, &text);
        found += check(&engine, &format!("<policies><inbound>{text}</inbound></policies>"));
    }
    assert!(found > 3000, "only {found} findings");
}
