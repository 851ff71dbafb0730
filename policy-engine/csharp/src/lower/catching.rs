//! `try`, `using`, and what is thrown. Limit exceptions pass every `catch` and `finally`.
use dotnet::{Exception, Result, Type, Value, ids};

use super::Lower;
use super::code::{Run, run};
use super::frame::{Flow, Frame, Place};
use crate::binder::tree::{Expr, LocalId, Stmt, Try};
use crate::typing;

/// The exception behind a thrown value; throwing `null` throws `NullReferenceException`.
pub(super) fn thrown(v: &Value) -> Exception {
    v.as_object::<Exception>().cloned().unwrap_or_else(Exception::null_reference)
}

struct CatchCode {
    ty: Option<Type>,
    place: Option<Place>,
    fresh: Vec<usize>,
    filter: Option<Run<bool>>,
    body: Run<Flow>,
}

impl<'a> Lower<'_, 'a> {
    pub(super) fn try_stmt(&mut self, t: &Try<'a>) -> Run<Flow> {
        let body = self.block(std::slice::from_ref(&t.body), &[]);
        let catches: Vec<CatchCode> = t
            .catches
            .iter()
            .map(|c| CatchCode {
                ty: c.ty.clone(),
                fresh: self.fresh_cells(&c.locals),
                place: c.local.map(|id| self.place(id)),
                filter: c.filter.as_ref().map(|f| self.expr(f).bool()),
                body: self.block(std::slice::from_ref(&c.body), &[]),
            })
            .collect();
        let guarded = run(move |f: &mut Frame<'_>| match body(f) {
            Err(e) if !e.is_limit() => handle(f, &catches, e),
            other => other,
        });
        match &t.finally {
            None => guarded,
            Some(block) => {
                let finally = self.block(std::slice::from_ref(block), &[]);
                run(move |f| protect(f, &guarded, |f| finally(f)))
            }
        }
    }

    pub(super) fn using(&mut self, local: LocalId, value: &Expr<'a>, body: &Stmt<'a>) -> Run<Flow> {
        let value = self.expr(value);
        let fresh = self.fresh_cells(&[local]);
        let set = self.store(local, value);
        let body = self.block(std::slice::from_ref(body), &[]);
        let dispose = self.dispose_local(local);
        run(move |f| {
            fresh.iter().for_each(|c| f.fresh(*c));
            set(f)?;
            protect(f, &body, |f| dispose(f))
        })
    }

    /// `Dispose()` of a local's value, unless it is null.
    pub(super) fn dispose_local(&mut self, local: LocalId) -> Run<Flow> {
        self.current.leafness.refute();
        let dispose = self.table.get(ids::DISPOSABLE).and_then(|d| d.named("Dispose").next()).and_then(|m| m.native);
        let place = self.place(local);
        self.settled(run(move |f| {
            let v = f.get(place);
            match (&v, dispose) {
                (Value::Null, _) => {}
                (_, Some(native)) => {
                    native(&mut dotnet::Call { cx: &mut *f.cx, types: &[], args: &mut [v] })?;
                }
                (Value::Object(o), None) => o.dispose(),
                _ => {}
            }
            Ok(Flow::NEXT)
        }))
    }
}

/// A body of an iterator with its `finally`, which does not run when an item is given.
pub(super) fn guard(f: &mut Frame<'_>, body: &Run<Flow>, last: Option<&Run<Flow>>) -> Result<Flow> {
    match last {
        None => body(f),
        Some(last) => {
            let outcome = body(f);
            if matches!(&outcome, Ok(Flow::YIELD)) || matches!(&outcome, Err(e) if e.is_limit()) {
                return outcome;
            }
            let ended = last(f)?;
            if ended == Flow::NEXT { outcome } else { Ok(ended) }
        }
    }
}

fn handle(f: &mut Frame<'_>, catches: &[CatchCode], e: Exception) -> Result<Flow> {
    let from = Type::Simple(e.type_id());
    for c in catches {
        if c.ty.as_ref().is_some_and(|ty| !typing::is_subtype(f.cx.types(), &from, ty)) {
            continue;
        }
        c.fresh.iter().for_each(|cell| f.fresh(*cell));
        if let Some(place) = c.place {
            f.set(place, Value::object(e.clone()));
        }
        if let Some(filter) = &c.filter {
            // An exception in a filter counts as `false`.
            match filter(f) {
                Ok(true) => {}
                Err(inner) if inner.is_limit() => return Err(inner),
                _ => continue,
            }
        }
        return f.handling(e, |f| (c.body)(f));
    }
    Err(e)
}

/// Runs `last` whatever happens in `body`, except when a limit ended it. A pending return value survives.
fn protect(f: &mut Frame<'_>, body: &Run<Flow>, last: impl Fn(&mut Frame<'_>) -> Result<Flow>) -> Result<Flow> {
    let outcome = body(f);
    if matches!(&outcome, Err(e) if e.is_limit()) {
        return outcome;
    }
    let pending = std::mem::take(&mut f.ret);
    let ended = last(f)?;
    f.ret = pending;
    if ended == Flow::NEXT { outcome } else { Ok(ended) }
}
