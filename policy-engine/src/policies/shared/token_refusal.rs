//! How a token that is not accepted is answered: what `validate-jwt` and `validate-azure-ad-token` share of it.
use super::jwt::Verdict;
use crate::compile::{AttributeSpec, Node, Refused};
use crate::program::Attr;
use crate::run::{Cx, PolicyError, StatusCode, StepResult};

/// Status of the refusal.
pub(in crate::policies) const STATUS: AttributeSpec =
    AttributeSpec::optional("failed-validation-httpcode", "status of the refusal (default 401)");
/// Message of the refusal.
pub(in crate::policies) const MESSAGE: AttributeSpec =
    AttributeSpec::optional("failed-validation-error-message", "message of the refusal");

/// What the client is told.
pub(in crate::policies) struct TokenRefusal {
    status: Attr<StatusCode>,
    message: Option<Attr<String>>,
    absent: &'static str,
    invalid: &'static str,
}

impl TokenRefusal {
    /// Reads the attributes. `absent` and `invalid` are told where no message is written.
    pub(in crate::policies) fn compile(
        node: &mut Node<'_, '_>,
        absent: &'static str,
        invalid: &'static str,
    ) -> Result<TokenRefusal, Refused> {
        let (status, message) = (node.or(STATUS.name, StatusCode(401)), node.optional(MESSAGE.name));
        Ok(TokenRefusal { status: status?, message: message?, absent, invalid })
    }

    /// The fault behind a verdict.
    pub(in crate::policies) fn answer(&self, cx: &mut Cx<'_>, verdict: Verdict) -> StepResult {
        let rejection = match verdict {
            Verdict::Fault(error) => return Err(error),
            Verdict::Rejected(rejection) => rejection,
        };
        let status = self.status.get(cx)?.0;
        let message = match &self.message {
            Some(message) => message.text(cx)?.unwrap_or_default().into_owned(),
            None if rejection.reason == "TokenNotPresent" => self.absent.to_owned(),
            None => self.invalid.to_owned(),
        };
        Err(PolicyError::refusal(status, rejection.reason, message).detail(rejection.message))
    }
}
