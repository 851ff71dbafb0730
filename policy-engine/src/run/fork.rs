//! Branches that run beside each other (`wait`): each has a copy of the state, and what it changed is put back when it is done.
//!
//! A copy costs a few counted references; bodies are shared. What a branch did not touch stays as others left it, so the last one
//! to finish wins only where two wrote the same thing.
use std::sync::Arc;

use bytes::Bytes;
use dotnet::Value;
use http::HeaderMap;

use super::cx::Cx;
use super::flow::StepResult;
use super::message::{Body, Request, Response, Target, describe_anew};
use super::state::{EvalState, RESPONSE_TYPE, Variables};
use crate::host::Host;
use crate::link::Chain;
use crate::program::{Block, Section};

/// Runs a block on a state and a host of its own, in the same place of the same chain.
pub(crate) async fn branch(
    mut state: EvalState,
    mut host: Box<dyn Host + '_>,
    chain: &Chain,
    level: usize,
    section: Section,
    block: &Block,
) -> (EvalState, StepResult) {
    let mut cx = Cx { state: &mut state, host: &mut *host, chain, level, section };
    let result = cx.run_block(block).await;
    (state, result)
}

impl EvalState {
    /// A copy for a branch. Work for later and traces start empty: they are added when it is done.
    pub(crate) fn fork(&self) -> EvalState {
        let mut variables = Variables::default();
        self.variables.iter().for_each(|(name, value)| variables.set(name, value.clone()));
        EvalState {
            request: self.request.clone(),
            original: self.original.clone(),
            matched: self.matched.clone(),
            response: self.response.clone(),
            responses: self.responses.clone(),
            variables,
            last_error: self.last_error.clone(),
            client: self.client.clone(),
            facts: self.facts.clone(),
            request_id: self.request_id,
            received: self.received,
            elapsed: self.elapsed,
            tracing: self.tracing,
            lane: self.lane,
            forwards: self.forwards,
            caching: self.caching.clone(),
            counted: self.counted.clone(),
            ..EvalState::default()
        }
    }

    /// Takes over what a branch changed since it was forked from `start`.
    pub(crate) fn join(&mut self, start: &EvalState, branch: EvalState) {
        let shift = self.responses.len().saturating_sub(start.responses.len());
        for (name, value) in branch.variables.iter() {
            if !start.variables.get(name).is_some_and(|old| is_same(old, value)) {
                self.variables.set(name, moved(value, start.responses.len(), shift));
            }
        }
        for ((mine, old), new) in self.responses.iter_mut().zip(&start.responses).zip(&branch.responses) {
            join_response(mine, old, new);
        }
        self.responses.extend(branch.responses.into_iter().skip(start.responses.len()));
        join_request(&mut self.request, &start.request, branch.request);
        match (&mut self.response, &start.response, branch.response) {
            (Some(mine), Some(old), Some(new)) => join_response(mine, old, &new),
            (mine, None, Some(new)) => *mine = Some(new),
            (mine, Some(_), None) => *mine = None,
            _ => {}
        }
        self.trace.extend(branch.trace);
        self.reply_headers.extend(branch.reply_headers);
        self.after.extend(branch.after);
        self.meters.extend(branch.meters);
        self.counted.extend(branch.counted.into_iter().skip(start.counted.len()));
        if branch.caching.is_some() {
            self.caching = branch.caching;
        }
    }
}

/// A response that a branch received gets another number among those of all.
fn moved(value: &Value, from: usize, shift: usize) -> Value {
    match value {
        Value::Handle(id, n) if *id == RESPONSE_TYPE && usize::try_from(*n).is_ok_and(|n| n > from) => {
            Value::Handle(*id, n.saturating_add(u32::try_from(shift).unwrap_or(u32::MAX)))
        }
        other => other.clone(),
    }
}

/// Surely the same value? Where that cannot be said cheaply it counts as written.
fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Str(a), Value::Str(b)) => Arc::ptr_eq(a, b),
        (Value::Object(a), Value::Object(b)) => Arc::ptr_eq(a, b),
        (Value::Handle(a, n), Value::Handle(b, m)) => a == b && n == m,
        (Value::Int32(a), Value::Int32(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        _ => false,
    }
}

fn join_request(mine: &mut Request, old: &Request, new: Request) {
    if new.method != old.method {
        mine.method = new.method;
    }
    if !is_same_target(&new.target, &old.target) {
        mine.target = new.target;
    }
    join_headers(&mut mine.headers, &mine.body, &old.headers, &old.body, &new.headers, &new.body);
    if !is_same_body(&new.body, &old.body) {
        mine.body = new.body;
    }
    mine.keep_host |= new.keep_host;
}

fn join_response(mine: &mut Response, old: &Response, new: &Response) {
    if new.status != old.status {
        mine.status = new.status;
    }
    if new.reason != old.reason {
        mine.reason.clone_from(&new.reason);
    }
    join_headers(&mut mine.headers, &mine.body, &old.headers, &old.body, &new.headers, &new.body);
    if !is_same_body(&new.body, &old.body) {
        mine.body = new.body.clone();
    }
}

/// Headers of a branch that left the body alone still describe the old one; another branch may have put a new one in place.
fn join_headers(mine: &mut HeaderMap, body: &Body, old: &HeaderMap, old_body: &Body, new: &HeaderMap, new_body: &Body) {
    if new == old {
        return;
    }
    mine.clone_from(new);
    if !is_same_body(body, old_body) && is_same_body(new_body, old_body) {
        describe_anew(mine);
    }
}

fn is_same_target(a: &Target, b: &Target) -> bool {
    a.base == b.base && a.path == b.path && a.query == b.query && a.backend_level == b.backend_level
}

fn is_same_body(a: &Body, b: &Body) -> bool {
    let place = |bytes: &Bytes| (bytes.as_ptr(), bytes.len());
    match (a, b) {
        (Body::Bytes(a), Body::Bytes(b)) => place(a) == place(b),
        (Body::Stream(a), Body::Stream(b)) => a == b,
        (Body::Empty, Body::Empty) | (Body::Consumed, Body::Consumed) | (Body::Sent, Body::Sent) => true,
        _ => false,
    }
}
