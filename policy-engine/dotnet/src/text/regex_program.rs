//! Patterns as programs: flat instructions, made once per pattern. [`super::regex_machine`] runs them.
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use super::regex_automaton::Automaton;
use super::regex_parse::{options, parse};
use super::regex_tree::{Assertion, Node, Set};
use super::regex_units;
use crate::exception::{Exception, Result};

/// Copies of bodies are not unrolled, so this only bounds very long patterns.
const MAX_INSTRUCTIONS: usize = 100_000;
/// Searches by the machine alone, before the table of states is made.
const USES_BEFORE_TABLE: u32 = 64;

/// One instruction. `back` reads to the left (look-behind, `RightToLeft`).
#[derive(Debug)]
pub(super) enum Inst {
    Char {
        c: char,
        back: bool,
    },
    Set {
        set: usize,
        back: bool,
    },
    /// A set repeated: `\d+`, `[^,]*?`, `.*`.
    Run {
        set: usize,
        min: u32,
        max: u32,
        lazy: bool,
        back: bool,
    },
    Assert(Assertion),
    /// Tries `first`, then `second`.
    Split {
        first: usize,
        second: usize,
    },
    Jump(usize),
    /// Remembers the position.
    Mark(usize),
    /// Captures from a mark to here.
    Capture {
        group: Option<usize>,
        pops: Option<usize>,
        mark: usize,
    },
    LoopStart {
        register: usize,
    },
    /// `register` counts, `register + 1` is where the last turn began.
    LoopTest {
        register: usize,
        min: u32,
        max: u32,
        lazy: bool,
        exit: usize,
    },
    /// Remembers how much can be undone, and the position.
    Open {
        register: usize,
    },
    /// Forgets the alternatives since `Open`; goes back to its position for look-around.
    Close {
        register: usize,
        rewind: bool,
    },
    /// `Open` whose failure continues at `otherwise`.
    OpenOr {
        register: usize,
        otherwise: usize,
    },
    /// The inside of a negative look-around matched: fail.
    CloseFail {
        register: usize,
    },
    Backreference {
        group: usize,
        ignore_case: bool,
        back: bool,
    },
    IfGroup {
        group: usize,
        no: usize,
    },
    Fail,
    Done,
}

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Program {
    pub(super) pattern: Arc<str>,
    pub(super) flags: i32,
    pub(super) code: Vec<Inst>,
    pub(super) sets: Vec<Set>,
    pub(super) registers: usize,
    /// Group numbers by slot.
    pub(super) numbers: Vec<i32>,
    /// Group names by slot.
    pub(super) names: Vec<Arc<str>>,
    pub(super) right_to_left: bool,
    /// Must match at the very start, if at all.
    pub(super) anchored: bool,
    /// Literal text that every match starts with.
    pub(super) prefix: String,
    /// Characters a match can start with.
    pub(super) first: Option<Set>,
    /// The table that answers whether there is a match; made for patterns that are used more than a few times.
    automaton: OnceLock<Option<Automaton>>,
    uses: AtomicU32,
}

impl Program {
    /// Reads and compiles a pattern.
    pub(crate) fn new(pattern: &Arc<str>, flags: i32) -> Result<Program> {
        let parsed = parse(pattern, flags)?;
        let back = flags & options::RIGHT_TO_LEFT != 0;
        let mut c = Compiler { code: Vec::new(), sets: Vec::new(), registers: 0, overflow: false };
        c.node(&parsed.root, back);
        c.push(Inst::Done);
        if c.overflow {
            return Err(Exception::limit("a regular expression is too large"));
        }
        let mut prefix = String::new();
        let mut first = None;
        if !back {
            literal_prefix(&parsed.root, &mut prefix);
            first = first_set(&parsed.root);
        }
        Ok(Program {
            pattern: pattern.clone(),
            flags,
            code: c.code,
            sets: c.sets,
            registers: c.registers,
            numbers: parsed.numbers,
            names: parsed.names.into_iter().map(Into::into).collect(),
            right_to_left: back,
            anchored: !back && starts_anchored(&parsed.root),
            prefix,
            first,
            automaton: OnceLock::new(),
            uses: AtomicU32::new(0),
        })
    }

