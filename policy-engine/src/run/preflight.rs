//! What is answered before any operation matched: preflights of browsers, where only `cors` policies are evaluated, and the file of
//! `cross-domain`. No other policy runs, no subscription key is asked for, no backend.
use http::{Method, header};

use super::cx::Cx;
use super::error::PolicyError;
use super::execute::Outcome;
use super::flow::Flow;
use super::message::{Request, Response};
use super::state::EvalState;
use crate::host::Host;
use crate::link::Chain;
use crate::program::{Block, Op, Section};

/// Where browser plug-ins look for the cross-domain policy file.
pub(crate) const CROSS_DOMAIN_PATH: &str = "/crossdomain.xml";
/// Nesting of documents is bounded by the number of scopes; this only keeps a broken chain from running on.
const MAX_LEVELS: usize = 8;

/// Does a browser ask what it may do? True for OPTIONS with `Origin` and `Access-Control-Request-Method`.
pub fn is_preflight(request: &Request) -> bool {
    request.method == Method::OPTIONS
        && request.headers.contains_key(header::ORIGIN)
        && request.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

impl Chain {
    /// Answers a preflight that matches an API but none of its operations: the first `cors` that is a direct child of an
    /// effective inbound section decides, the next one if it declines, and an empty 200 if none answers. `None` if there is no
    /// `cors` at all: then the request is one that matches no operation.
    pub fn preflight(&self, state: &mut EvalState, host: &mut dyn Host) -> Option<Outcome> {
        let (block, level) = self.block(Section::Inbound, 0)?;
        let mut cx = Cx { state, host, chain: self, level, section: Section::Inbound };
        let mut met = false;
        let answer = walk(&mut cx, block, level, 0, "cors", &mut met);
        if !met {
            return None;
        }
        let fault = answer.err();
        let state = cx.state;
        if let Some(fault) = &fault {
            state.last_error = Some(fault.last_error());
            state.response = fault.response(&state.request_id_text());
        }
        let response = state.response.get_or_insert_with(|| Response::new(200));
        for header in state.reply_headers.drain(..) {
            if header.append {
                response.headers.append(header.name, header.value);
            } else {
                response.headers.insert(header.name, header.value);
            }
        }
        Some(Outcome::Reply { fault })
    }

    /// Answers a request for the cross-domain policy file that no API takes, if a `cross-domain` has one.
    pub(super) fn cross_domain(&self, state: &mut EvalState, host: &mut dyn Host) -> Option<Outcome> {
        if state.original.path != CROSS_DOMAIN_PATH {
            return None;
        }
        let (block, level) = self.block(Section::Inbound, 0)?;
        let mut cx = Cx { state, host, chain: self, level, section: Section::Inbound };
        let flow = walk(&mut cx, block, level, 0, "cross-domain", &mut false).ok()?;
        (flow == Flow::Respond).then_some(Outcome::Reply { fault: None })
    }
}

/// Runs the policies of one name that are direct children of an effective section, until one answers.
fn walk(
    cx: &mut Cx<'_>,
    block: &Block,
    level: usize,
    depth: usize,
    element: &str,
    met: &mut bool,
) -> Result<Flow, PolicyError> {
    for statement in &block.statements {
        let flow = match &statement.op {
            Op::Base if depth < MAX_LEVELS => {
                let chain = cx.chain;
                match chain.block(Section::Inbound, level.saturating_add(1)) {
                    Some((inner, inner_level)) => walk(cx, inner, inner_level, depth.saturating_add(1), element, met)?,
                    None => Flow::Continue,
                }
            }
            Op::Sync(step) if statement.origin.element == element => {
                *met = true;
                cx.level = level;
                step.run(cx).map_err(|e| e.stamp(&statement.origin, cx.chain.scope(level), Section::Inbound))?
            }
            _ => Flow::Continue,
        };
        if flow != Flow::Continue {
            return Ok(flow);
        }
    }
    Ok(Flow::Continue)
}
