//! What the validation policies share: actions, the records of what is wrong, and what becomes of them.
//!
//! `prevent` ends at the first set of errors with 400 (request) or 502 (response); the client is told the public text, the details
//! stand in `LastError.Message`. `detect` records and goes on. The records are a list in the variable that
//! `errors-variable-name` names, which is not set where nothing is wrong.
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::compile::AttributeSpec;
use crate::host::Level;
use crate::host::TraceEntry;
use crate::run::{Cx, Flow, PolicyError, StepResult, keywords};

/// What the client is told where the details are not for it.
const INTERNAL: &str = "The request could not be processed due to an internal error. Contact the API owner.";
/// Records kept of one run.
const MAX_RECORDS: usize = 100;

/// Where the records go.
pub(in crate::policies) const ERRORS_VARIABLE: AttributeSpec =
    AttributeSpec::optional("errors-variable-name", "variable that gets the list of errors").literal();

keywords! {
    /// What is done about what is wrong.
    pub(in crate::policies) enum Action {
        /// Nothing; it is not even looked at.
        Ignore = "ignore",
        /// The request or response is refused.
        Prevent = "prevent",
        /// It is recorded.
        Detect = "detect",
    }
}

/// Something wrong. Field names are those of the documented record.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::policies) struct Finding {
    pub(in crate::policies) name: String,
    pub(in crate::policies) kind: &'static str,
    pub(in crate::policies) rule: &'static str,
    pub(in crate::policies) details: String,
    /// What the client may know.
    pub(in crate::policies) public: Public,
}

/// What the client is told.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::policies) enum Public {
    /// The details.
    Details,
    /// Another text.
    Text(String),
    /// That something is wrong.
    Internal,
}

/// Findings of one run.
pub(in crate::policies) struct Findings<'p> {
    variable: Option<&'p Arc<str>>,
    records: Vec<Json>,
    prevented: Option<Finding>,
}

impl<'p> Findings<'p> {
    pub(in crate::policies) fn new(variable: Option<&'p Arc<str>>) -> Findings<'p> {
        Findings { variable, records: Vec::new(), prevented: None }
    }

    /// Takes a set of findings on; false when they end the run.
    pub(in crate::policies) fn add(&mut self, cx: &mut Cx<'_>, action: Action, set: Vec<Finding>) -> bool {
        let name = match action {
            Action::Ignore => return true,
            Action::Prevent => "Prevent",
            Action::Detect => "Detect",
        };
        for finding in &set {
            if self.records.len() < MAX_RECORDS {
                self.records.push(json!({
                    "Name": finding.name,
                    "Type": finding.kind,
                    "ValidationRule": finding.rule,
                    "Details": finding.details,
                    "Action": name,
                }));
            }
            if action == Action::Detect && cx.traces(Level::Information) {
                let at = cx.host.utc_ticks();
                let source = "validation".into();
                let message = finding.details.clone();
                cx.trace(TraceEntry { source, level: Level::Information, message, metadata: Vec::new(), at });
            }
        }
        if action == Action::Prevent {
            self.prevented = set.into_iter().next();
        }
        self.prevented.is_none()
    }

    /// Sets the variable, and refuses where something was to be prevented.
    pub(in crate::policies) fn finish(self, cx: &mut Cx<'_>) -> StepResult {
        if let Some(variable) = self.variable.filter(|_| !self.records.is_empty()) {
            let text = Json::Array(self.records).to_string();
            let list = cx.ambient(|ambient| dotnet::newtonsoft::parse_array(ambient, &text))?;
            cx.state.variables.set(variable, list);
        }
        let Some(finding) = self.prevented else { return Ok(Flow::Continue) };
        let public = match finding.public {
            Public::Details => finding.details.clone(),
            Public::Text(text) => text,
            Public::Internal => INTERNAL.to_owned(),
        };
        let (status, reason) = if cx.on_request() { (400, "Bad request") } else { (502, "Response not allowed") };
        Err(PolicyError::refusal(status, reason, public).detail(finding.details))
    }
}