    /// The table of states, if the pattern has one and it is worth it by now.
    pub(super) fn automaton(&self) -> Option<&Automaton> {
        match self.automaton.get() {
            Some(made) => made.as_ref(),
            None if self.uses.fetch_add(1, Ordering::Relaxed) < USES_BEFORE_TABLE => None,
            None => self.make_automaton(),
        }
    }

    /// The table of states, if the pattern has one.
    pub(super) fn make_automaton(&self) -> Option<&Automaton> {
        let make = || Automaton::new(&self.pattern, self.flags, self.anchored);
        self.automaton.get_or_init(make).as_ref()
    }

    /// Slot of a group number.
    pub(crate) fn slot(&self, number: i32) -> Option<usize> {
        self.numbers.iter().position(|n| *n == number)
    }

    /// Slot of a group name (numbers are names too).
    pub(crate) fn slot_of(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| &**n == name).or_else(|| self.slot(name.parse().ok()?))
    }
}

fn starts_anchored(node: &Node) -> bool {
    match node {
        Node::Assert(Assertion::Start) => true,
        Node::Concat(items) => items.first().is_some_and(starts_anchored),
        Node::Capture { body, .. } | Node::Atomic(body) => starts_anchored(body),
        Node::Alternate(all) => all.iter().all(starts_anchored),
        _ => false,
    }
}

/// Collects the literal start; true if the whole node was literal.
fn literal_prefix(node: &Node, out: &mut String) -> bool {
    match node {
        Node::Char(c) if regex_units::is_half(*c) => false,
        Node::Char(c) => {
            out.push(*c);
            true
        }
        Node::Concat(items) => items.iter().all(|n| literal_prefix(n, out)),
        Node::Capture { body, .. } | Node::Atomic(body) => literal_prefix(body, out),
        _ => false,
    }
}

/// Characters the node can start with; `None` when it may match nothing or is not simple.
fn first_set(node: &Node) -> Option<Set> {
    match node {
        Node::Char(c) => Some(Set::single(*c)),
        Node::Set(set) => Some(set.clone()),
        Node::Concat(items) => {
            let mut items = items.iter().skip_while(|n| matches!(n, Node::Assert(_) | Node::Look { behind: true, .. }));
            first_set(items.next()?)
        }
        Node::Capture { body, .. } | Node::Atomic(body) => first_set(body),
        Node::Loop { body, min, .. } if *min > 0 => first_set(body),
        Node::Alternate(all) => {
            let mut sets = all.iter().map(first_set);
            let first = sets.next()??;
            sets.try_fold(first, |a, b| Some(a.union(&b?)))
        }
        _ => None,
    }
}

struct Compiler {
    code: Vec<Inst>,
    sets: Vec<Set>,
    registers: usize,
    overflow: bool,
}

impl Compiler {
    fn push(&mut self, inst: Inst) -> usize {
        self.overflow |= self.code.len() >= MAX_INSTRUCTIONS;
        if !self.overflow {
            self.code.push(inst);
        }
        self.code.len().saturating_sub(1)
    }

    fn here(&self) -> usize {
        self.code.len()
    }

    fn patch(&mut self, at: usize, inst: Inst) {
        if let Some(slot) = self.code.get_mut(at) {
            *slot = inst;
        }
    }

    fn register(&mut self, n: usize) -> usize {
        let at = self.registers;
        self.registers += n;
        at
    }

    fn set(&mut self, set: &Set) -> usize {
        self.sets.iter().position(|s| s == set).unwrap_or_else(|| {
            self.sets.push(set.clone());
            self.sets.len() - 1
        })
    }

