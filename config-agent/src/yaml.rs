//! YAML, read into the same values as JSON, with limits.

use crate::text::TextFile;
use config_model::{Finding, codes};
use serde_json::Value;

/// How deep a document may nest. The reader recurses, and twice as much overflows the 2 MiB stack of a thread in a debug build.
const MAX_DEPTH: usize = 64;

/// How many nodes a document may have: far more than a file of the size allowed holds by honest means.
const MAX_NODES: usize = 4_000_000;

/// How much of a document may stand behind anchors; aliases multiply it.
const MAX_ANCHORED: usize = 100_000;

/// Reads one YAML document.
pub(crate) fn parse_yaml(file: &TextFile) -> Result<Value, Finding> {
    let budget = serde_saphyr::budget! {
        max_depth: MAX_DEPTH, max_nodes: MAX_NODES, max_events: MAX_NODES.saturating_mul(4),
        max_recorded_anchor_events: MAX_ANCHORED
    };
    // `no` is Norway, not false; a snippet in a message could show a secret.
    let options = serde_saphyr::options! {
        budget: budget, strict_booleans: true, with_snippet: false,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::AsString
    };
    serde_saphyr::from_str_with_options::<Value>(&file.text, options).map_err(|error| {
        let (line, column) = error.location().map_or((0, 0), |place| (place.line(), place.column()));
        let message = error.without_snippet().to_string();
        let message = message.lines().next().unwrap_or_default();
        let message = message.split(" at line ").next().unwrap_or(message).trim_end_matches(':').to_owned();
        let finding = Finding::error(codes::SYNTAX, format!("not YAML: {message}")).in_file(&file.path);
        finding.at(u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Value, Finding> {
        parse_yaml(&TextFile { path: "x.yaml".into(), text: text.into() })
    }

    #[test]
    fn values_are_those_that_authors_mean() {
        let value = parse("country: [NO, no, yes, on]\n200: ok\nversion: 1.0\nbig: 12345678901234567890123\nnan: .nan\nday: 2020-01-01\n").unwrap();
        assert_eq!(value["country"], serde_json::json!(["NO", "no", "yes", "on"]));
        assert_eq!((&value["200"], &value["day"]), (&Value::from("ok"), &Value::from("2020-01-01")));
        assert!(value["nan"].is_string());
    }

    #[test]
    fn what_would_eat_memory_or_stack_is_an_error() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12_u32 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        assert_eq!(parse(&bomb).unwrap_err().code, "GW1002");
        assert_eq!(parse(&"[".repeat(100_000)).unwrap_err().code, "GW1002");
        assert_eq!(parse(&"- ".repeat(100_000)).unwrap_err().code, "GW1002");
        let nested: String = (0..500).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert_eq!(parse(&nested).unwrap_err().code, "GW1002");
    }

    #[test]
    fn errors_have_a_place() {
        let finding = parse("a: 1\nb: [1, 2\nc: 3\n").unwrap_err();
        assert!(finding.line >= 2, "{finding}");
        assert!(!finding.message.contains('\n'));
        assert!(parse("a: 1\na: 2\n").unwrap_err().message.contains("duplicate"));
    }
}
