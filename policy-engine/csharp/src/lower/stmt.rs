//! Statements: each gives how it ended, so that jumps are plain values and `finally` sees them pass.
use dotnet::{Result, Type, Value};

use super::Lower;
use super::code::{Code, Run, run};
use super::frame::{Flow, Frame};
use super::int::Operand;
use super::query::Pipeline;
use crate::binder::tree::{Expr, For, Foreach, Kind, LocalId, Stmt, StmtKind, SwitchStmt};
use crate::binder::{RED_ZONE, STACK_STEP};

/// A statement, ready to run; the most frequent ones need no call of their own.
pub(super) enum Act {
    Do(Run<()>),
    SetInt(usize, Operand),
    Jump(Flow),
    Flow(Run<Flow>),
}

impl Act {
    #[inline(always)]
    pub(super) fn run(&self, f: &mut Frame<'_>) -> Result<Flow> {
        match self {
            Act::SetInt(slot, Operand::Sure(value)) => {
                let value = value(f);
                f.set_int(*slot, value);
                Ok(Flow::NEXT)
            }
            Act::Do(effect) => effect(f).map(|()| Flow::NEXT),
            Act::Flow(flow) => flow(f),
            Act::Jump(flow) => Ok(*flow),
            Act::SetInt(slot, value) => {
                let value = value.get(f)?;
                f.set_int(*slot, value);
                Ok(Flow::NEXT)
            }
        }
    }

    pub(super) fn into_run(self) -> Run<Flow> {
        match self {
            Act::Flow(flow) => flow,
            act => run(move |f| act.run(f)),
        }
    }
}