    fn node(&mut self, node: &Node, back: bool) {
        match node {
            Node::Empty => {}
            Node::Char(c) => drop(self.push(Inst::Char { c: *c, back })),
            Node::Set(set) => {
                let set = self.set(set);
                self.push(Inst::Set { set, back });
            }
            Node::Assert(a) => drop(self.push(Inst::Assert(*a))),
            Node::Concat(items) if back => items.iter().rev().for_each(|n| self.node(n, back)),
            Node::Concat(items) => items.iter().for_each(|n| self.node(n, back)),
            Node::Alternate(all) => self.alternate(all, back),
            Node::Capture { group, pops, body } => {
                let mark = self.register(1);
                self.push(Inst::Mark(mark));
                self.node(body, back);
                self.push(Inst::Capture { group: *group, pops: *pops, mark });
            }
            Node::Loop { body, min, max, lazy } => self.repeat(body, *min, *max, *lazy, back),
            Node::Atomic(body) => {
                let register = self.register(2);
                self.push(Inst::Open { register });
                self.node(body, back);
                self.push(Inst::Close { register, rewind: false });
            }
            Node::Look { behind, negative, body } => self.look(body, *behind, *negative),
            Node::Backreference { group, ignore_case } => {
                self.push(Inst::Backreference { group: *group, ignore_case: *ignore_case, back });
            }
            Node::IfGroup { group, yes, no } => {
                let test = self.push(Inst::Fail);
                self.node(yes, back);
                let jump = self.push(Inst::Fail);
                self.patch(test, Inst::IfGroup { group: *group, no: self.here() });
                self.node(no, back);
                self.patch(jump, Inst::Jump(self.here()));
            }
            Node::IfLook { test, yes, no } => {
                let register = self.register(2);
                let open = self.push(Inst::Fail);
                self.node(test, back);
                self.push(Inst::Close { register, rewind: true });
                self.node(yes, back);
                let jump = self.push(Inst::Fail);
                self.patch(open, Inst::OpenOr { register, otherwise: self.here() });
                self.node(no, back);
                self.patch(jump, Inst::Jump(self.here()));
            }
        }
    }

    fn alternate(&mut self, all: &[Node], back: bool) {
        let mut jumps = Vec::new();
        for (i, n) in all.iter().enumerate() {
            if i + 1 == all.len() {
                self.node(n, back);
                break;
            }
            let split = self.push(Inst::Fail);
            self.node(n, back);
            jumps.push(self.push(Inst::Fail));
            let second = self.here();
            self.patch(split, Inst::Split { first: split + 1, second });
        }
        let end = self.here();
        jumps.into_iter().for_each(|at| self.patch(at, Inst::Jump(end)));
    }

    fn repeat(&mut self, body: &Node, min: u32, max: u32, lazy: bool, back: bool) {
        let set = match body {
            Node::Char(c) => Some(Set::single(*c)),
            Node::Set(set) => Some(set.clone()),
            _ => None,
        };
        if let Some(set) = set {
            let set = self.set(&set);
            self.push(Inst::Run { set, min, max, lazy, back });
            return;
        }
        let register = self.register(2);
        self.push(Inst::LoopStart { register });
        let test = self.push(Inst::Fail);
        self.node(body, back);
        self.push(Inst::Jump(test));
        let exit = self.here();
        self.patch(test, Inst::LoopTest { register, min, max, lazy, exit });
    }

    fn look(&mut self, body: &Node, behind: bool, negative: bool) {
        let register = self.register(2);
        if !negative {
            self.push(Inst::Open { register });
            self.node(body, behind);
            self.push(Inst::Close { register, rewind: true });
            return;
        }
        let open = self.push(Inst::Fail);
        self.node(body, behind);
        self.push(Inst::CloseFail { register });
        self.patch(open, Inst::OpenOr { register, otherwise: self.here() });
    }
}
