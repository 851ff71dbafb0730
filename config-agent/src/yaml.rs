//! YAML, read into the same values as JSON, with limits.

use crate::text::TextFile;
use config_model::{Finding, codes};
use serde_json::Value;

/// How deep a document may nest. JSON stops at 128 by itself.
const MAX_DEPTH: usize = 128;

/// How many nodes a document may have; the largest public specification has about 300,000.
const MAX_NODES: usize = 4_000_000;

/// Reads one YAML document.
pub(crate) fn parse_yaml(file: &TextFile) -> Result<Value, Finding> {
    let budget =
        serde_saphyr::budget! { max_depth: MAX_DEPTH, max_nodes: MAX_NODES, max_events: MAX_NODES.saturating_mul(4) };
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
