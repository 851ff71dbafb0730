//! Typed tree in, closures over numbered slots out. Names, overloads and conversions were decided by the binder; nothing is looked up here.
//!
//! One function of C# (root, lambda, local function) becomes one [`FunctionCode`]. Locals live in slots; those that inner functions use live
//! in cells. Which cells a function needs from outside is collected while lowering and settled at the end, because local functions may call
//! each other in any order.
mod arith;
mod assign;
mod calls;
mod catching;
mod closure;
mod code;
mod compare;
mod convert;
mod disposal;
mod expr;
mod frame;
mod int;
mod iterator;
mod leaf;
mod long_text;
mod multicast;
mod pattern;
mod query;
mod ranges;
mod ready;
mod stmt;
mod text;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use dotnet::{Mode, Str, Type, TypeTable, Value};

pub(crate) use self::closure::start;
use self::frame::{BodyCode, Captures, FunctionCode, Place};
pub(crate) use self::frame::{Image, Registry};
use crate::binder::Bound;
use crate::binder::tree::{Body, Function, FunctionId, LocalId};

/// A place where a closure is made or a local function called, to be told which cells to pass.
struct Site {
    /// Function that the site stands in.
    inside: FunctionId,
    callee: FunctionId,
    captures: Captures,
}

/// State while lowering one function.
#[derive(Default)]
struct Current {
    id: FunctionId,
    slots: usize,
    ints: usize,
    cells: usize,
    /// Positions of statements and sequences of an iterator.
    positions: usize,
    sources: usize,
    /// Loops being lowered that lend their items.
    lending: usize,
    leafness: leaf::Leafness,
    /// Some variable is written after it was declared, be it a parameter.
    writes: bool,
}

impl Current {
    /// Are its parameters all the locals it has, so that the caller's arguments can be its slots?
    fn is_compact(&self, params: &[Place]) -> bool {
        let in_order = params.iter().enumerate().all(|(n, place)| *place == Place::Slot(n));
        in_order && self.slots == params.len() && self.ints == 0 && self.cells == 0
    }
}

/// What a function gives to its caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Gives {
    Value,
    Nothing,
    /// A sequence, made with `yield`.
    Items,
}

/// One lowering.
struct Lower<'b, 'a> {
    bound: &'b Bound<'a>,
    table: &'b TypeTable,
    /// Finished functions by their run-time number.
    done: Vec<Option<FunctionCode>>,
    /// Run-time numbers.
    numbers: HashMap<FunctionId, usize>,
    current: Current,
    slots: HashMap<LocalId, usize>,
    cells: HashMap<LocalId, usize>,
    /// Locals of outer functions that each function uses, in the order of its outer cells.
    captured: HashMap<FunctionId, Vec<LocalId>>,
    /// Locals that functions inside keep, by the function that declares them.
    kept: HashMap<FunctionId, Vec<LocalId>>,
    /// Lambdas that run in place, and the functions that their locals belong to.
    homes: HashMap<FunctionId, FunctionId>,
    sites: Vec<Site>,
    texts: HashMap<Str, Str>,
    cyclic: bool,
    /// Some iterator must be told when it is left.
    disposes: bool,
    /// Item types of iterators by run-time number.
    items: Vec<Type>,
    /// Value of the root, when it is a constant.
    constant: Option<Value>,
}

/// Lowers a program without errors.
pub(crate) fn lower(bound: &Bound<'_>, table: &TypeTable) -> (Image, Option<Value>) {
    let mut l = Lower {
        bound,
        table,
        done: Vec::new(),
        numbers: HashMap::new(),
        current: Current::default(),
        slots: HashMap::new(),
        cells: HashMap::new(),
        captured: HashMap::new(),
        kept: kept(bound),
        homes: HashMap::new(),
        sites: Vec::new(),
        texts: HashMap::new(),
        cyclic: false,
        disposes: disposal::is_needed(bound),
        items: Vec::new(),
        constant: None,
    };
    l.function(&bound.root.clone(), Vec::new(), Gives::Value);
    l.settle();
    // Views of the request are constants of the code, but what they show is not.
    let constant = l.constant.take().filter(|v| !matches!(v, Value::Handle(..) | Value::Object(_) | Value::Func(_)));
    let functions = l.done.into_iter().flatten().collect();
    (Image { functions, cyclic: l.cyclic, items: l.items, disposes: l.disposes }, constant)
}

