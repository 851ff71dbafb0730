//! `check-header`: refuses requests without a header, or with a value that is not on the list. Inbound, every scope.
//!
//! Without `value` children presence is enough; an empty value counts as missing. Several lines of the header are one value
//! joined by commas. The message is the author's own text. Follows the public page `check-header-policy`.
use super::shared::places::{EVERY_SCOPE, INBOUND};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::program::{Attr, Op, Step};
use crate::run::{Cx, Flow, PolicyError, StatusCode, StepResult};

pub(super) struct CheckHeader;

const SPEC: Spec = Spec {
    element: "check-header",
    summary: "refuses requests without a header or without one of its allowed values",
    sections: INBOUND,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("name", "header to look at"),
        AttributeSpec::required("failed-check-httpcode", "status of the refusal"),
        AttributeSpec::required("failed-check-error-message", "message of the refusal"),
        AttributeSpec::optional("ignore-case", "compare values without regard to case?"),
    ],
    content: Content::Children(&[ChildSpec::many("value", &[], Content::Text)]),
    example: r#"<check-header name="X-Tenant" failed-check-httpcode="401" failed-check-error-message="Not authorized" ignore-case="false"><value>blue</value></check-header>"#,
};

impl Policy for CheckHeader {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let name = node.required("name");
        let status = node.required("failed-check-httpcode");
        let message = node.required("failed-check-error-message");
        let ignore_case = node.or("ignore-case", false);
        if !node.has("ignore-case") {
            let help = "write `ignore-case=\"false\"` or `\"true\"`; the documentation requires it";
            node.warn(codes::MISSING_ATTRIBUTE, "attribute `ignore-case` is missing, `false` is taken", help);
        }
        let values = node.each("value", |v| v.trimmed_text());
        Ok(Op::step(Compiled {
            name: name?,
            status: status?,
            message: message?,
            ignore_case: ignore_case?,
            values: values?,
        }))
    }
}

struct Compiled {
    name: Attr<String>,
    status: Attr<StatusCode>,
    message: Attr<String>,
    ignore_case: Attr<bool>,
    values: Vec<Attr<String>>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let name = self.name.get(cx)?;
        let lines = cx.state.request.headers.get_all(name.trim()).iter();
        let lines: Vec<_> = lines.map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned()).collect();
        let value = lines.join(",");
        if value.trim().is_empty() {
            let detail = format!("Header {name} was not found in the request. Access denied.");
            return self.refuse(cx, "HeaderNotFound", detail);
        }
        if self.values.is_empty() {
            return Ok(Flow::Continue);
        }
        let ignore_case = *self.ignore_case.get(cx)?;
        for allowed in &self.values {
            let allowed = allowed.text(cx)?.unwrap_or_default();
            let same = if ignore_case { value.to_lowercase() == allowed.to_lowercase() } else { value == *allowed };
            if same {
                return Ok(Flow::Continue);
            }
        }
        let detail = format!("Header {name} value of {value} is not allowed. Access denied.");
        self.refuse(cx, "HeaderValueNotAllowed", detail)
    }
}

impl Compiled {
    fn refuse(&self, cx: &mut Cx<'_>, reason: &'static str, detail: String) -> StepResult {
        let status = self.status.get(cx)?.0;
        let message = self.message.text(cx)?.unwrap_or_default().into_owned();
        Err(PolicyError::refusal(status, reason, message).detail(detail))
    }
}
