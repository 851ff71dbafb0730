//! Functions with `yield`: statements that can be left at a `yield` and entered again there.
//!
//! Every statement that holds a `yield` keeps in a position of its own how far it came; 0 is a fresh start. Statements without `yield` are
//! lowered as everywhere else.
use std::any::Any;
use std::sync::Arc;

use dotnet::collections::{enumerator, graveyard};
use dotnet::{Ambient, Enumerator, Object, Result, Str, Type, Value};

use super::Lower;
use super::code::{Run, run};
use super::disposal::Left;
use super::frame::{BodyCode, Cell, Flow, Frame, Image, Locals, Progress, Registry, Suspended};
use super::stmt::Act;
use crate::binder::tree::{Foreach, LocalId, Stmt, StmtKind, SwitchStmt};

/// The sequence that a call of an iterator function gives; its body runs when it is walked.
pub(super) struct Generator {
    pub(super) image: Arc<Image>,
    pub(super) registry: Option<Arc<Registry>>,
    pub(super) function: usize,
    pub(super) cells: Arc<[Cell]>,
    pub(super) args: Arc<[Value]>,
    pub(super) item: Type,
}

impl Object for Generator {
    fn net_type(&self) -> Type {
        Type::enumerable(self.item.clone())
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.net_type().clr_name().into())
    }
    fn enumerate(&self, this: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Box::new(Walk { generator: this.clone(), state: None, ended: false }))
    }
}

struct Walk {
    generator: Arc<dyn Object>,
    state: Option<Suspended>,
    ended: bool,
}

impl Drop for Walk {
    /// One that was left inside a `try` waits to be told so; otherwise what it holds ends by way of the graveyard.
    fn drop(&mut self) {
        let Some(state) = self.state.take() else { return };
        let generator = self.generator.as_any().downcast_ref::<Generator>().filter(|g| g.image.disposes);
        match generator.and_then(|g| g.registry.as_ref()).filter(|_| !enumerator::is_abandoned()) {
            Some(registry) => registry.leave(Left { generator: self.generator.clone(), state }),
            None => graveyard::bury(state.locals.into_values()),
        }
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        if let Some(args) = Arc::get_mut(&mut self.args) {
            graveyard::bury(args.iter_mut().map(std::mem::take).collect());
        }
    }
}

impl Enumerator for Walk {
    fn next(&mut self, cx: &mut dyn Ambient) -> Result<Option<Value>> {
        let Some(g) = self.generator.as_any().downcast_ref::<Generator>().filter(|_| !self.ended) else {
            return Ok(None);
        };
        // An error ends the walk as well.
        self.ended = true;
        cx.enter()?;
        let state = self.state.take();
        let result = super::closure::with_room(|| advance(cx, g, state, false));
        cx.leave();
        let Some((item, state)) = result? else { return Ok(None) };
        self.ended = false;
        self.state = Some(state);
        Ok(Some(item))
    }
}

/// The next item, and what is needed to go on after it.
fn advance(
    cx: &mut dyn Ambient,
    g: &Generator,
    state: Option<Suspended>,
    is_left: bool,
) -> Result<Option<(Value, Suspended)>> {
    let Some(code) = g.image.functions.get(g.function) else { return Ok(None) };
    let BodyCode::Iterator { body, positions, sources } = &code.body else { return Ok(None) };
    let fresh = state.is_none();
    let Suspended { mut locals, progress } = state.unwrap_or_else(|| Suspended {
        locals: Locals::of(code, g.registry.as_ref()),
        progress: Progress::new(*positions, *sources),
    });
    let mut frame = Frame::new(cx, &g.image, g.registry.as_ref(), &g.cells, &mut locals);
    frame.resume(progress);
    if is_left {
        frame.leave();
    }
    if fresh {
        for (place, arg) in code.params.iter().zip(g.args.iter()) {
            frame.set(*place, arg.clone());
        }
    }
    let flow = body(&mut frame)?;
    let item = std::mem::take(&mut frame.ret);
    let progress = frame.suspend();
    drop(frame);
    Ok((flow == Flow::YIELD).then(|| (item, Suspended { locals, progress })))
}

/// Runs the `finally` blocks around the `yield` at which a walk was left.
pub(super) fn leave(cx: &mut dyn Ambient, left: Left) -> Result<()> {
    let Left { generator, state } = left;
    let Some(g) = generator.as_any().downcast_ref::<Generator>() else { return Ok(()) };
    cx.enter()?;
    let result = super::closure::with_room(|| advance(cx, g, Some(state), true));
    cx.leave();
    result.map(drop)
}

