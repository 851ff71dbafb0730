//! A logger: a place that events and traces are sent to.

use crate::{LoggerId, Secret};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What kind of place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoggerKind {
    /// Event Hub.
    AzureEventHub,
    /// Application Insights.
    ApplicationInsights,
    /// Azure Monitor.
    #[default]
    AzureMonitor,
    /// A kind this version does not know.
    Other(String),
}

/// A logger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Logger {
    /// Resource name.
    pub id: LoggerId,
    /// What kind of place.
    pub kind: LoggerKind,
    /// Text for people.
    pub description: Option<String>,
    /// Name and value as the vendor names them (`connectionString`, `instrumentationKey`, ...); named values are filled in.
    pub credentials: Vec<(String, Secret<String>)>,
    /// True if events are collected before they are sent.
    pub buffered: bool,
    /// Azure resource it stands for.
    pub resource_id: Option<String>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}

impl Default for Logger {
    fn default() -> Self {
        Self {
            id: LoggerId::default(),
            kind: LoggerKind::default(),
            description: None,
            credentials: Vec::new(),
            buffered: true,
            resource_id: None,
            origin: None,
        }
    }
}
