//! A diagnostic: what is told about requests, to which logger.

use crate::{ApiId, DiagnosticId, LoggerId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How much is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verbosity {
    /// Failures.
    Error,
    /// The usual.
    #[default]
    Information,
    /// Everything.
    Verbose,
}

/// Which headers join requests into one trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HttpCorrelation {
    /// None.
    None,
    /// `Request-Id`.
    #[default]
    Legacy,
    /// `traceparent`.
    W3c,
}

/// What happens to a masked value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MaskingMode {
    /// Shown as `*`.
    #[default]
    Mask,
    /// Left out.
    Hide,
}

/// A value that is not told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Masking {
    /// Header or query parameter.
    pub name: String,
    /// What happens to it.
    pub mode: MaskingMode,
}

/// What is told about one message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageDiagnostic {
    /// Headers.
    pub headers: Vec<String>,
    /// So many bytes of the body.
    pub body_bytes: u32,
    /// Masked headers.
    pub masked_headers: Vec<Masking>,
    /// Masked query parameters.
    pub masked_query: Vec<Masking>,
}

/// What is told about one side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PipelineDiagnostic {
    /// Requests.
    pub request: MessageDiagnostic,
    /// Responses.
    pub response: MessageDiagnostic,
}

/// A diagnostic, of the service or of one API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Diagnostic {
    /// Resource name: `applicationinsights`, `azuremonitor`, `local`.
    pub id: DiagnosticId,
    /// The API, or `None` for the service.
    pub api: Option<ApiId>,
    /// Where it goes.
    pub logger: Option<LoggerId>,
    /// True if errors are told even when not sampled.
    pub always_log_errors: bool,
    /// Share of requests, in percent.
    pub sampling_percentage: f64,
    /// How much is told.
    pub verbosity: Verbosity,
    /// Correlation headers.
    pub http_correlation: HttpCorrelation,
    /// True if operations are named by URL.
    pub operation_name_is_url: bool,
    /// True if the caller's address is told.
    pub log_client_ip: bool,
    /// True if custom metrics are sent.
    pub metrics: bool,
    /// Towards callers.
    pub frontend: PipelineDiagnostic,
    /// Towards backends.
    pub backend: PipelineDiagnostic,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}

impl Default for Diagnostic {
    fn default() -> Self {
        Self {
            id: DiagnosticId::default(),
            api: None,
            logger: None,
            always_log_errors: false,
            sampling_percentage: 100.0,
            verbosity: Verbosity::default(),
            http_correlation: HttpCorrelation::default(),
            operation_name_is_url: false,
            log_client_ip: false,
            metrics: false,
            frontend: PipelineDiagnostic::default(),
            backend: PipelineDiagnostic::default(),
            origin: None,
        }
    }
}
