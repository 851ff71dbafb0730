//! Running a chain: sections, `<base/>`, faults.
//!
//! Nested blocks and `<base/>` are frames on a small stack, so that neither costs a future: only steps that wait do.
use super::cx::Cx;
use super::error::{BuiltinError, PolicyError};
use super::flow::{Flow, StepResult};
use super::message::Response;
use super::state::EvalState;
use crate::host::{Host, IoError, Level, TraceEntry};
use crate::link::Chain;
use crate::program::{Block, Op, Section, Statement};

/// How a run ended. The answer stands in `state.response`.
#[derive(Debug)]
pub enum Outcome {
    /// Send the response.
    Reply {
        /// The fault behind it, if there was one, for logs and metrics.
        fault: Option<PolicyError>,
    },
    /// The client is gone; nothing is to be sent.
    Abort(PolicyError),
}

impl Outcome {
    /// The fault, if there was one.
    pub fn fault(&self) -> Option<&PolicyError> {
        match self {
            Outcome::Reply { fault } => fault.as_ref(),
            Outcome::Abort(fault) => Some(fault),
        }
    }
}

/// How the request half of a duplex run ended.
#[derive(Debug)]
pub enum Progress {
    /// The proxy flow may send `state.request` now; then [`Chain::run_response`].
    Forward,
    /// Nothing is forwarded.
    Done(Outcome),
}

impl Chain {
    /// Direct lane: inbound, backend, outbound, with the host forwarding when the program says so.
    pub async fn run(&self, state: &mut EvalState, host: &mut dyn Host) -> Outcome {
        let mut cx = Cx { state, host, chain: self, level: 0, section: Section::Inbound };
        let result = sections(&mut cx, &[Section::Inbound, Section::Backend, Section::Outbound]).await;
        finish(cx, result).await
    }

    /// Duplex lane, first half: inbound and backend up to `forward-request`.
    pub async fn run_request(&self, state: &mut EvalState, host: &mut dyn Host) -> Progress {
        let mut cx = Cx { state, host, chain: self, level: 0, section: Section::Inbound };
        match sections(&mut cx, &[Section::Inbound, Section::Backend]).await {
            Ok(Flow::Detach) => Progress::Forward,
            Ok(Flow::Continue) => Progress::Done(match section(&mut cx, Section::Outbound).await {
                Ok(flow) => finish(cx, Ok(flow)).await,
                Err(error) => finish(cx, Err(error)).await,
            }),
            other => Progress::Done(finish(cx, other).await),
        }
    }

    /// Duplex lane, second half: `state.response` holds the backend's response head.
    pub async fn run_response(&self, state: &mut EvalState, host: &mut dyn Host) -> Outcome {
        let mut cx = Cx { state, host, chain: self, level: 0, section: Section::Outbound };
        let result = section(&mut cx, Section::Outbound).await;
        finish(cx, result).await
    }

    /// A fault of a built-in step: its default response, and on-error of this chain (the global document's before an API is known).
    pub async fn fail(&self, state: &mut EvalState, host: &mut dyn Host, error: BuiltinError) -> Outcome {
        if error == BuiltinError::OperationNotFound
            && let Some(answered) = self.cross_domain(state, host)
        {
            return answered;
        }
        let cx = Cx { state, host, chain: self, level: 0, section: Section::Inbound };
        finish(cx, Err(error.into_error())).await
    }

    /// A fault of the exchange itself in the duplex lane (the proxy flow could not forward).
    pub async fn fail_exchange(&self, state: &mut EvalState, host: &mut dyn Host, error: &IoError) -> Outcome {
        let cx = Cx { state, host, chain: self, level: 0, section: Section::Backend };
        finish(cx, Err(io_fault(error).source("forward-request"))).await
    }
}

