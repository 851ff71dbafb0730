//! What a running function works on: slots, captured cells, the surroundings; and the finished code of a program.
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock, Weak};

use dotnet::{Ambient, Enumerator, Exception, Result, Type, Value};
use parking_lot::Mutex;
use smallvec::SmallVec;

use super::code::Run;
use super::disposal::Left;
use super::long_text::LongTexts;

/// Steps that are counted before they are charged; small, so that limits hold closely.
const BATCH: u32 = 64;

/// Slots from this number on are for values that a loop lends for the time of a round, instead of counting references to each.
pub(crate) const LENT: usize = usize::MAX - MOST_LENT + 1;
/// How many loops in each other may lend.
pub(crate) const MOST_LENT: usize = 2;

/// A local that an inner function shares.
pub(crate) type Cell = Arc<Mutex<Value>>;

/// Where a local lives, seen from one function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Slot(usize),
    /// A slot for an `int`, without a tag to look at or a value to release.
    Int(usize),
    /// A cell of the function's own.
    Cell(usize),
    /// A cell handed in by whoever made the closure.
    Outer(usize),
}

/// Which cells a closure or a local function gets from its maker; known once all functions are lowered.
pub(crate) type Captures = Arc<OnceLock<Box<[Place]>>>;

/// How a statement ended. One word, so that a result with it is returned in registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Flow(usize);

impl Flow {
    pub(crate) const NEXT: Flow = Flow(0);
    pub(crate) const BREAK: Flow = Flow(1);
    pub(crate) const CONTINUE: Flow = Flow(2);
    /// The value is in [`Frame::ret`].
    pub(crate) const RETURN: Flow = Flow(3);
    /// An iterator gives the item in [`Frame::ret`] and will go on from here.
    pub(crate) const YIELD: Flow = Flow(4);
    /// Labels have even numbers from here on, sections odd ones.
    const TARGETS: usize = 6;

    pub(crate) fn to_label(label: usize) -> Flow {
        Flow(label.saturating_mul(2).saturating_add(Flow::TARGETS))
    }

    /// `goto case`: section of the enclosing switch.
    pub(crate) fn to_section(section: usize) -> Flow {
        Flow(section.saturating_mul(2).saturating_add(Flow::TARGETS + 1))
    }

    pub(crate) fn label(self) -> Option<usize> {
        self.0.checked_sub(Flow::TARGETS).filter(|n| n % 2 == 0).map(|n| n / 2)
    }

    pub(crate) fn section(self) -> Option<usize> {
        self.0.checked_sub(Flow::TARGETS).filter(|n| n % 2 == 1).map(|n| n / 2)
    }
}

/// Code of one function.
pub(crate) struct FunctionCode {
    pub(crate) slots: usize,
    pub(crate) ints: usize,
    pub(crate) cells: usize,
    pub(crate) params: Vec<Place>,
    /// Parameters whose values go back to the caller.
    pub(crate) by_ref: Vec<usize>,
    /// It is short and calls nothing that could call back: it needs neither a count of depth nor a look at the native stack.
    pub(crate) is_leaf: bool,
    /// Its parameters are all the locals it has: the caller's arguments are its slots.
    pub(crate) is_compact: bool,
    /// It leaves its arguments as they are.
    pub(crate) keeps_args: bool,
    pub(crate) body: BodyCode,
}

pub(crate) enum BodyCode {
    Value(Run<Value>),
    /// The value is dropped.
    Effect(Run<()>),
    Block(Run<Flow>),
    /// A function with `yield`, and how much it keeps between items.
    Iterator {
        body: Run<Flow>,
        positions: usize,
        sources: usize,
    },
}

/// Room for the locals of one activation.
#[derive(Default)]
pub(crate) struct Locals {
    slots: SmallVec<[Value; 8]>,
    ints: SmallVec<[i32; 8]>,
    cells: SmallVec<[Cell; 2]>,
}

impl Locals {
    /// The values in the slots and cells that nobody else holds, when the locals end.
    pub(crate) fn into_values(self) -> Vec<Value> {
        let cells = self.cells.into_iter().filter_map(|c| Arc::try_unwrap(c).ok()).map(Mutex::into_inner);
        self.slots.into_iter().chain(cells).collect()
    }

