//! Reachability (missing returns, sections that fall through) and definite assignment, on the typed tree.
use std::rc::Rc;

use dotnet::{TypeId, Value};

use super::facts::Place;
use super::tree::{Body, Expr, Function, LocalId, LocalKind, Stmt, StmtKind};
use super::{Binder, codes};
use crate::span::Span;

impl<'a> Binder<'a> {
    /// CS0161 and its like when the end of a body that must return can be reached; CS0163 inside it.
    pub(crate) fn check_missing_return(&mut self, body: &[Stmt<'a>], span: Span, lambda: bool) {
        if self.has_errors() {
            return;
        }
        if completes_all(body) {
            let (code, text) = if lambda {
                (codes::LAMBDA_MISSING_RETURN, "not all paths of the lambda return a value")
            } else {
                (codes::MISSING_RETURN, "not all paths return a value")
            };
            let span = if lambda || span.len() < 80 { span } else { body.last().map_or(span, |s| s.span) };
            let help = "end every path with `return ...;`, also where no `if` or `case` applies";
            let d = Self::finding(code, span, text).help(help);
            self.report(d);
        }
    }

    /// Definite assignment of the whole program, and sections that fall through.
    pub(crate) fn check_assignment(&mut self, root: &Rc<Function<'a>>) {
        let mut found = Vec::new();
        match &root.body {
            Body::Block(list) => fall_through(list, &mut found),
            Body::Expr(_) => {}
        }
        for f in &self.functions {
            if let Some(Body::Block(list)) = f.function.as_ref().map(|f| &f.body) {
                fall_through(list, &mut found);
            }
        }
        for (span, last) in found {
            let code = if last { codes::FALL_OUT } else { codes::FALL_THROUGH };
            self.error(code, span, "control cannot fall out of a `case`: end it with `break`, `return` or `goto case`");
        }
        let mut flow = Flow {
            locals: &self.locals,
            functions: &self.functions,
            watched: self.watched,
            places: Vec::new(),
            state: State::new(self.locals.len().saturating_add(MAX_PLACES)),
            targets: Vec::new(),
            gotos: Vec::new(),
            found: Vec::new(),
            outs: Vec::new(),
            missing: Vec::new(),
            returned: None,
            active: Vec::new(),
            calls: 0,
        };
        flow.function(root);
        let places = flow.finished_places();
        let (found, missing) = (flow.found, flow.missing);
        self.facts.places = places;
        for (id, span) in missing {
            let name = self.local(id).map(|l| l.name.clone()).unwrap_or_default();
            let text = format!("`out` parameter `{name}` must get a value before the function ends");
            self.error(codes::UNASSIGNED_OUT, span, text);
        }
        for (id, span) in found {
            let name = self.local(id).map(|l| l.name.clone()).unwrap_or_default();
            let declared = self.local(id).map(|l| l.span);
            let d = Self::finding(codes::UNASSIGNED, span, format!("`{name}` may be used before it has a value"));
            self.report(match declared {
                Some(at) => d.also(at, "declared here"),
                None => d,
            });
        }
    }
}

// === reachability ===

/// Can the end of these statements be reached?
pub(crate) fn completes_all(list: &[Stmt<'_>]) -> bool {
    let mut reachable = true;
    for s in list {
        if matches!(s.kind, StmtKind::Label(_)) {
            reachable = true;
        } else if reachable {
            reachable = completes(s);
        }
    }
    reachable
}

fn constant_bool(e: &Expr<'_>) -> Option<bool> {
    match e.constant {
        Some(Value::Bool(b)) => Some(b),
        _ => None,
    }
}

fn completes(s: &Stmt<'_>) -> bool {
    match &s.kind {
        StmtKind::Return(_)
        | StmtKind::Yield(None)
        | StmtKind::Throw(_)
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Goto(_)
        | StmtKind::GotoCase(_) => false,
        StmtKind::Block { body, .. } => completes_all(body),
        StmtKind::If { condition, then, otherwise } => match constant_bool(condition) {
            Some(true) => completes(then),
            Some(false) => otherwise.as_ref().is_none_or(|s| completes(s)),
            None => completes(then) || otherwise.as_ref().is_none_or(|s| completes(s)),
        },
        StmtKind::While { condition, body, .. } => constant_bool(condition) != Some(true) || breaks(body),
        StmtKind::DoWhile { body, condition } => {
            breaks(body) || ((completes(body) || continues(body)) && constant_bool(condition) != Some(true))
        }
        StmtKind::For(f) => f.condition.as_ref().is_some_and(|c| constant_bool(c) != Some(true)) || breaks(&f.body),
        StmtKind::Switch(w) => {
            !w.exhaustive
                || w.sections.is_empty()
                || w.sections.iter().any(|s| s.body.iter().any(breaks) || completes_all(&s.body))
        }
        StmtKind::Try(t) => {
            t.finally.as_ref().is_none_or(completes)
                && (completes(&t.body) || t.catches.iter().any(|c| completes(&c.body)))
        }
        StmtKind::Using { body, .. } => completes(body),
        _ => true,
    }
}

/// Does a `break` in it leave the statement around it?
fn breaks(s: &Stmt<'_>) -> bool {
    jumps(s, &|k| matches!(k, StmtKind::Break), true)
}

fn continues(s: &Stmt<'_>) -> bool {
    jumps(s, &|k| matches!(k, StmtKind::Continue), false)
}

fn jumps(s: &Stmt<'_>, wanted: &dyn Fn(&StmtKind<'_>) -> bool, is_break: bool) -> bool {
    let inner = |s: &Stmt<'_>| jumps(s, wanted, is_break);
    match &s.kind {
        k if wanted(k) => true,
        StmtKind::Block { body, .. } => {
            let mut reachable = true;
            body.iter().any(|s| {
                if matches!(s.kind, StmtKind::Label(_)) {
                    reachable = true;
                }
                let hit = reachable && inner(s);
                reachable = reachable && completes(s);
                hit
            })
        }
        StmtKind::If { condition, then, otherwise } => {
            (constant_bool(condition) != Some(false) && inner(then))
                || (constant_bool(condition) != Some(true) && otherwise.as_ref().is_some_and(|s| inner(s)))
        }
        StmtKind::Switch(w) if !is_break => w.sections.iter().any(|s| s.body.iter().any(inner)),
        StmtKind::Try(t) => {
            inner(&t.body) || t.catches.iter().any(|c| inner(&c.body)) || t.finally.as_ref().is_some_and(inner)
        }
        StmtKind::Using { body, .. } => inner(body),
        _ => false,
    }
}

/// Places where a section of a switch runs into the next; the flag marks the last section.
fn fall_through(list: &[Stmt<'_>], found: &mut Vec<(Span, bool)>) {
    for s in list {
        match &s.kind {
            StmtKind::Block { body, .. } => fall_through(body, found),
            StmtKind::If { then, otherwise, .. } => {
                fall_through(std::slice::from_ref(then), found);
                if let Some(s) = otherwise {
                    fall_through(std::slice::from_ref(s), found);
                }
            }
            StmtKind::While { body, .. } | StmtKind::DoWhile { body, .. } | StmtKind::Using { body, .. } => {
                fall_through(std::slice::from_ref(body), found);
            }
            StmtKind::For(f) => fall_through(std::slice::from_ref(&f.body), found),
            StmtKind::Foreach(f) => fall_through(std::slice::from_ref(&f.body), found),
            StmtKind::Switch(w) => {
                let last = w.sections.len().saturating_sub(1);
                for (i, s) in w.sections.iter().enumerate() {
                    if completes_all(&s.body) {
                        found.push((s.span, i == last));
                    }
                    fall_through(&s.body, found);
                }
            }
            StmtKind::Try(t) => {
                fall_through(std::slice::from_ref(&t.body), found);
                t.catches.iter().for_each(|c| fall_through(std::slice::from_ref(&c.body), found));
                if let Some(f) = &t.finally {
                    fall_through(std::slice::from_ref(f), found);
                }
            }
            _ => {}
        }
    }
}

// === definite assignment ===

/// Which locals have a value; an unreachable place has all.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct State(Vec<u64>);

impl State {
    pub(super) fn new(count: usize) -> Self {
        State(vec![0; count.div_ceil(64)])
    }

    pub(super) fn unreachable(&self) -> Self {
        State(vec![u64::MAX; self.0.len()])
    }

    pub(super) fn set(&mut self, id: LocalId) {
        if let Some(word) = self.0.get_mut(id / 64) {
            *word |= 1_u64 << (id % 64);
        }
    }

    pub(super) fn has(&self, id: LocalId) -> bool {
        self.0.get(id / 64).is_none_or(|word| word & (1_u64 << (id % 64)) != 0)
    }

    /// Assigned on both ways.
    pub(super) fn meet(&mut self, other: &State) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a &= b;
        }
    }