impl<'a> Lower<'_, 'a> {
    /// Lowers a function unless it is done; gives its run-time number.
    fn function(&mut self, f: &Rc<Function<'a>>, by_ref: Vec<usize>, gives: Gives) -> usize {
        if let Some(n) = self.numbers.get(&f.id) {
            return *n;
        }
        let number = self.done.len();
        self.done.push(None);
        self.numbers.insert(f.id, number);
        let outer = std::mem::replace(&mut self.current, Current { id: f.id, ..Current::default() });
        let params: Vec<Place> = f.params.iter().map(|id| self.place(*id)).collect();
        let body = match &f.body {
            Body::Expr(e) if gives == Gives::Value => {
                let code = self.expr(e);
                if number == 0 {
                    self.constant = code.constant().cloned();
                }
                BodyCode::Value(code.value())
            }
            Body::Expr(e) => BodyCode::Effect(self.expr(e).effect()),
            Body::Block(list) if gives == Gives::Items => {
                let body = self.resumable_block(list, &[]);
                BodyCode::Iterator { body, positions: self.current.positions, sources: self.current.sources }
            }
            Body::Block(list) => BodyCode::Block(self.block(list, &[])),
        };
        let own = std::mem::replace(&mut self.current, outer);
        let code = FunctionCode {
            is_leaf: own.leafness.is_leaf(),
            is_compact: own.is_compact(&params),
            keeps_args: own.is_compact(&params) && !own.writes,
            slots: own.slots,
            ints: own.ints,
            cells: own.cells,
            params,
            by_ref,
            body,
        };
        if let Some(slot) = self.done.get_mut(number) {
            *slot = Some(code);
        }
        number
    }

    /// Number of a local function, lowered on first use.
    fn local_function(&mut self, index: usize) -> Option<(FunctionId, usize)> {
        let bound = self.bound;
        let local = bound.functions.get(index)?;
        let function = local.function.clone()?;
        let by_ref = local.params.iter().enumerate().filter(|(_, p)| p.mode != Mode::In).map(|(i, _)| i).collect();
        let gives = match (&local.iterator, &local.ret) {
            (Some(_), _) => Gives::Items,
            (None, Type::Void) => Gives::Nothing,
            _ => Gives::Value,
        };
        let item = local.iterator.clone();
        let number = self.function(&function, by_ref, gives);
        if let Some(item) = item {
            self.items.resize(self.items.len().max(number.saturating_add(1)), Type::OBJECT);
            if let Some(slot) = self.items.get_mut(number) {
                *slot = item;
            }
        }
        Some((function.id, number))
    }

    /// Where a local lives for the function being lowered.
    fn place(&mut self, id: LocalId) -> Place {
        let Some(local) = self.bound.locals.get(id) else { return Place::Slot(0) };
        if self.home(local.function) != self.current.id {
            let at = outer_index(self.captured.entry(self.current.id).or_default(), id);
            return Place::Outer(at);
        }
        if local.captured {
            if may_hold_code(self.table, &local.ty) {
                self.cyclic = true;
            }
            let next = &mut self.current.cells;
            return Place::Cell(*self.cells.entry(id).or_insert_with(|| bump(next)));
        }
        if local.ty == Type::INT {
            let next = &mut self.current.ints;
            return Place::Int(*self.slots.entry(id).or_insert_with(|| bump(next)));
        }
        let next = &mut self.current.slots;
        Place::Slot(*self.slots.entry(id).or_insert_with(|| bump(next)))
    }

    /// The function whose frame holds the locals of this one.
    fn home(&self, function: FunctionId) -> FunctionId {
        self.homes.get(&function).copied().unwrap_or(function)
    }

    /// Own cells among these locals: they are made anew when their scope is entered.
    fn fresh_cells(&mut self, locals: &[LocalId]) -> Vec<usize> {
        let captured: Vec<LocalId> =
            locals.iter().copied().filter(|id| self.bound.locals.get(*id).is_some_and(|l| l.captured)).collect();
        captured.into_iter().filter_map(|id| if let Place::Cell(n) = self.place(id) { Some(n) } else { None }).collect()
    }

    /// A list of cells to pass to `callee`, filled in by [`Lower::settle`].
    fn captures_for(&mut self, callee: FunctionId) -> Captures {
        let captures: Captures = Arc::new(OnceLock::new());
        self.sites.push(Site { inside: self.current.id, callee, captures: captures.clone() });
        captures
    }

    /// A function also needs what the functions it makes or calls need, unless it owns it. Ends because the sets only grow.
    fn settle(&mut self) {
        let homes = std::mem::take(&mut self.homes);
        loop {
            let mut grown = false;
            for site in &self.sites {
                let needed = self.captured.get(&site.callee).cloned().unwrap_or_default();
                for id in needed {
                    let own = self
                        .bound
                        .locals
                        .get(id)
                        .is_some_and(|l| homes.get(&l.function).unwrap_or(&l.function) == &site.inside);
                    let list = self.captured.entry(site.inside).or_default();
                    if !own && !list.contains(&id) {
                        list.push(id);
                        grown = true;
                    }
                }
            }
            if !grown {
                break;
            }
        }
        for site in std::mem::take(&mut self.sites) {
            let needed = self.captured.get(&site.callee).cloned().unwrap_or_default();
            let own = self.captured.get(&site.inside).cloned().unwrap_or_default();
            let place = |id: LocalId| match own.iter().position(|o| *o == id) {
                Some(n) => Place::Outer(n),
                // A captured local that its owner never touches has a cell nobody made: the frame gives a new one.
                None => self.cells.get(&id).map_or(Place::Slot(0), |n| Place::Cell(*n)),
            };
            let places: Box<[Place]> = needed.into_iter().map(place).collect();
            // Set once: each site has its own list.
            let _ = site.captures.set(places);
        }
    }

    /// Equal constant texts are one reference, in this program and in all others.
    fn interned(&mut self, value: &Value) -> Value {
        match value {
            Value::Str(s) => {
                Value::Str(self.texts.entry(s.clone()).or_insert_with(|| dotnet::intern::literal(s)).clone())
            }
            other => other.clone(),
        }
    }
}