    pub(crate) fn of(code: &FunctionCode, registry: Option<&Arc<Registry>>) -> Locals {
        Locals {
            slots: smallvec::smallvec![Value::Null; code.slots],
            ints: smallvec::smallvec![0; code.ints],
            cells: (0..code.cells).map(|_| new_cell(registry)).collect(),
        }
    }
}

/// What an iterator keeps between items.
pub(crate) struct Suspended {
    pub(crate) locals: Locals,
    pub(crate) progress: Progress,
}

/// How far each statement with a `yield` came, and the sequences being walked.
#[derive(Default)]
pub(crate) struct Progress {
    positions: Vec<usize>,
    sources: Vec<Option<Box<dyn Enumerator>>>,
}

impl Progress {
    pub(crate) fn new(positions: usize, sources: usize) -> Progress {
        Progress { positions: vec![0; positions], sources: (0..sources).map(|_| None).collect() }
    }
}

/// All functions of a program; number 0 is the root.
pub(crate) struct Image {
    pub(crate) functions: Vec<FunctionCode>,
    /// Captured locals may come to hold closures that hold them: cells are then emptied when the evaluation ends.
    pub(crate) cyclic: bool,
    /// Item types of iterator functions; `object` for the others.
    pub(crate) items: Vec<Type>,
    /// Some iterator must be told when it is left.
    pub(crate) disposes: bool,
}

/// What an evaluation has to look after when parts of it end.
#[derive(Default)]
pub(crate) struct Registry {
    /// Cells that may form cycles.
    cells: Mutex<Vec<Weak<Mutex<Value>>>>,
    /// Walks through iterators that were left inside a `try`, the oldest first.
    left: Mutex<VecDeque<Left>>,
}

impl Registry {
    /// Empties all cells, so that closures that hold themselves are freed.
    pub(crate) fn clear(&self) {
        let cells = std::mem::take(&mut *self.cells.lock());
        for cell in cells.iter().filter_map(Weak::upgrade) {
            // The old value is dropped outside of the lock: it may be the last holder of other cells.
            let old = std::mem::take(&mut *cell.lock());
            drop(old);
        }
    }

    /// A walk was dropped where it stood.
    pub(super) fn leave(&self, walk: Left) {
        self.left.lock().push_back(walk);
    }

    /// Forgets the walks that nobody will tell any more; each may let go of others.
    pub(crate) fn forget_left(&self) {
        while let Some(left) = self.next_left() {
            drop(left);
        }
    }

    /// The next walk to be told that it was left.
    pub(super) fn next_left(&self) -> Option<Left> {
        self.left.lock().pop_front()
    }
}

fn new_cell(registry: Option<&Arc<Registry>>) -> Cell {
    let cell = Arc::new(Mutex::new(Value::Null));
    if let Some(registry) = registry {
        registry.cells.lock().push(Arc::downgrade(&cell));
    }
    cell
}

/// One activation of a function. Its locals belong to the caller, so that making and leaving a frame costs little.
pub(crate) struct Frame<'a> {
    pub(crate) cx: &'a mut (dyn Ambient + 'a),
    pub(crate) image: &'a Arc<Image>,
    pub(crate) registry: Option<&'a Arc<Registry>>,
    slots: &'a mut [Value],
    ints: &'a mut [i32],
    cells: &'a mut [Cell],
    outer: &'a [Cell],
    lent: Lent<'a>,
    pub(crate) ret: Value,
    ticks: u32,
    rare: Option<Box<Rare>>,
}

/// What few functions use.
#[derive(Default)]
struct Rare {
    /// Exceptions being handled, innermost last, for `throw;`.
    caught: Vec<Exception>,
    /// Of an iterator.
    progress: Progress,
    long_texts: LongTexts,
    /// The iterator is left: from its `yield` it goes through its `finally` blocks only.
    is_left: bool,
}

/// Values that loops lend, by the depth of the loop.
type Lent<'a> = [&'a Value; MOST_LENT];

/// The values of a frame, to look at.
#[derive(Clone, Copy)]
pub(crate) struct Slots<'a> {
    own: &'a [Value],
    lent: &'a Lent<'a>,
}