    /// Assigned on one of them (a `finally` adds to what came before).
    pub(super) fn join(&mut self, other: &State) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a |= b;
        }
    }
}

/// Where `break` and `continue` lead: states collected so far.
#[derive(Default)]
pub(super) struct Target {
    breaks: Option<State>,
    continues: Option<State>,
    is_loop: bool,
}

pub(super) struct Flow<'b, 'a> {
    pub(super) locals: &'b [super::tree::Local],
    pub(super) functions: &'b [super::tree::LocalFunction<'a>],
    /// Types whose uses are noted, and the places noted so far. Each is a bit of the state, behind those of the locals.
    pub(super) watched: &'static [TypeId],
    pub(super) places: Vec<Place>,
    pub(super) state: State,
    targets: Vec<Target>,
    gotos: Vec<(usize, State)>,
    pub(super) found: Vec<(LocalId, Span)>,
    /// `out` parameters of the function being walked, and places that leave it without a value in one.
    outs: Vec<LocalId>,
    missing: Vec<(LocalId, Span)>,
    /// State at the `return` statements of the local function being walked.
    pub(super) returned: Option<State>,
    /// Local functions being walked, and how many calls have been.
    active: Vec<usize>,
    calls: u32,
}

/// Most places of watched types that are noted in one program.
pub(super) const MAX_PLACES: usize = 64;

