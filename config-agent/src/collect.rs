//! Where findings gather while a configuration is read.
//!
//! Some errors refuse the whole configuration, others put one API aside; the collector keeps the two apart.

use config_model::{ApiId, Finding};
use std::collections::BTreeMap;

/// Findings are kept up to this number; a folder with more is not read by anybody line by line.
pub(crate) const MAX_FINDINGS: usize = 1_000;

/// Findings so far.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    findings: Vec<Finding>,
    refused: bool,
    left_out: usize,
    disabled: BTreeMap<ApiId, String>,
}

impl Collector {
    /// Adds a finding; an error refuses the configuration.
    pub(crate) fn add(&mut self, finding: Finding) {
        self.refused |= finding.is_error();
        self.keep(finding);
    }

    /// Adds an error that puts one API aside and leaves the rest alone.
    pub(crate) fn disable(&mut self, api: &str, finding: Finding) {
        self.disabled.entry(ApiId::from(api)).or_insert_with(|| finding.to_string());
        self.keep(finding);
    }

    fn keep(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// APIs put aside, with the reason.
    pub(crate) fn disabled(&self) -> &BTreeMap<ApiId, String> {
        &self.disabled
    }

    /// All findings, and whether they refuse the configuration.
    pub(crate) fn finish(mut self) -> (Vec<Finding>, bool) {
        if self.left_out > 0 {
            let message = format!("{} more findings are left out", self.left_out);
            self.findings.push(Finding::note(config_model::codes::TOO_LARGE, message));
        }
        (self.findings, self.refused)
    }
}