impl<'a> Slots<'a> {
    #[inline]
    pub(crate) fn get(self, n: usize) -> &'a Value {
        match self.own.get(n) {
            Some(value) => value,
            None => lent(self.lent, n),
        }
    }
}

#[inline]
fn lent<'a>(values: &Lent<'a>, slot: usize) -> &'a Value {
    values.get(slot.wrapping_sub(LENT)).copied().unwrap_or(&Value::Null)
}

impl<'a> Frame<'a> {
    /// A frame over the arguments of a [compact](FunctionCode::is_compact) function. It begins with one step, for the call itself.
    #[inline]
    pub(crate) fn compact(
        cx: &'a mut (dyn Ambient + 'a),
        image: &'a Arc<Image>,
        registry: Option<&'a Arc<Registry>>,
        outer: &'a [Cell],
        args: &'a mut [Value],
    ) -> Self {
        Frame {
            cx,
            image,
            registry,
            slots: args,
            ints: &mut [],
            cells: &mut [],
            outer,
            lent: [&Value::Null; MOST_LENT],
            ret: Value::Null,
            ticks: 1,
            rare: None,
        }
    }

    /// A frame over these locals.
    pub(crate) fn new(
        cx: &'a mut (dyn Ambient + 'a),
        image: &'a Arc<Image>,
        registry: Option<&'a Arc<Registry>>,
        outer: &'a [Cell],
        locals: &'a mut Locals,
    ) -> Self {
        let Locals { slots, ints, cells } = locals;
        let mut frame = Frame::compact(cx, image, registry, outer, slots);
        (frame.ints, frame.cells) = (ints, cells);
        frame
    }

    /// The same locals for a while that is short enough to be lent values. No statement runs in it.
    #[inline]
    pub(crate) fn lending(&mut self) -> Frame<'_> {
        Frame {
            cx: &mut *self.cx,
            image: self.image,
            registry: self.registry,
            slots: &mut *self.slots,
            ints: &mut *self.ints,
            cells: &mut *self.cells,
            outer: self.outer,
            lent: self.lent,
            ret: Value::Null,
            ticks: 0,
            rare: None,
        }
    }

    /// Lends a value, until the next one takes its place.
    #[inline]
    pub(crate) fn lend(&mut self, slot: usize, value: &'a Value) {
        if let Some(place) = self.lent.get_mut(slot.wrapping_sub(LENT)) {
            *place = value;
        }
    }

    // === exceptions ===

    /// Runs code that handles an exception, for which `throw;` stands.
    pub(crate) fn handling<T>(&mut self, e: Exception, work: impl FnOnce(&mut Self) -> T) -> T {
        self.rare.get_or_insert_default().caught.push(e);
        let result = work(self);
        self.rare.get_or_insert_default().caught.pop();
        result
    }

    /// What `throw;` throws.
    pub(crate) fn caught(&self) -> Exception {
        let innermost = self.rare.as_ref().and_then(|r| r.caught.last());
        innermost.cloned().unwrap_or_else(Exception::null_reference)
    }

    // === iterators ===

    /// Goes on where [`Frame::suspend`] left.
    pub(crate) fn resume(&mut self, progress: Progress) {
        self.rare.get_or_insert_default().progress = progress;
    }

    /// Goes on only to run the `finally` blocks on the way out.
    pub(crate) fn leave(&mut self) {
        self.rare.get_or_insert_default().is_left = true;
    }

    pub(crate) fn is_left(&self) -> bool {
        self.rare.as_ref().is_some_and(|r| r.is_left)
    }

    /// Takes out what is kept, beside the locals, until the next item.
    pub(crate) fn suspend(&mut self) -> Progress {
        self.rare.take().map(|r| r.progress).unwrap_or_default()
    }

    pub(crate) fn position(&self, n: usize) -> usize {
        self.rare.as_ref().and_then(|r| r.progress.positions.get(n)).copied().unwrap_or(0)
    }

    pub(crate) fn set_position(&mut self, n: usize, value: usize) {
        if let Some(slot) = self.rare.as_mut().and_then(|r| r.progress.positions.get_mut(n)) {
            *slot = value;
        }
    }

    pub(crate) fn take_source(&mut self, n: usize) -> Option<Box<dyn Enumerator>> {
        self.rare.as_mut()?.progress.sources.get_mut(n)?.take()
    }

    pub(crate) fn put_source(&mut self, n: usize, source: Box<dyn Enumerator>) {
        if let Some(slot) = self.rare.as_mut().and_then(|r| r.progress.sources.get_mut(n)) {
            *slot = Some(source);
        }
    }

    /// A new variable for each time its scope is entered.
    pub(crate) fn fresh(&mut self, cell: usize) {
        let new = new_cell(self.registry);
        if let Some(slot) = self.cells.get_mut(cell) {
            *slot = new;
        }
    }

    // === steps ===

    /// Counts one step of work.
    #[inline]
    pub(crate) fn tick(&mut self) -> Result<()> {
        self.ticks = self.ticks.wrapping_add(1);
        if self.ticks >= BATCH { self.flush() } else { Ok(()) }
    }

    #[cold]
    fn flush(&mut self) -> Result<()> {
        let steps = std::mem::take(&mut self.ticks);
        self.cx.charge_steps(u64::from(steps))
    }

    // === locals ===

    #[inline]
    pub(crate) fn get(&self, place: Place) -> Value {
        match place {
            Place::Slot(n) => self.slot(n).clone(),
            Place::Int(n) => Value::Int32(self.int(n)),
            Place::Cell(n) => self.cells.get(n).map(|c| c.lock().clone()).unwrap_or_default(),
            Place::Outer(n) => self.outer.get(n).map(|c| c.lock().clone()).unwrap_or_default(),
        }
    }

    #[inline]
    pub(crate) fn set(&mut self, place: Place, value: Value) {
        match place {
            Place::Slot(n) => {
                if let Some(slot) = self.slots.get_mut(n) {
                    *slot = value;
                }
            }
            // The binder gives these places to values of this type only.
            Place::Int(n) => self.set_int(n, if let Value::Int32(v) = value { v } else { 0 }),
            Place::Cell(_) | Place::Outer(_) => {
                let cell = match place {
                    Place::Cell(n) => self.cells.get(n),
                    Place::Outer(n) => self.outer.get(n),
                    Place::Slot(_) | Place::Int(_) => None,
                };
                // The old value is dropped after the lock is released.
                let old = cell.map(|c| std::mem::replace(&mut *c.lock(), value));
                drop(old);
            }
        }
    }

    #[inline]
    pub(crate) fn slot(&self, n: usize) -> &Value {
        match self.slots.get(n) {
            Some(value) => value,
            None => lent(&self.lent, n),
        }
    }

    #[inline]
    pub(crate) fn int(&self, n: usize) -> i32 {
        self.ints.get(n).copied().unwrap_or(0)
    }

    #[inline]
    pub(crate) fn set_int(&mut self, n: usize, value: i32) {
        if let Some(slot) = self.ints.get_mut(n) {
            *slot = value;
        }
    }

    /// The surroundings and the slots, to look at these with the help of those.
    #[inline]
    pub(crate) fn parts(&mut self) -> (&mut dyn Ambient, Slots<'_>) {
        (&mut *self.cx, Slots { own: self.slots, lent: &self.lent })
    }

    /// The long texts that were asked about last.
    pub(super) fn long_texts(&mut self) -> (&mut dyn Ambient, &mut LongTexts) {
        (&mut *self.cx, &mut self.rare.get_or_insert_default().long_texts)
    }

    /// The cells that a closure captures.
    pub(crate) fn capture(&self, captures: &Captures) -> SmallVec<[Cell; 4]> {
        let places: &[Place] = captures.get().map_or(&[], |p| p);
        let cell = |p: &Place| match p {
            Place::Cell(n) => self.cells.get(*n).cloned(),
            Place::Outer(n) => self.outer.get(*n).cloned(),
            Place::Slot(_) | Place::Int(_) => None,
        };
        places.iter().map(|p| cell(p).unwrap_or_default()).collect()
    }
}

impl Drop for Frame<'_> {
    /// Accounts for the steps counted since the last charge; the next charge of the evaluation finds a bound that they passed. Done here,
    /// so that the result of the function's code is made where the caller wants it.
    fn drop(&mut self) {
        self.cx.note_steps(u64::from(self.ticks));
    }
}
