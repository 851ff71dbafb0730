//! `ip-filter`: lets callers pass or refuses them by address. Inbound, every scope.
//!
//! Compares with `context.Request.IpAddress`, never with a forwarded header. IPv4-mapped IPv6 addresses are their IPv4 ones;
//! ranges are inclusive and of one family. Follows the public page `ip-filter-policy`.
use std::net::IpAddr;

use super::shared::places::{EVERY_SCOPE, INBOUND};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::program::{Attr, AttrValue, Op, Step};
use crate::run::{Cx, Flow, PolicyError, StepResult, keywords};

pub(super) struct IpFilter;

const SPEC: Spec = Spec {
    element: "ip-filter",
    summary: "lets callers pass or refuses them by their address",
    sections: INBOUND,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[AttributeSpec::required("action", "`allow` only those listed, or `forbid` them")],
    content: Content::Children(&[
        ChildSpec::many("address", &[], Content::Text),
        ChildSpec::many(
            "address-range",
            &[
                AttributeSpec::required("from", "first address"),
                AttributeSpec::required("to", "last address, inclusive"),
            ],
            Content::Empty,
        ),
    ]),
    example: r#"<ip-filter action="allow"><address>192.0.2.1</address><address-range from="10.0.0.0" to="10.0.0.255" /></ip-filter>"#,
};

keywords! {
    enum Action {
        Allow = "allow",
        Forbid = "forbid",
    }
}

/// An address; mapped ones are taken as IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Address(IpAddr);

impl AttrValue for Address {
    fn expects() -> String {
        "an IP address (ranges are written with `address-range`)".into()
    }
    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse::<IpAddr>().ok().map(|a| Address(a.to_canonical()))
    }
}

impl Policy for IpFilter {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let action = node.required("action");
        let addresses = node.each("address", |n| n.trimmed_text::<Address>());
        let ranges = node.each("address-range", |n| {
            let (from, to) = (n.required::<Address>("from"), n.required::<Address>("to"));
            let (from, to) = (from?, to?);
            if let (Some(low), Some(high)) = (from.constant(), to.constant()) {
                check_range(n, *low, *high)?;
            }
            Ok((from, to))
        });
        if node.count("address") + node.count("address-range") == 0 {
            return node.fail(codes::MISSING_CHILD, "`ip-filter` needs an `address` or an `address-range`", None);
        }
        Ok(Op::step(Compiled { action: action?, addresses: addresses?, ranges: ranges? }))
    }
}

fn check_range(node: &mut Node<'_, '_>, low: Address, high: Address) -> Result<(), Refused> {
    let problem = if low.0.is_ipv4() != high.0.is_ipv4() {
        "are of different families"
    } else if low.0 > high.0 {
        "are in reverse order"
    } else {
        return Ok(());
    };
    let message = format!("`from` {} and `to` {} {problem}", low.0, high.0);
    node.fail_attribute(codes::BAD_VALUE, "to", message, None)
}

struct Compiled {
    action: Attr<Action>,
    addresses: Vec<Attr<Address>>,
    ranges: Vec<(Attr<Address>, Attr<Address>)>,
}

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let refusal =
            |reason: &'static str, detail: String| Err(PolicyError::refusal(403, reason, "Forbidden").detail(detail));
        let Some(caller) = cx.state.client.ip.map(|ip| ip.to_canonical()) else {
            let detail = "Failed to establish IP address for the caller. Access denied.";
            return refusal("FailedToParseCallerIP", detail.into());
        };
        match (*self.action.get(cx)?, self.lists(cx, caller)?) {
            (Action::Allow, true) | (Action::Forbid, false) => Ok(Flow::Continue),
            (Action::Allow, false) => {
                refusal("CallerIpNotAllowed", format!("Caller IP address {caller} is not allowed. Access denied."))
            }
            (Action::Forbid, true) => refusal("CallerIpBlocked", "Caller IP address is blocked. Access denied.".into()),
        }
    }
}

impl Compiled {
    fn lists(&self, cx: &mut Cx<'_>, caller: IpAddr) -> Result<bool, PolicyError> {
        for address in &self.addresses {
            if address.get(cx)?.0 == caller {
                return Ok(true);
            }
        }
        for (from, to) in &self.ranges {
            let (from, to) = (from.get(cx)?.0, to.get(cx)?.0);
            // Addresses of different families never compare as within.
            if from.is_ipv4() == caller.is_ipv4() && to.is_ipv4() == caller.is_ipv4() && from <= caller && caller <= to
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
