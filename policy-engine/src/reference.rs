//! Pages of the documentation made from what the code says about itself: policies from their descriptions, findings from their
//! numbers. A test compares them with the files, so they cannot grow stale.
use std::fmt::Write as _;

use crate::compile::{AttributeSpec, ChildSpec, Content, Repeat, Spec};
use crate::diagnostics::codes;
use crate::policies::TABLE;

/// `docs/policies.md`.
pub fn policies_page() -> String {
    let mut out = String::from(
        "# Policies\n\nMade from the descriptions in `policy-engine/src/policies`; do not edit. Every policy also takes an `id` (a literal), which\n\
         `context.LastError.PolicyId` shows. Unless an attribute says *literal*, it may be an expression. `{{named values}}` may stand in all of them.\n",
    );
    let mut specs: Vec<&Spec> = TABLE.policies.iter().map(|p| p.spec()).collect();
    specs.sort_by_key(|s| s.element);
    for spec in specs {
        page_of(spec, &mut out);
    }
    let _ = writeln!(
        out,
        "\n## Known, but not run yet\n\nA document that holds one of these is refused at load, unless it is skipped on request (`--allow-skip NAME`).\n"
    );
    for name in TABLE.not_yet {
        let _ = writeln!(out, "- `{name}`");
    }
    out
}

fn page_of(spec: &Spec, out: &mut String) {
    let sections: Vec<&str> = spec.sections.iter().map(|s| s.as_str()).collect();
    let scopes: Vec<&str> = spec.scopes.iter().map(|s| s.as_str()).collect();
    let repeat = match spec.repeat {
        Repeat::Many => "any number of times",
        Repeat::OncePerSection => "once in a section",
        Repeat::OncePerDocument => "once in a document",
    };
    let _ = writeln!(
        out,
        "\n## {}\n\n{}.\n\nSections: {}. Scopes: {}. May stand {repeat}.\n",
        spec.element,
        capital(spec.summary),
        sections.join(", "),
        scopes.join(", ")
    );
    let _ = writeln!(out, "```xml\n{}\n```", spec.example);
    if !spec.attributes.is_empty() || !children(spec.content).is_empty() {
        let _ = writeln!(out, "\n| where | name | needed | meaning |\n|---|---|---|---|");
        rows(spec.element, spec.attributes, spec.content, out);
    }
}

fn rows(place: &str, attributes: &[AttributeSpec], content: Content, out: &mut String) {
    for a in attributes {
        let needed = if a.required { "yes" } else { "no" };
        let literal = if a.expression { "" } else { " (literal)" };
        let _ = writeln!(out, "| `{place}` | `{}` | {needed} | {}{literal} |", a.name, a.note);
    }
    for child in children(content) {
        let place = format!("{place}/{}", child.element);
        let holds = match child.content {
            Content::Policies => "policies",
            Content::Text => "text or expression",
            Content::Verbatim => "text, markup or expression",
            Content::Empty | Content::Children(_) => "element",
            Content::Mixed(_) => "element or text",
        };
        let _ = writeln!(out, "| `{place}` | | {} | {holds} |", count(child));
        rows(&place, child.attributes, child.content, out);
    }
}

fn count(child: &ChildSpec) -> String {
    match (child.min, child.max) {
        (0, u32::MAX) => "any number".into(),
        (n, u32::MAX) => format!("{n} or more"),
        (0, 1) => "no".into(),
        (1, 1) => "yes".into(),
        (low, high) => format!("{low} to {high}"),
    }
}

fn children(content: Content) -> &'static [ChildSpec] {
    match content {
        Content::Children(children) | Content::Mixed(children) => children,
        _ => &[],
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// `docs/errors.md`.
pub fn errors_page() -> String {
    let mut out = String::from(
        "# Findings\n\nMade from `policy-engine/src/diagnostics/codes.rs`; do not edit. Numbers from 2000 on are the C# compiler's and carry C#'s own\nnumber (`CS0103`) where there is one.\n\n| number | meaning |\n|---|---|\n",
    );
    for (number, _, meaning) in codes::ALL {
        let _ = writeln!(out, "| GW{number:04} | {} |", meaning.trim());
    }
    out.push_str(
        "\n## Warnings of the C# compiler\n\nLegal C# that is rarely meant.\n\n| number | meaning |\n|---|---|\n",
    );
    for (number, meaning) in codes::LINTS {
        let _ = writeln!(out, "| GW{number:04} | {meaning} |");
    }
    out
}
