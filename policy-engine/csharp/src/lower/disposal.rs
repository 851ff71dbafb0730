//! Iterators that are left before their end: the `finally` blocks they stand in run when whoever walked them is done, as C#'s `Dispose` does.
//!
//! Walks are dropped deep inside library code, where no program can run. One that stopped inside a `try` puts itself on a list of its
//! evaluation; the loop or call that let go of it works the list off before the program goes on. Programs without such iterators pay nothing.
use std::sync::Arc;

use dotnet::{Object, Result, Value};

use super::Lower;
use super::code::{Code, Run, run};
use super::frame::{Frame, Suspended};
use super::iterator::{self, yields};
use crate::binder::Bound;
use crate::binder::tree::{Body, Stmt, StmtKind};

/// A walk that was dropped where it stood.
pub(crate) struct Left {
    pub(super) generator: Arc<dyn Object>,
    pub(super) state: Suspended,
}

/// Is there an iterator that must be told when it is left?
pub(super) fn is_needed(bound: &Bound<'_>) -> bool {
    let guarded = |body: &Body<'_>| matches!(body, Body::Block(list) if list.iter().any(is_guarded));
    bound.functions.iter().any(|f| f.iterator.is_some() && f.function.as_ref().is_some_and(|f| guarded(&f.body)))
}

/// Does a `yield` stand in a `try` or `using`?
fn is_guarded(s: &Stmt<'_>) -> bool {
    match &s.kind {
        StmtKind::Try(_) | StmtKind::Using { .. } => yields(s),
        StmtKind::Block { body, .. } => body.iter().any(is_guarded),
        StmtKind::If { then, otherwise, .. } => is_guarded(then) || otherwise.as_ref().is_some_and(|s| is_guarded(s)),
        StmtKind::While { body, .. } | StmtKind::DoWhile { body, .. } => is_guarded(body),
        StmtKind::For(f) => is_guarded(&f.body),
        StmtKind::Foreach(f) => is_guarded(&f.body),
        StmtKind::Switch(w) => w.sections.iter().any(|s| s.body.iter().any(is_guarded)),
        _ => false,
    }
}

impl Lower<'_, '_> {
    /// Code after which iterators that it left are told so.
    pub(super) fn settled<T: 'static>(&self, code: Run<T>) -> Run<T> {
        if !self.disposes {
            return code;
        }
        run(move |f| {
            let outcome = code(f);
            if !matches!(&outcome, Err(e) if e.is_limit()) {
                dispose(f)?;
            }
            outcome
        })
    }

    /// The same for a call.
    pub(super) fn settled_call(&self, code: Code) -> Code {
        if self.disposes && code.constant().is_none() { Code::Value(self.settled(code.value())) } else { code }
    }
}

/// Tells the walks that were left; an exception of a `finally` block takes the place of the one under way.
fn dispose(f: &mut Frame<'_>) -> Result<()> {
    while let Some(left) = f.registry.and_then(|r| r.next_left()) {
        // What the function is about to give back outlives the other function's blocks.
        let pending = std::mem::replace(&mut f.ret, Value::Null);
        iterator::leave(&mut *f.cx, left)?;
        f.ret = pending;
    }
    Ok(())
}