/// Most calls of local functions that are followed; further ones are taken as fine.
const MAX_CALLS: u32 = 500;

impl<'a> Flow<'_, 'a> {
    pub(super) fn function(&mut self, f: &Function<'a>) {
        for id in &f.params {
            if self.locals.get(*id).is_some_and(|l| l.kind != LocalKind::OutParameter) {
                self.state.set(*id);
            }
        }
        let is_out = |id: &&LocalId| self.locals.get(**id).is_some_and(|l| l.kind == LocalKind::OutParameter);
        let outs = f.params.iter().filter(is_out).copied().collect();
        let outer = std::mem::replace(&mut self.outs, outs);
        let end = match &f.body {
            Body::Expr(e) => {
                self.expr(e);
                e.span
            }
            Body::Block(list) => {
                self.all(list);
                list.last().map_or(Span::default(), |s| s.span)
            }
        };
        self.leaves(end);
        self.outs = outer;
    }

    /// Control leaves the function here.
    fn leaves(&mut self, span: Span) {
        let lacking: Vec<LocalId> = self.outs.iter().copied().filter(|id| !self.state.has(*id)).collect();
        for id in lacking {
            if !self.missing.iter().any(|(m, _)| *m == id) {
                self.missing.push((id, span));
            }
        }
    }

    pub(super) fn all(&mut self, list: &[Stmt<'a>]) {
        for s in list {
            self.stmt(s);
        }
    }

    fn meet_into(slot: &mut Option<State>, state: &State) {
        match slot {
            Some(s) => s.meet(state),
            None => *slot = Some(state.clone()),
        }
    }

    fn jump(&mut self, is_break: bool) {
        let state = self.state.clone();
        if let Some(t) = self.targets.iter_mut().rev().find(|t| is_break || t.is_loop) {
            Self::meet_into(if is_break { &mut t.breaks } else { &mut t.continues }, &state);
        }
        self.state = self.state.unreachable();
    }

    fn enter(&mut self, is_loop: bool) {
        self.targets.push(Target { is_loop, ..Target::default() });
    }

    fn leave(&mut self) -> Target {
        self.targets.pop().unwrap_or_default()
    }

    fn stmt(&mut self, s: &Stmt<'a>) {
        match &s.kind {
            StmtKind::Empty => {}
            StmtKind::Expr(e) => self.expr(e),
            StmtKind::Local { local, value } => {
                if let Some(v) = value {
                    self.expr(v);
                    self.state.set(*local);
                }
            }
            StmtKind::Block { body, .. } => self.all(body),
            StmtKind::If { condition, then, otherwise } => {
                let (yes, no) = self.condition(condition);
                self.state = yes;
                self.stmt(then);
                let after = std::mem::replace(&mut self.state, no);
                if let Some(s) = otherwise {
                    self.stmt(s);
                }
                self.state.meet(&after);
            }
            StmtKind::While { condition, body, .. } => {
                let (yes, no) = self.condition(condition);
                self.enter(true);
                self.state = yes;
                self.stmt(body);
                self.after_loop(no);
            }
            StmtKind::DoWhile { body, condition } => {
                self.enter(true);
                self.stmt(body);
                let target = self.leave();
                if let Some(c) = target.continues {
                    self.state.meet(&c);
                }
                let (_, no) = self.condition(condition);
                self.state = no;
                if let Some(b) = target.breaks {
                    self.state.meet(&b);
                }
            }
            StmtKind::For(f) => {
                self.all(&f.init);
                let (yes, no) = match &f.condition {
                    Some(c) => self.condition(c),
                    None => (self.state.clone(), self.state.unreachable()),
                };
                self.enter(true);
                self.state = yes;
                self.stmt(&f.body);
                if let Some(c) = self.targets.last_mut().and_then(|t| t.continues.take()) {
                    self.state.meet(&c);
                }
                f.step.iter().for_each(|e| self.expr(e));
                self.after_loop(no);
            }
            StmtKind::Foreach(f) => {
                self.expr(&f.source);
                let before = self.state.clone();
                self.enter(true);
                self.expr(&f.assign);
                self.state.set(f.local);
                self.stmt(&f.body);
                self.after_loop(before);
            }
            StmtKind::Switch(w) => self.switch(w),
            StmtKind::Try(t) => self.try_stmt(t),
            StmtKind::Using { local, value, body, .. } => {
                self.expr(value);
                self.state.set(*local);
                self.stmt(body);
            }
            StmtKind::Return(value) => {
                value.iter().for_each(|e| self.expr(e));
                self.leaves(s.span);
                let state = self.state.clone();
                Self::meet_into(&mut self.returned, &state);
                self.state = self.state.unreachable();
            }
            StmtKind::Throw(value) => {
                value.iter().for_each(|e| self.expr(e));
                self.state = self.state.unreachable();
            }
            StmtKind::Break => self.jump(true),
            StmtKind::Continue => self.jump(false),
            StmtKind::Goto(label) => {
                self.gotos.push((*label, self.state.clone()));
                self.state = self.state.unreachable();
            }
            StmtKind::GotoCase(_) => self.state = self.state.unreachable(),
            StmtKind::Label(label) => {
                let seen: Vec<State> = self.gotos.iter().filter(|(l, _)| l == label).map(|(_, s)| s.clone()).collect();
                seen.iter().for_each(|s| self.state.meet(s));
            }
            StmtKind::Yield(Some(e)) => self.expr(e),
            StmtKind::Yield(None) => self.state = self.state.unreachable(),
            StmtKind::Function(f) => self.local_function(*f),
        }
    }

    fn after_loop(&mut self, no: State) {
        let target = self.leave();
        self.state = no;
        if let Some(b) = target.breaks {
            self.state.meet(&b);
        }
    }

    /// What a local function captures is taken as assigned: it is checked where the compiler of C# checks it only at the calls.
    fn local_function(&mut self, f: usize) {
        let Some(function) = self.functions.get(f).and_then(|f| f.function.clone()) else { return };
        self.isolated(|flow| {
            let own = function.id;
            for (id, local) in flow.locals.iter().enumerate() {
                if local.function != own {
                    flow.state.set(id);
                }
            }
            flow.function(&function);
        });
    }

    /// At a call a local function reads and assigns what it captures, as things stand there.
    pub(super) fn call_local(&mut self, f: usize) {
        let Some(function) = self.functions.get(f).and_then(|f| f.function.clone()) else { return };
        if self.active.contains(&f) || self.calls >= MAX_CALLS {
            return;
        }
        self.calls = self.calls.saturating_add(1);
        self.active.push(f);
        let before = self.state.clone();
        let targets = std::mem::take(&mut self.targets);
        let returned = self.returned.take();
        self.function(&function);
        if let Some(r) = std::mem::replace(&mut self.returned, returned) {
            self.state.meet(&r);
        }
        self.state.join(&before);
        self.targets = targets;
        self.active.pop();
    }

    /// Runs `f` on a copy of the state, with jumps of its own.
    pub(super) fn isolated(&mut self, f: impl FnOnce(&mut Self)) {
        let state = self.state.clone();
        let targets = std::mem::take(&mut self.targets);
        f(self);
        self.state = state;
        self.targets = targets;
    }

    fn switch(&mut self, w: &super::tree::SwitchStmt<'a>) {
        self.expr(&w.value);
        self.state.set(w.local);
        let before = self.state.clone();
        self.enter(false);
        let mut rest = before.clone();
        for section in &w.sections {
            let mut start: Option<State> = None;
            for (pattern, guard) in &section.labels {
                self.state = rest.clone();
                self.pattern(pattern);
                if let Some(g) = guard {
                    let (yes, _) = self.condition(g);
                    self.state = yes;
                }
                // Several labels of one section share what all of them assign.
                Self::meet_into(&mut start, &self.state);
            }
            let mut start = start.unwrap_or_else(|| before.clone());
            start.join(&before);
            self.state = start;
            self.all(&section.body);
        }
        rest = if w.exhaustive { before.unreachable() } else { before };
        let target = self.leave();
        self.state = rest;
        if let Some(b) = target.breaks {
            self.state.meet(&b);
        }
    }

    fn try_stmt(&mut self, t: &super::tree::Try<'a>) {
        let before = self.state.clone();
        self.stmt(&t.body);
        let mut after = self.state.clone();
        for c in &t.catches {
            self.state = before.clone();
            c.local.iter().for_each(|id| self.state.set(*id));
            if let Some(f) = &c.filter {
                let (yes, _) = self.condition(f);
                self.state = yes;
            }
            self.stmt(&c.body);
            after.meet(&self.state);
        }
        self.state = after;
        if let Some(f) = &t.finally {
            let ended = std::mem::replace(&mut self.state, before);
            self.stmt(f);
            self.state.join(&ended);
        }
    }
}
