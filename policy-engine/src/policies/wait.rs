//! `wait`: runs what it holds beside each other and goes on when all, or the first, are done. Every section, every scope.
//!
//! Children are `send-request`, `cache-lookup-value` and `choose`; inside of a `choose` policies run one after the other. Each
//! child works on a copy of the request's state: what it changed is seen when it is done. `all`: every child finishes, then the
//! first fault goes on. `any`: the others are dropped and leave nothing; a failed child only counts when it is the last one.
//! Forwarding and the bodies of the exchange itself are not for children. Follows the public page `wait-policy`.
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use super::shared::places::{EVERY_SCOPE, EVERY_SECTION};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::host::{BoxFuture, IoError};
use crate::program::{AsyncStep, Attr, Block, Op};
use crate::run::{
    Body, Cx, EvalState, Eventually, Flow, MAX_HELD_BODY, PolicyError, StepResult, branch, io_fault, keywords,
};

pub(super) struct Wait;

/// What may run beside something else (documented).
const CHILDREN: [&str; 3] = ["send-request", "cache-lookup-value", "choose"];
/// Children that run at once.
const MAX_CHILDREN: usize = 32;

const SPEC: Spec = Spec {
    element: "wait",
    summary: "runs policies beside each other",
    sections: EVERY_SECTION,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[AttributeSpec::optional("for", "`all` (default) or `any`: who must be done")],
    content: Content::Policies,
    example: r#"<wait for="all"><send-request response-variable-name="a"><set-url>https://a.example</set-url></send-request><send-request response-variable-name="b"><set-url>https://b.example</set-url></send-request></wait>"#,
};

keywords! {
    enum For {
        All = "all",
        Any = "any",
    }
}

impl Policy for Wait {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let wanted = node.or("for", For::All);
        if node.holds(|e| e.name == "forward-request") {
            let help = "the exchange with the backend cannot run beside others";
            return node.fail(codes::UNSUPPORTED_FORM, "`forward-request` inside of `wait`", Some(help));
        }
        // Only these can ask for a body that no expression reads.
        let holds_body = node.holds(|e| e.name == "choose" || e.attribute("mode").is_some());
        let block = node.block()?;
        if let Some(other) = block.statements.iter().find(|s| !CHILDREN.contains(&s.origin.element)) {
            let message = format!("`wait` has no child `{}`", other.origin.element);
            return node.fail(
                codes::UNKNOWN_CHILD,
                message,
                Some("known are send-request, cache-lookup-value, choose"),
            );
        }
        if block.statements.len() > MAX_CHILDREN {
            let message = format!("`wait` holds {} policies, expected at most {MAX_CHILDREN}", block.statements.len());
            return node.fail(codes::REPEATED_CHILD, message, None);
        }
        let children = block.statements.into_vec().into_iter().map(|s| Block { statements: Box::new([s]) }).collect();
        Ok(Op::async_step(Compiled { wanted: wanted?, holds_body, children }))
    }
}

struct Compiled {
    wanted: Attr<For>,
    holds_body: bool,
    children: Vec<Block>,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        Eventually::pending(self.wait(cx))
    }
}

type Branch<'b> = BoxFuture<'b, (EvalState, StepResult)>;

impl Compiled {
    async fn wait(&self, cx: &mut Cx<'_>) -> StepResult {
        let any = *self.wanted.get(cx)? == For::Any;
        if self.holds_body {
            hold_request_body(cx).await?;
        }
        let start = cx.state.fork();
        let (chain, level, section) = (cx.chain, cx.level, cx.section);
        let mut branches: Vec<Branch<'_>> = Vec::with_capacity(self.children.len());
        for block in &self.children {
            branches.push(Box::pin(branch(start.fork(), cx.host.fork(), chain, level, section, block)));
        }
        let mut fault = None;
        while !branches.is_empty() {
            let (state, result) = next(&mut branches).await;
            let is_last = branches.is_empty();
            match result {
                Err(_) if any && !is_last => continue,
                Err(error) if error.is_client_gone() => return Err(error),
                Err(error) => drop(fault.get_or_insert(error)),
                Ok(Flow::Continue) => {}
                Ok(other) => {
                    cx.state.join(&start, state);
                    return Ok(other);
                }
            }
            cx.state.join(&start, state);
            if any && fault.is_none() {
                break;
            }
        }
        fault.map_or(Ok(Flow::Continue), Err)
    }
}

/// The next branch that is done; all of them are driven by whoever waits here.
async fn next(branches: &mut Vec<Branch<'_>>) -> (EvalState, StepResult) {
    poll_fn(|task| {
        let ready = branches.iter_mut().enumerate().find_map(|(at, branch)| match Pin::new(branch).poll(task) {
            Poll::Ready(done) => Some((at, done)),
            Poll::Pending => None,
        });
        match ready {
            Some((at, done)) => {
                drop(branches.swap_remove(at));
                Poll::Ready(done)
            }
            None => Poll::Pending,
        }
    })
    .await
}

/// Streams belong to the host that keeps them: what a branch may read is in memory before it starts.
async fn hold_request_body(cx: &mut Cx<'_>) -> Result<(), PolicyError> {
    let Body::Stream(stream) = cx.state.request.body else { return Ok(()) };
    match cx.host.read_body(stream, MAX_HELD_BODY).await {
        Ok(bytes) => cx.state.request.body = Body::from_bytes(bytes),
        // Bodies that only stream: a branch that reads one is told so.
        Err(IoError::Unsupported(_)) => {}
        Err(error) => return Err(io_fault(&error)),
    }
    Ok(())
}