fn kept(bound: &Bound<'_>) -> HashMap<FunctionId, Vec<LocalId>> {
    let mut kept: HashMap<FunctionId, Vec<LocalId>> = HashMap::new();
    for (id, local) in bound.locals.iter().enumerate().filter(|(_, l)| l.captured) {
        kept.entry(local.function).or_default().push(id);
    }
    kept
}

fn bump(n: &mut usize) -> usize {
    let at = *n;
    *n = at.saturating_add(1);
    at
}

fn outer_index(list: &mut Vec<LocalId>, id: LocalId) -> usize {
    match list.iter().position(|o| *o == id) {
        Some(at) => at,
        None => {
            list.push(id);
            list.len().saturating_sub(1)
        }
    }
}

/// Could a value of this static type hold a closure?
fn may_hold_code(table: &TypeTable, ty: &Type) -> bool {
    match ty {
        Type::Simple(id) => {
            *ty == Type::OBJECT
                || table
                    .get(*id)
                    .is_some_and(|d| d.kind == dotnet::TypeKind::Delegate || d.kind == dotnet::TypeKind::Interface)
        }
        Type::Generic(id, args) => {
            let kind = table.get(*id).map(|d| d.kind);
            matches!(kind, Some(dotnet::TypeKind::Delegate | dotnet::TypeKind::Interface))
                || args.iter().any(|t| may_hold_code(table, t))
        }
        Type::Array(item) => may_hold_code(table, item),
        Type::Tuple(t) => t.items.iter().any(|t| may_hold_code(table, t)),
        Type::Anonymous(s) => s.fields.iter().any(|(_, t)| may_hold_code(table, t)),
        _ => false,
    }
}