impl<'a> Lower<'_, 'a> {
    /// Statements of one scope; `locals` are those that the scope declares.
    pub(super) fn block(&mut self, list: &[Stmt<'a>], locals: &[LocalId]) -> Run<Flow> {
        self.scope(list, locals).into_run()
    }

    fn scope(&mut self, list: &[Stmt<'a>], locals: &[LocalId]) -> Act {
        let fresh = self.fresh_cells(locals);
        let labels: Vec<(usize, usize)> = label_positions(list);
        let mut acts: Vec<Act> =
            list.iter().map(|s| stacker::maybe_grow(RED_ZONE, STACK_STEP, || self.stmt(s))).collect();
        if !labels.is_empty() {
            return Act::Flow(with_labels(acts, labels, fresh));
        }
        if fresh.is_empty() {
            if acts.len() == 1
                && let Some(only) = acts.pop()
            {
                return only;
            }
            return Act::Flow(run(move |f| all(f, &acts)));
        }
        Act::Flow(run(move |f| {
            fresh.iter().for_each(|c| f.fresh(*c));
            all(f, &acts)
        }))
    }

    pub(super) fn effect(&mut self, e: &Expr<'a>) -> Act {
        match &e.kind {
            Kind::Assign { target, value } => self.assign_effect(target, value),
            Kind::Compound(c) => self.compound_effect(c),
            _ => Act::Do(self.expr(e).effect()),
        }
    }

    fn stmt(&mut self, s: &Stmt<'a>) -> Act {
        self.current.leafness.count();
        match &s.kind {
            StmtKind::Empty | StmtKind::Label(_) | StmtKind::Yield(_) => Act::Jump(Flow::NEXT),
            StmtKind::Function(f) => {
                self.local_function(*f);
                Act::Jump(Flow::NEXT)
            }
            StmtKind::Expr(e) => self.effect(e),
            StmtKind::Local { local, value } => {
                let code = match value {
                    Some(v) => self.expr(v),
                    None => Code::Const(Value::Null),
                };
                self.store_act(*local, code)
            }
            StmtKind::Block { body, locals } => self.scope(body, locals),
            StmtKind::Break => Act::Jump(Flow::BREAK),
            StmtKind::Continue => Act::Jump(Flow::CONTINUE),
            _ => Act::Flow(self.jumping(s)),
        }
    }

    /// A statement that may end other than by going on to the next one.
    fn jumping(&mut self, s: &Stmt<'a>) -> Run<Flow> {
        match &s.kind {
            StmtKind::If { condition, then, otherwise } => {
                let c = self.expr(condition).bool();
                let then = self.stmt(then);
                match otherwise.as_ref().map(|s| self.stmt(s)) {
                    None => run(move |f| if c(f)? { then.run(f) } else { Ok(Flow::NEXT) }),
                    Some(other) => run(move |f| if c(f)? { then.run(f) } else { other.run(f) }),
                }
            }
            StmtKind::While { condition, body, locals } => {
                let fresh = self.fresh_cells(locals);
                let (c, body) = (self.expr(condition).bool(), self.stmt(body));
                run(move |f| {
                    loop {
                        f.tick()?;
                        fresh.iter().for_each(|c| f.fresh(*c));
                        if !c(f)? {
                            return Ok(Flow::NEXT);
                        }
                        if let Some(end) = after_round(body.run(f)?) {
                            return Ok(end);
                        }
                    }
                })
            }
            StmtKind::DoWhile { body, condition } => {
                let (body, c) = (self.stmt(body), self.expr(condition).bool());
                run(move |f| {
                    loop {
                        f.tick()?;
                        if let Some(end) = after_round(body.run(f)?) {
                            return Ok(end);
                        }
                        if !c(f)? {
                            return Ok(Flow::NEXT);
                        }
                    }
                })
            }
            StmtKind::For(w) => self.for_loop(w),
            StmtKind::Foreach(w) => {
                let walk = self.foreach(w);
                self.settled(walk)
            }
            StmtKind::Switch(w) => self.switch_stmt(w),
            StmtKind::Try(t) => self.try_stmt(t),
            StmtKind::Using { local, value, body, .. } => self.using(*local, value, body),
            StmtKind::Return(None) => run(|f| {
                f.ret = Value::Null;
                Ok(Flow::RETURN)
            }),
            StmtKind::Return(Some(e)) => {
                let e = self.expr(e).value();
                run(move |f| {
                    f.ret = e(f)?;
                    Ok(Flow::RETURN)
                })
            }
            StmtKind::Throw(None) => run(|f| Err(f.caught())),
            StmtKind::Throw(Some(e)) => {
                let e = self.expr(e).value();
                run(move |f| Err(super::catching::thrown(&e(f)?)))
            }
            StmtKind::Goto(label) => {
                let to = Flow::to_label(*label);
                run(move |f| f.tick().map(|()| to))
            }
            StmtKind::GotoCase(n) => {
                let to = Flow::to_section(*n);
                run(move |f| f.tick().map(|()| to))
            }
            // The others are acts of their own.
            _ => run(|_| Ok(Flow::NEXT)),
        }
    }

    fn for_loop(&mut self, w: &For<'a>) -> Run<Flow> {
        let outer = self.fresh_cells(&w.locals);
        let inner = self.fresh_cells(&w.inner);
        let init = self.block(&w.init, &[]);
        let condition = w.condition.as_ref().map(|c| self.expr(c).bool());
        let body = self.stmt(&w.body);
        let step: Vec<Act> = w.step.iter().map(|e| self.effect(e)).collect();
        let each_round = move |f: &mut Frame<'_>| -> Result<Option<Flow>> {
            f.tick()?;
            inner.iter().for_each(|c| f.fresh(*c));
            if let Some(c) = &condition
                && !c(f)?
            {
                return Ok(Some(Flow::NEXT));
            }
            Ok(after_round(body.run(f)?))
        };
        run(move |f| {
            outer.iter().for_each(|c| f.fresh(*c));
            init(f)?;
            loop {
                if let Some(end) = each_round(f)? {
                    return Ok(end);
                }
                for s in &step {
                    s.run(f)?;
                }
            }
        })
    }

    fn foreach(&mut self, w: &Foreach<'a>) -> Run<Flow> {
        self.current.leafness.refute();
        if let Some((items, item)) = self.loop_over(&w.source) {
            return self.foreach_in_query(w, items, item);
        }
        let source = self.expr(&w.source).value();
        let fresh = self.fresh_cells(&w.locals);
        let item = self.place(w.item);
        let assign = self.effect(&w.assign);
        let body = self.stmt(&w.body);
        let is_array = matches!(w.source.ty, Type::Array(_));
        let source_type = w.source.ty.clone();
        run(move |f| {
            let source = source(f)?;
            let round = |f: &mut Frame<'_>, v: Value| -> Result<Option<Flow>> {
                f.tick()?;
                fresh.iter().for_each(|c| f.fresh(*c));
                f.set(item, v);
                assign.run(f)?;
                Ok(after_round(body.run(f)?))
            };
            if is_array {
                let array = dotnet::collections::array::expect_array(&source)?;
                for n in 0..array.len() {
                    if let Some(end) = round(f, array.at(n))? {
                        return Ok(end);
                    }
                }
                return Ok(Flow::NEXT);
            }
            let mut items = dotnet::collections::enumerate_as(&mut *f.cx, &source, &source_type)?;
            while let Some(v) = items.next(&mut *f.cx)? {
                if let Some(end) = round(f, v)? {
                    return Ok(end);
                }
            }
            Ok(Flow::NEXT)
        })
    }

    fn foreach_in_query(&mut self, w: &Foreach<'a>, items: Pipeline, item: Code) -> Run<Flow> {
        let fresh = self.fresh_cells(&w.locals);
        let take = self.store_act(w.item, item);
        let assign = self.effect(&w.assign);
        let body = self.stmt(&w.body);
        run(move |f| {
            let mut end = Flow::NEXT;
            items.each(f, |f| {
                fresh.iter().for_each(|c| f.fresh(*c));
                take.run(f)?;
                assign.run(f)?;
                let left = after_round(body.run(f)?);
                end = left.unwrap_or(Flow::NEXT);
                Ok(left.is_none())
            })?;
            Ok(end)
        })
    }

    /// Number of the section that takes the value.
    pub(super) fn choose_section(&mut self, w: &SwitchStmt<'a>) -> Run<Option<usize>> {
        let fresh = self.fresh_cells(&w.locals);
        let value = self.expr(&w.value);
        let set = self.store(w.local, value);
        let mut tests = Vec::new();
        for (n, section) in w.sections.iter().enumerate() {
            for (pattern, guard) in &section.labels {
                let test = self.pattern(pattern, w.local);
                let guard = guard.as_ref().map(|g| self.expr(g).bool());
                tests.push((n, test, guard));
            }
        }
        let default = w.default;
        run(move |f| {
            fresh.iter().for_each(|c| f.fresh(*c));
            set(f)?;
            for (n, test, guard) in &tests {
                if !test(f)? {
                    continue;
                }
                if let Some(g) = guard
                    && !g(f)?
                {
                    continue;
                }
                return Ok(Some(*n));
            }
            Ok(default)
        })
    }

    fn switch_stmt(&mut self, w: &SwitchStmt<'a>) -> Run<Flow> {
        let choose = self.choose_section(w);
        let bodies: Vec<Run<Flow>> = w.sections.iter().map(|s| self.block(&s.body, &[])).collect();
        run(move |f| {
            let mut chosen = choose(f)?;
            while let Some(body) = chosen.and_then(|n| bodies.get(n)) {
                let flow = body(f)?;
                chosen = match flow.section() {
                    None if flow == Flow::BREAK => return Ok(Flow::NEXT),
                    None => return Ok(flow),
                    next => next,
                };
            }
            Ok(Flow::NEXT)
        })
    }
}

