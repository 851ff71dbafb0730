//! `proxy`: the request goes to its backend through an HTTP proxy. Inbound, every scope; the last one counts. Also a child of
//! `send-request` and `send-one-way-request`, which are not proxied otherwise.
//!
//! It beats the proxy of a backend entity. Plain HTTP/1 goes in absolute form, everything else through a tunnel (`CONNECT`). The
//! way to the proxy is plain HTTP; its authentication is Basic (the vendor's NTLM is not done: there is no attribute for it). A
//! proxy that refuses is a `BackendConnectionFailure`. Follows the public page `proxy-policy`.
use super::shared::places::{EVERY_SCOPE, INBOUND};
use super::shared::via::{PROXY_ATTRIBUTES, Via};
use crate::compile::{Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Op, Step};
use crate::run::{Cx, Flow, StepResult};

pub(super) struct ProxyPolicy;

const SPEC: Spec = Spec {
    element: "proxy",
    summary: "sends the request through an HTTP proxy",
    sections: INBOUND,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: PROXY_ATTRIBUTES,
    content: Content::Empty,
    example: r#"<proxy url="http://proxy.internal.example:3128" username="gateway" password="{{proxy-password}}" />"#,
};

impl Policy for ProxyPolicy {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        Via::compile(node).map(|via| Op::step(Compiled(via)))
    }
}

struct Compiled(Via);

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        cx.state.request.proxy = Some(self.0.evaluate(cx)?);
        Ok(Flow::Continue)
    }
}