/// Does a `yield` stand in it?
pub(super) fn yields(s: &Stmt<'_>) -> bool {
    match &s.kind {
        StmtKind::Yield(_) => true,
        StmtKind::Block { body, .. } => body.iter().any(yields),
        StmtKind::If { then, otherwise, .. } => yields(then) || otherwise.as_ref().is_some_and(|s| yields(s)),
        StmtKind::While { body, .. } | StmtKind::DoWhile { body, .. } | StmtKind::Using { body, .. } => yields(body),
        StmtKind::For(f) => yields(&f.body),
        StmtKind::Foreach(f) => yields(&f.body),
        StmtKind::Switch(w) => w.sections.iter().any(|s| s.body.iter().any(yields)),
        StmtKind::Try(t) => {
            yields(&t.body) || t.catches.iter().any(|c| yields(&c.body)) || t.finally.as_ref().is_some_and(yields)
        }
        _ => false,
    }
}

impl<'a> Lower<'_, 'a> {
    fn position(&mut self) -> usize {
        super::bump(&mut self.current.positions)
    }

    /// A statement of an iterator function.
    fn resumable(&mut self, s: &Stmt<'a>) -> Run<Flow> {
        if !yields(s) {
            return self.block(std::slice::from_ref(s), &[]);
        }
        let at = self.position();
        match &s.kind {
            StmtKind::Yield(None) => run(|_| Ok(Flow::RETURN)),
            StmtKind::Yield(Some(e)) => {
                let e = self.expr(e).value();
                run(move |f| {
                    if f.position(at) == 1 {
                        f.set_position(at, 0);
                        return Ok(if f.is_left() { Flow::RETURN } else { Flow::NEXT });
                    }
                    f.ret = e(f)?;
                    f.set_position(at, 1);
                    Ok(Flow::YIELD)
                })
            }
            StmtKind::Block { body, locals } => self.resumable_block(body, locals),
            StmtKind::If { condition, then, otherwise } => {
                let c = self.expr(condition).bool();
                let then = self.resumable(then);
                let otherwise = otherwise.as_ref().map(|s| self.resumable(s));
                run(move |f| {
                    let branch = match f.position(at) {
                        0 if c(f)? => 1,
                        0 => 2,
                        n => n,
                    };
                    let flow = match (&otherwise, branch) {
                        (_, 1) => then(f)?,
                        (Some(other), _) => other(f)?,
                        (None, _) => Flow::NEXT,
                    };
                    f.set_position(at, if flow == Flow::YIELD { branch } else { 0 });
                    Ok(flow)
                })
            }
            StmtKind::While { condition, body, locals } => {
                let fresh = self.fresh_cells(locals);
                let (c, body) = (self.expr(condition).bool(), self.resumable(body));
                run(move |f| {
                    loop {
                        if f.position(at) == 0 {
                            f.tick()?;
                            fresh.iter().for_each(|c| f.fresh(*c));
                            if !c(f)? {
                                return Ok(Flow::NEXT);
                            }
                        }
                        if let Some(end) = round(f, at, &body)? {
                            return Ok(end);
                        }
                    }
                })
            }
            StmtKind::DoWhile { body, condition } => {
                let (body, c) = (self.resumable(body), self.expr(condition).bool());
                run(move |f| {
                    loop {
                        f.tick()?;
                        if let Some(end) = round(f, at, &body)? {
                            return Ok(end);
                        }
                        if !c(f)? {
                            return Ok(Flow::NEXT);
                        }
                    }
                })
            }
            StmtKind::For(w) => {
                let started = self.position();
                let (outer, inner) = (self.fresh_cells(&w.locals), self.fresh_cells(&w.inner));
                let init = self.block(&w.init, &[]);
                let condition = w.condition.as_ref().map(|c| self.expr(c).bool());
                let body = self.resumable(&w.body);
                let step: Vec<Act> = w.step.iter().map(|e| self.effect(e)).collect();
                run(move |f| {
                    if f.position(started) == 0 {
                        outer.iter().for_each(|c| f.fresh(*c));
                        init(f)?;
                        f.set_position(started, 1);
                    }
                    loop {
                        if f.position(at) == 0 {
                            f.tick()?;
                            inner.iter().for_each(|c| f.fresh(*c));
                            if let Some(c) = &condition
                                && !c(f)?
                            {
                                f.set_position(started, 0);
                                return Ok(Flow::NEXT);
                            }
                        }
                        if let Some(end) = round(f, at, &body)? {
                            if end != Flow::YIELD {
                                f.set_position(started, 0);
                            }
                            return Ok(end);
                        }
                        for s in &step {
                            s.run(f)?;
                        }
                    }
                })
            }
            StmtKind::Foreach(w) => {
                let walk = self.resumable_foreach(w, at);
                self.settled(walk)
            }
            StmtKind::Switch(w) => self.resumable_switch(w, at),
            StmtKind::Try(t) => {
                // C# allows `yield` in a `try` only beside a `finally`; leaving at a `yield` does not run it.
                let body = self.resumable(&t.body);
                let finally = t.finally.as_ref().map(|b| self.block(std::slice::from_ref(b), &[]));
                run(move |f| super::catching::guard(f, &body, finally.as_ref()))
            }
            StmtKind::Using { local, value, body } => {
                let value = self.expr(value);
                let set = self.store(*local, value);
                let body = self.resumable(body);
                let dispose = self.dispose_local(*local);
                run(move |f| {
                    if f.position(at) == 0 {
                        set(f)?;
                        f.set_position(at, 1);
                    }
                    let flow = super::catching::guard(f, &body, Some(&dispose))?;
                    if flow != Flow::YIELD {
                        f.set_position(at, 0);
                    }
                    Ok(flow)
                })
            }
            _ => run(|_| Ok(Flow::NEXT)),
        }
    }

    /// Statements of one scope of an iterator function.
    pub(super) fn resumable_block(&mut self, list: &[Stmt<'a>], locals: &[LocalId]) -> Run<Flow> {
        let at = self.position();
        let fresh = self.fresh_cells(locals);
        let codes: Vec<Run<Flow>> = list.iter().map(|s| self.resumable(s)).collect();
        run(move |f| {
            let mut n = f.position(at).saturating_sub(1);
            if f.position(at) == 0 {
                fresh.iter().for_each(|c| f.fresh(*c));
            }
            while let Some(code) = codes.get(n) {
                match code(f)? {
                    Flow::NEXT => n = n.saturating_add(1),
                    Flow::YIELD => {
                        f.set_position(at, n.saturating_add(1));
                        return Ok(Flow::YIELD);
                    }
                    other => {
                        f.set_position(at, 0);
                        return Ok(other);
                    }
                }
            }
            f.set_position(at, 0);
            Ok(Flow::NEXT)
        })
    }

    fn resumable_foreach(&mut self, w: &Foreach<'a>, at: usize) -> Run<Flow> {
        let slot = super::bump(&mut self.current.sources);
        let (source, ty) = (self.expr(&w.source).value(), w.source.ty.clone());
        let fresh = self.fresh_cells(&w.locals);
        let item = self.place(w.item);
        let assign = self.effect(&w.assign);
        let body = self.resumable(&w.body);
        run(move |f| {
            let mut items = match f.take_source(slot) {
                Some(items) if f.position(at) != 0 => items,
                _ => {
                    let source = source(f)?;
                    dotnet::collections::enumerate_as(&mut *f.cx, &source, &ty)?
                }
            };
            loop {
                if f.position(at) == 0 {
                    f.tick()?;
                    let Some(v) = items.next(&mut *f.cx)? else { return Ok(Flow::NEXT) };
                    fresh.iter().for_each(|c| f.fresh(*c));
                    f.set(item, v);
                    assign.run(f)?;
                }
                if let Some(end) = round(f, at, &body)? {
                    if end == Flow::YIELD {
                        f.put_source(slot, items);
                    }
                    return Ok(end);
                }
            }
        })
    }

    fn resumable_switch(&mut self, w: &SwitchStmt<'a>, at: usize) -> Run<Flow> {
        let choose = self.choose_section(w);
        let bodies: Vec<Run<Flow>> = w.sections.iter().map(|s| self.resumable_block(&s.body, &[])).collect();
        run(move |f| {
            let mut chosen = match f.position(at) {
                0 => choose(f)?,
                n => n.checked_sub(1),
            };
            while let Some((n, body)) = chosen.and_then(|n| Some((n, bodies.get(n)?))) {
                let flow = body(f)?;
                if flow == Flow::YIELD {
                    f.set_position(at, n.saturating_add(1));
                    return Ok(flow);
                }
                chosen = flow.section();
                if chosen.is_none() {
                    f.set_position(at, 0);
                    return Ok(if flow == Flow::BREAK { Flow::NEXT } else { flow });
                }
            }
            f.set_position(at, 0);
            Ok(Flow::NEXT)
        })
    }
}

/// One round of a loop whose body may have been left at a `yield`; what ends the loop, or `None` to go on.
fn round(f: &mut Frame<'_>, at: usize, body: &Run<Flow>) -> Result<Option<Flow>> {
    let flow = body(f)?;
    f.set_position(at, usize::from(flow == Flow::YIELD));
    Ok(match flow {
        Flow::NEXT | Flow::CONTINUE => None,
        Flow::BREAK => Some(Flow::NEXT),
        other => Some(other),
    })
}
