//! What a running function works on: slots, captured cells, the surroundings; and the finished code of a program.
use std::sync::{Arc, OnceLock, Weak};

use dotnet::{Ambient, Enumerator, Exception, Result, Type, Value};
use parking_lot::Mutex;
use smallvec::SmallVec;

use super::code::Run;

/// Steps that are counted before they are charged; small, so that limits hold closely.
const BATCH: u32 = 64;

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

/// How a statement ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flow {
    Next,
    Break,
    Continue,
    /// The value is in [`Frame::ret`].
    Return,
    Goto(usize),
    /// `goto case`: section of the enclosing switch.
    Case(usize),
    /// An iterator gives the item in [`Frame::ret`] and will go on from here.
    Yield,
}

/// Code of one function.
pub(crate) struct FunctionCode {
    pub(crate) slots: usize,
    pub(crate) ints: usize,
    pub(crate) cells: usize,
    pub(crate) params: Vec<Place>,
    /// Parameters whose values go back to the caller.
    pub(crate) by_ref: Vec<usize>,
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

/// What an iterator keeps between items.
#[derive(Default)]
pub(crate) struct Suspended {
    slots: SmallVec<[Value; 8]>,
    ints: SmallVec<[i32; 8]>,
    cells: SmallVec<[Cell; 2]>,
    progress: Progress,
}

/// How far each statement with a `yield` came, and the sequences being walked.
#[derive(Default)]
struct Progress {
    positions: Vec<usize>,
    sources: Vec<Option<Box<dyn Enumerator>>>,
}

/// All functions of a program; number 0 is the root.
pub(crate) struct Image {
    pub(crate) functions: Vec<FunctionCode>,
    /// Captured locals may come to hold closures that hold them: cells are then emptied when the evaluation ends.
    pub(crate) cyclic: bool,
    /// Item types of iterator functions; `object` for the others.
    pub(crate) items: Vec<Type>,
}

/// Cells of an evaluation that may form cycles.
#[derive(Default)]
pub(crate) struct Registry(Mutex<Vec<Weak<Mutex<Value>>>>);

impl Registry {
    /// Empties all cells, so that closures that hold themselves are freed.
    pub(crate) fn clear(&self) {
        let cells = std::mem::take(&mut *self.0.lock());
        for cell in cells.iter().filter_map(Weak::upgrade) {
            // The old value is dropped outside of the lock: it may be the last holder of other cells.
            let old = std::mem::take(&mut *cell.lock());
            drop(old);
        }
    }
}

/// One activation of a function.
pub(crate) struct Frame<'a> {
    pub(crate) cx: &'a mut (dyn Ambient + 'a),
    pub(crate) image: &'a Arc<Image>,
    pub(crate) registry: Option<&'a Arc<Registry>>,
    pub(crate) slots: SmallVec<[Value; 8]>,
    ints: SmallVec<[i32; 8]>,
    pub(crate) cells: SmallVec<[Cell; 2]>,
    pub(crate) outer: &'a [Cell],
    pub(crate) ret: Value,
    /// Exceptions being handled, innermost last, for `throw;`.
    pub(crate) caught: Vec<Exception>,
    /// Only in iterator functions.
    progress: Option<Box<Progress>>,
    ticks: u32,
}

impl<'a> Frame<'a> {
    /// A frame without room for locals; see [`Frame::open`]. Two steps, so that it is made where it stays.
    #[inline]
    pub(crate) fn new(
        cx: &'a mut (dyn Ambient + 'a),
        image: &'a Arc<Image>,
        registry: Option<&'a Arc<Registry>>,
        outer: &'a [Cell],
    ) -> Self {
        Frame {
            cx,
            image,
            registry,
            slots: SmallVec::new(),
            ints: SmallVec::new(),
            cells: SmallVec::new(),
            outer,
            ret: Value::Null,
            caught: Vec::new(),
            progress: None,
            ticks: 0,
        }
    }

    /// Makes room for the locals of a function.
    #[inline]
    pub(crate) fn open(&mut self, code: &FunctionCode) {
        if code.slots > 0 {
            self.slots.resize(code.slots, Value::Null);
        }
        if code.ints > 0 {
            self.ints.resize(code.ints, 0);
        }
        for _ in 0..code.cells {
            let cell = self.new_cell();
            self.cells.push(cell);
        }
    }

    // === iterators ===

    /// Makes room for an iterator's progress.
    pub(crate) fn begin(&mut self, positions: usize, sources: usize) {
        let sources = (0..sources).map(|_| None).collect();
        self.progress = Some(Box::new(Progress { positions: vec![0; positions], sources }));
    }

    /// Goes on where [`Frame::suspend`] left.
    pub(crate) fn resume(&mut self, state: Suspended) {
        self.slots = state.slots;
        self.ints = state.ints;
        self.cells = state.cells;
        self.progress = Some(Box::new(state.progress));
    }

    /// Takes out what is kept until the next item.
    pub(crate) fn suspend(mut self) -> Suspended {
        let progress = self.progress.take().map(|p| *p).unwrap_or_default();
        Suspended {
            slots: std::mem::take(&mut self.slots),
            ints: std::mem::take(&mut self.ints),
            cells: std::mem::take(&mut self.cells),
            progress,
        }
    }

    pub(crate) fn position(&self, n: usize) -> usize {
        self.progress.as_ref().and_then(|p| p.positions.get(n)).copied().unwrap_or(0)
    }

    pub(crate) fn set_position(&mut self, n: usize, value: usize) {
        if let Some(slot) = self.progress.as_mut().and_then(|p| p.positions.get_mut(n)) {
            *slot = value;
        }
    }

    pub(crate) fn take_source(&mut self, n: usize) -> Option<Box<dyn Enumerator>> {
        self.progress.as_mut()?.sources.get_mut(n)?.take()
    }

    pub(crate) fn put_source(&mut self, n: usize, source: Box<dyn Enumerator>) {
        if let Some(slot) = self.progress.as_mut().and_then(|p| p.sources.get_mut(n)) {
            *slot = Some(source);
        }
    }

    fn new_cell(&self) -> Cell {
        let cell = Arc::new(Mutex::new(Value::Null));
        if let Some(registry) = self.registry {
            registry.0.lock().push(Arc::downgrade(&cell));
        }
        cell
    }

    /// A new variable for each time its scope is entered.
    pub(crate) fn fresh(&mut self, cell: usize) {
        let new = self.new_cell();
        if let Some(slot) = self.cells.get_mut(cell) {
            *slot = new;
        }
    }

    /// Counts one step of work.
    #[inline]
    pub(crate) fn tick(&mut self) -> Result<()> {
        self.ticks = self.ticks.wrapping_add(1);
        if self.ticks >= BATCH { self.flush() } else { Ok(()) }
    }

    /// Charges the steps counted so far.
    pub(crate) fn flush(&mut self) -> Result<()> {
        let steps = std::mem::take(&mut self.ticks);
        if steps == 0 { Ok(()) } else { self.cx.charge_steps(u64::from(steps)) }
    }

    #[inline]
    pub(crate) fn get(&self, place: Place) -> Value {
        match place {
            Place::Slot(n) => self.slots.get(n).cloned().unwrap_or_default(),
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
        self.slots.get(n).unwrap_or(&Value::Null)
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