/// An exchange's failure as a policy fault.
pub(crate) fn io_fault(error: &IoError) -> PolicyError {
    match error {
        IoError::Timeout(_) => PolicyError::internal("Timeout", error.to_string()),
        IoError::ClientGone => PolicyError::client_gone(),
        IoError::TooLarge(_) => PolicyError::request_too_large(error.to_string()),
        IoError::CircuitOpen { status, wait, pool } => {
            let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
            let fault = PolicyError::refusal(*status, "BackendCircuitOpen", error.to_string())
                .header(http::header::RETRY_AFTER, &seconds.to_string());
            if pool.is_some() { fault.phrase(&error.to_string()) } else { fault }
        }
        _ => PolicyError::internal("BackendConnectionFailure", error.to_string()),
    }
}

async fn sections(cx: &mut Cx<'_>, order: &[Section]) -> StepResult {
    // Bodies that an expression reads are in memory before its section starts, because the compiler recorded the need.
    if cx.chain.needs().request_body {
        cx.hold_request().await?;
    }
    for next in order {
        match section(cx, *next).await? {
            Flow::Continue => {}
            Flow::Cached => return resume(cx).await,
            other => return Ok(other),
        }
    }
    Ok(Flow::Continue)
}

/// The policy whose place in outbound a cached response takes.
const STORE: &str = "cache-store";

/// Outbound for a response from the cache: what stands after `cache-store`, or all of it where none is found.
async fn resume(cx: &mut Cx<'_>) -> StepResult {
    cx.section = Section::Outbound;
    let chain = cx.chain;
    let Some((block, level)) = chain.block(Section::Outbound, 0) else { return Ok(Flow::Respond) };
    let flow = match after_store(cx, block, level) {
        Some((stack, frame)) => run(cx, stack, frame).await?,
        None => execute(cx, block, level).await?,
    };
    Ok(if flow == Flow::Continue { Flow::Respond } else { flow })
}

/// The place after the first `cache-store`: branches are picked, nothing else runs. A condition that fails has no branch.
fn after_store<'p>(cx: &mut Cx<'p>, block: &'p Block, level: usize) -> Option<(Vec<Frame<'p>>, Frame<'p>)> {
    let chain = cx.chain;
    let mut stack: Vec<Frame<'p>> = Vec::new();
    let mut frame = Frame { statements: block.statements.iter(), level };
    cx.level = level;
    loop {
        let Some(statement) = frame.statements.next() else {
            frame = stack.pop()?;
            cx.level = frame.level;
            continue;
        };
        let inner = match &statement.op {
            _ if statement.origin.element == STORE => return Some((stack, frame)),
            Op::Branch(branch) => branch.pick(cx).ok().flatten().map(|inner| (inner, frame.level)),
            Op::Base => chain.block(cx.section, frame.level.saturating_add(1)),
            Op::Sync(_) | Op::Async(_) => None,
        };
        if let Some((inner, level)) = inner {
            stack.push(std::mem::replace(&mut frame, Frame { statements: inner.statements.iter(), level }));
            cx.level = level;
        }
    }
}

async fn section(cx: &mut Cx<'_>, section: Section) -> StepResult {
    cx.section = section;
    if section == Section::Outbound {
        cx.state.response_mut();
        cx.hold_response_if_read().await?;
    }
    let Some((block, level)) = cx.chain.block(section, 0) else { return Ok(Flow::Continue) };
    execute(cx, block, level).await
}

struct Frame<'p> {
    statements: std::slice::Iter<'p, Statement>,
    level: usize,
}

/// Runs a block to its end. `level` is the document of the chain that it stands in.
async fn execute(cx: &mut Cx<'_>, block: &Block, level: usize) -> StepResult {
    run(cx, Vec::new(), Frame { statements: block.statements.iter(), level }).await
}