/// What ends a loop; `None` to go on.
fn after_round(flow: Flow) -> Option<Flow> {
    match flow {
        Flow::NEXT | Flow::CONTINUE => None,
        Flow::BREAK => Some(Flow::NEXT),
        other => Some(other),
    }
}

fn all(f: &mut Frame<'_>, acts: &[Act]) -> Result<Flow> {
    for act in acts {
        let flow = act.run(f)?;
        if flow != Flow::NEXT {
            return Ok(flow);
        }
    }
    Ok(Flow::NEXT)
}

fn label_positions(list: &[Stmt<'_>]) -> Vec<(usize, usize)> {
    let label = |(n, s): (usize, &Stmt<'_>)| if let StmtKind::Label(id) = s.kind { Some((id, n)) } else { None };
    list.iter().enumerate().filter_map(label).collect()
}

/// A block whose labels `goto` may reach from inside.
fn with_labels(acts: Vec<Act>, labels: Vec<(usize, usize)>, fresh: Vec<usize>) -> Run<Flow> {
    run(move |f| {
        fresh.iter().for_each(|c| f.fresh(*c));
        let mut at = 0;
        loop {
            let flow = all(f, acts.get(at..).unwrap_or_default())?;
            match labels.iter().find(|(id, _)| flow.label() == Some(*id)) {
                Some((_, n)) => at = *n,
                None => return Ok(flow),
            }
        }
    })
}
