//! What the two rate limits have in common: the headers and variables they leave, and their refusal.
use std::sync::Arc;
use std::time::Duration;

use dotnet::Value;
use http::{HeaderName, HeaderValue, header};

use crate::compile::{AttributeSpec, Node, Refused};
use crate::diagnostics::codes;
use crate::host::Count;
use crate::run::{Cx, Flow, PolicyError, ReplyHeader, StepResult};

/// Longest window in seconds (documented).
pub(in crate::policies) const MAX_PERIOD: u64 = 300;

/// Attributes of both.
pub(in crate::policies) const RETRY_AFTER_HEADER: AttributeSpec =
    AttributeSpec::optional("retry-after-header-name", "header instead of `Retry-After`").literal();
pub(in crate::policies) const RETRY_AFTER_VARIABLE: AttributeSpec =
    AttributeSpec::optional("retry-after-variable-name", "variable that gets the seconds to wait").literal();
pub(in crate::policies) const REMAINING_HEADER: AttributeSpec =
    AttributeSpec::optional("remaining-calls-header-name", "response header with the calls left").literal();
pub(in crate::policies) const REMAINING_VARIABLE: AttributeSpec =
    AttributeSpec::optional("remaining-calls-variable-name", "variable with the calls left").literal();
pub(in crate::policies) const TOTAL_HEADER: AttributeSpec =
    AttributeSpec::optional("total-calls-header-name", "response header with the calls allowed").literal();

/// What a limit tells about itself.
pub(in crate::policies) struct Telling {
    retry_header: Option<HeaderName>,
    retry_variable: Option<Arc<str>>,
    remaining_header: Option<HeaderName>,
    remaining_variable: Option<Arc<str>>,
    total_header: Option<HeaderName>,
}

impl Telling {
    pub(in crate::policies) fn read(node: &mut Node<'_, '_>) -> Result<Telling, Refused> {
        let retry_header = node.literal_or_none("retry-after-header-name");
        let retry_variable = node.literal_or_none("retry-after-variable-name");
        let remaining_header = node.literal_or_none("remaining-calls-header-name");
        let remaining_variable = node.literal_or_none("remaining-calls-variable-name");
        let total_header = node.literal_or_none("total-calls-header-name");
        Ok(Telling {
            retry_header: retry_header?,
            retry_variable: retry_variable?,
            remaining_header: remaining_header?,
            remaining_variable: remaining_variable?,
            total_header: total_header?,
        })
    }

    /// Sets headers and variables, and refuses if the limit was reached.
    pub(in crate::policies) fn conclude(&self, cx: &mut Cx<'_>, count: Count, calls: u64) -> StepResult {
        reply_header(cx, self.remaining_header.as_ref(), count.remaining);
        reply_header(cx, self.total_header.as_ref(), calls);
        set_variable(cx, self.remaining_variable.as_ref(), count.remaining);
        if count.allowed {
            return Ok(Flow::Continue);
        }
        let wait = whole_seconds(count.retry_after);
        set_variable(cx, self.retry_variable.as_ref(), wait);
        let header = self.retry_header.clone().unwrap_or(header::RETRY_AFTER);
        let public = format!("Rate limit is exceeded. Try again in {wait} seconds.");
        Err(PolicyError::refusal(429, "RateLimitExceeded", public)
            .detail("Rate limit is exceeded")
            .header(header, &wait.to_string()))
    }
}

/// Rounded up, at least one: a client that waits so long is let in.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

fn reply_header(cx: &mut Cx<'_>, name: Option<&HeaderName>, number: u64) {
    if let Some(name) = name {
        cx.state.reply_headers.push(ReplyHeader {
            name: name.clone(),
            value: HeaderValue::from(number),
            append: false,
        });
    }
}

fn set_variable(cx: &mut Cx<'_>, name: Option<&Arc<str>>, number: u64) {
    if let Some(name) = name {
        cx.state.variables.set(name, Value::Int32(i32::try_from(number).unwrap_or(i32::MAX)));
    }
}

/// A literal window length within its bounds.
pub(in crate::policies) fn check_period(node: &mut Node<'_, '_>, seconds: u64) -> Result<Duration, Refused> {
    if (1..=MAX_PERIOD).contains(&seconds) {
        return Ok(Duration::from_secs(seconds));
    }
    let message = format!("attribute `renewal-period` is {seconds}, expected 1 to {MAX_PERIOD} seconds");
    node.fail_attribute(codes::BAD_VALUE, "renewal-period", message, Some("quotas have longer periods"))
}