/// Goes on from a place.
async fn run<'p>(cx: &mut Cx<'_>, mut stack: Vec<Frame<'p>>, mut frame: Frame<'p>) -> StepResult {
    cx.level = frame.level;
    loop {
        let Some(statement) = frame.statements.next() else {
            let Some(outer) = stack.pop() else { return Ok(Flow::Continue) };
            frame = outer;
            cx.level = frame.level;
            continue;
        };
        let result = match &statement.op {
            Op::Sync(step) => step.run(cx),
            Op::Async(step) => step.run(cx).get().await,
            Op::Branch(branch) => match branch.pick(cx) {
                Ok(Some(inner)) => {
                    let level = frame.level;
                    stack.push(std::mem::replace(&mut frame, Frame { statements: inner.statements.iter(), level }));
                    Ok(Flow::Continue)
                }
                Ok(None) => Ok(Flow::Continue),
                Err(error) => Err(error),
            },
            Op::Base => {
                let chain = cx.chain;
                if let Some((inner, level)) = chain.block(cx.section, frame.level.saturating_add(1)) {
                    stack.push(std::mem::replace(&mut frame, Frame { statements: inner.statements.iter(), level }));
                    cx.level = level;
                }
                Ok(Flow::Continue)
            }
        };
        match result {
            Ok(Flow::Continue) => {}
            Ok(other) => return Ok(other),
            Err(error) => {
                let scope = cx.chain.scope(cx.level);
                return Err(error.stamp(&statement.origin, scope, cx.section));
            }
        }
    }
}

impl Cx<'_> {
    /// Reads the response's body into memory if something in the chain looks at it.
    pub(crate) async fn hold_response_if_read(&mut self) -> Result<(), PolicyError> {
        if !self.chain.needs().response_body {
            return Ok(());
        }
        self.hold_response().await.map_err(|fault| match fault.fault().reason.as_ref() {
            "ResponseBodyTooLarge" => fault,
            _ => fault.source("forward-request"),
        })
    }

    /// Runs a block of the present statement, for steps that repeat or bound what they hold (`retry`).
    pub async fn run_block(&mut self, block: &Block) -> StepResult {
        let level = self.level;
        let result = Box::pin(execute(self, block, level)).await;
        self.level = level;
        result
    }

    /// Records an entry for the request trace and for whoever listens.
    pub fn trace(&mut self, entry: TraceEntry) {
        if self.host.wants(entry.level) {
            self.host.emit(&entry);
        }
        if self.state.tracing {
            self.state.trace.push(entry);
        }
    }

    /// Would a trace message be seen by anyone?
    pub fn traces(&self, level: Level) -> bool {
        self.state.tracing || self.host.wants(level)
    }
}

/// On-error where it is due, then the work that waited for the final status.
async fn finish(mut cx: Cx<'_>, result: StepResult) -> Outcome {
    let fault = match result {
        Ok(_) => None,
        Err(error) if error.is_client_gone() => return Outcome::Abort(error),
        Err(error) => match handle(&mut cx, error).await {
            Ok(fault) => Some(fault),
            Err(gone) => return Outcome::Abort(gone),
        },
    };
    let late = after_response(&mut cx).await;
    let response = cx.state.response.get_or_insert_with(Response::default);
    for header in cx.state.reply_headers.drain(..) {
        if header.append {
            response.headers.append(header.name, header.value);
        } else {
            response.headers.insert(header.name, header.value);
        }
    }
    Outcome::Reply { fault: fault.or(late) }
}

async fn handle(cx: &mut Cx<'_>, error: PolicyError) -> Result<PolicyError, PolicyError> {
    enter_error(cx.state, &error);
    match section(cx, Section::OnError).await {
        Ok(_) => Ok(error),
        Err(second) if second.is_client_gone() => Err(second),
        Err(second) => {
            cx.state.last_error = Some(second.last_error());
            cx.state.response = PolicyError::internal("", "").response(&cx.state.request_id_text());
            Ok(second)
        }
    }
}

fn enter_error(state: &mut EvalState, error: &PolicyError) {
    state.last_error = Some(error.last_error());
    if let Some(response) = error.response(&state.request_id_text()) {
        state.response = Some(response);
    }
}

async fn after_response(cx: &mut Cx<'_>) -> Option<PolicyError> {
    let mut first = None;
    for work in std::mem::take(&mut cx.state.after) {
        if let Err(error) = work.run(cx).get().await {
            first.get_or_insert(error);
        }
    }
    first
}
