//! Runs a pattern's program: a backtracking machine with its own stack, as .NET's is. Every step is charged, so a pattern that
//! backtracks without end (`(a+)+$`) ends at the evaluation's bounds, or earlier at the match timeout it was given.
use std::cell::Cell;

use super::regex_program::{Inst, Program};
use super::regex_tree::Assertion;
use super::regex_units;
use crate::ambient::Ambient;
use crate::culture::to_lower;
use crate::exception::{Exception, Result};

/// Machine steps between two looks at the bounds.
const SLICE: u32 = 4096;
/// Machine steps that cost one step of the evaluation; a machine step is that much cheaper.
const STEPS_PER_CHARGE: u64 = 4;
const NONE: usize = usize::MAX;

/// What a search found: byte positions in the text.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Captures of each slot in order (slot 0 is the match itself).
    pub(super) captures: Vec<Vec<(usize, usize)>>,
}

/// Where and how to search.
pub(super) struct Search<'a> {
    pub(super) program: &'a Program,
    pub(super) text: &'a str,
    /// End of the match time in ticks, if limited.
    pub(super) deadline: Option<i64>,
}

enum Log {
    Push { group: usize, start: usize, end: usize },
    Pop { group: usize },
}

enum Resume {
    At,
    /// A greedy run may give back down to `limit`.
    Greedy {
        limit: usize,
        back: bool,
    },
    /// A lazy run may take up to `left` more.
    Lazy {
        set: usize,
        left: u32,
        back: bool,
    },
}

struct Frame {
    pc: usize,
    at: usize,
    trail: usize,
    log: usize,
    resume: Resume,
}

/// What a run writes to; kept from one search to the next.
#[derive(Default)]
struct Scratch {
    stack: Vec<Frame>,
    registers: Vec<usize>,
    trail: Vec<(usize, usize)>,
    log: Vec<Log>,
}

/// Entries of a list that are kept for the next search.
const KEPT: usize = 1024;

thread_local! {
    static SCRATCH: Cell<Scratch> = const {
        Cell::new(Scratch { stack: Vec::new(), registers: Vec::new(), trail: Vec::new(), log: Vec::new() })
    };
}

impl Scratch {
    fn for_registers(count: usize) -> Scratch {
        let mut scratch = SCRATCH.take();
        scratch.registers.clear();
        scratch.registers.resize(count, 0);
        scratch
    }

    fn keep(mut self) {
        let widest = self.stack.capacity().max(self.registers.capacity()).max(self.trail.capacity());
        if widest.max(self.log.capacity()) <= KEPT {
            self.stack.clear();
            self.trail.clear();
            self.log.clear();
            SCRATCH.set(self);
        }
    }
}

struct Machine<'a> {
    program: &'a Program,
    text: &'a str,
    search_start: usize,
    stack: Vec<Frame>,
    registers: Vec<usize>,
    trail: Vec<(usize, usize)>,
    log: Vec<Log>,
    budget: u32,
    charged: usize,
    deadline: Option<i64>,
}

impl Search<'_> {
    /// First match from `from` on (to the left with `RightToLeft`); `search_start` is what `\G` means.
    pub(super) fn find(&self, cx: &mut dyn Ambient, from: usize) -> Result<Option<Found>> {
        self.search(cx, from, |m, start, end| m.found(start, end))
    }

    /// Is there a match from `from` on?
    pub(super) fn is_match(&self, cx: &mut dyn Ambient, from: usize) -> Result<bool> {
        Ok(self.search(cx, from, |_, _, _| ())?.is_some())
    }

    fn search<T>(
        &self,
        cx: &mut dyn Ambient,
        from: usize,
        answer: impl FnOnce(&mut Machine<'_>, usize, usize) -> T,
    ) -> Result<Option<T>> {
        let Scratch { stack, registers, trail, log } = Scratch::for_registers(self.program.registers);
        let mut m = Machine {
            program: self.program,
            text: self.text,
            search_start: from,
            stack,
            registers,
            trail,
            log,
            budget: SLICE,
            charged: 0,
            deadline: self.deadline,
        };
        let found = m.search(cx, from).map(|at| at.map(|(start, end)| answer(&mut m, start, end)));
        let used = u64::from(SLICE.saturating_sub(m.budget));
        Scratch { stack: m.stack, registers: m.registers, trail: m.trail, log: m.log }.keep();
        cx.charge_steps(used / STEPS_PER_CHARGE + 1)?;
        found
    }
}

impl Machine<'_> {
    /// Where the match starts, and where the run that found it ended.
    fn search(&mut self, cx: &mut dyn Ambient, from: usize) -> Result<Option<(usize, usize)>> {
        let mut start = from;
        loop {
            let Some(candidate) = self.candidate(start) else { return Ok(None) };
            start = candidate;
            if let Some(end) = self.run(cx, start)? {
                return Ok(Some((start, end)));
            }
            if self.program.anchored {
                return Ok(None);
            }
            self.spend(cx, 1)?;
            let next = if self.program.right_to_left { self.before(start) } else { self.after(start) };
            match next {
                Some((_, at)) => start = at,
                None => return Ok(None),
            }
        }
    }

    /// Next position where a match can start.
    fn candidate(&self, start: usize) -> Option<usize> {
        let p = self.program;
        if p.right_to_left {
            return Some(start);
        }
        if p.anchored {
            return (start == 0).then_some(0);
        }
        if !p.prefix.is_empty() {
            // A prefix has no halves of characters, so it does not begin inside of one.
            let start = if self.text.is_char_boundary(start) { start } else { self.after(start)?.1 };
            return Some(start + self.text.get(start..)?.find(p.prefix.as_str())?);
        }
        let Some(set) = &p.first else { return Some(start) };
        let mut at = start;
        while let Some((c, next)) = self.after(at) {
            if set.has(c) {
                return Some(at);
            }
            at = next;
        }
        None
    }

    fn found(&mut self, start: usize, end: usize) -> Found {
        let mut captures: Vec<Vec<(usize, usize)>> = vec![Vec::new(); self.program.numbers.len().max(1)];
        for entry in self.log.drain(..) {
            match entry {
                Log::Push { group, start, end } => {
                    if let Some(list) = captures.get_mut(group) {
                        list.push((start, end));
                    }
                }
                Log::Pop { group } => drop(captures.get_mut(group).and_then(Vec::pop)),
            }
        }
        let (start, end) = (start.min(end), start.max(end));
        if let Some(whole) = captures.first_mut() {
            *whole = vec![(start, end)];
        }
        Found { start, end, captures }
    }

    fn after(&self, at: usize) -> Option<(char, usize)> {
        regex_units::after(self.text, at)
    }

    fn before(&self, at: usize) -> Option<(char, usize)> {
        regex_units::before(self.text, at)
    }

    fn step(&self, at: usize, back: bool) -> Option<(char, usize)> {
        if back { self.before(at) } else { self.after(at) }
    }

    fn spend(&mut self, cx: &mut dyn Ambient, steps: u32) -> Result<()> {
        if let Some(left) = self.budget.checked_sub(steps) {
            self.budget = left;
            return Ok(());
        }
        self.budget = SLICE;
        cx.charge_steps(u64::from(SLICE.max(steps)) / STEPS_PER_CHARGE)?;
        let held = self.stack.capacity() * size_of::<Frame>() + self.trail.capacity() * 16 + self.log.capacity() * 32;
        if held > self.charged.max(64 * 1024) {
            cx.charge_bytes(held - self.charged)?;
            self.charged = held;
        }
        match self.deadline {
            Some(end) if cx.utc_now_ticks() > end => Err(Exception::regex_timeout(
                "The RegEx engine has timed out while trying to match a pattern to an input string. This can occur for many \
                 reasons, including very large inputs or excessive backtracking caused by nested quantifiers, back-references \
                 and other factors.",
            )),
            _ => Ok(()),
        }
    }

    fn set_register(&mut self, register: usize, value: usize) {
        if let Some(slot) = self.registers.get_mut(register) {
            self.trail.push((register, *slot));
            *slot = value;
        }
    }

    fn register(&self, register: usize) -> usize {
        self.registers.get(register).copied().unwrap_or(NONE)
    }

    fn save(&mut self, pc: usize, at: usize, resume: Resume) {
        self.stack.push(Frame { pc, at, trail: self.trail.len(), log: self.log.len(), resume });
    }

    /// Last capture of a group that was not popped.
    fn capture(&self, group: usize) -> Option<(usize, usize)> {
        let mut popped = 0usize;
        for entry in self.log.iter().rev() {
            match entry {
                Log::Pop { group: g } if *g == group => popped += 1,
                Log::Push { group: g, start, end } if *g == group => match popped.checked_sub(1) {
                    Some(left) => popped = left,
                    None => return Some((*start, *end)),
                },
                _ => {}
            }
        }
        None
    }

    /// Runs from one start; the end of the match if there is one.
    fn run(&mut self, cx: &mut dyn Ambient, start: usize) -> Result<Option<usize>> {
        self.stack.clear();
        self.trail.clear();
        self.log.clear();
        let (mut pc, mut at) = (0usize, start);
        loop {
            self.spend(cx, 1)?;
            let program = self.program;
            let next = match program.code.get(pc) {
                Some(Inst::Done) | None => return Ok(Some(at)),
                Some(inst) => self.execute(cx, inst, pc, at)?,
            };
            (pc, at) = match next.or_else(|| self.backtrack()) {
                Some(next) => next,
                None => return Ok(None),
            };
        }
    }

    /// One instruction: where to go on, `None` on failure.
    fn execute(&mut self, cx: &mut dyn Ambient, inst: &Inst, pc: usize, at: usize) -> Result<Option<(usize, usize)>> {
        let next = pc + 1;
        Ok(match inst {
            Inst::Char { c, back } => self.step(at, *back).filter(|(found, _)| found == c).map(|(_, at)| (next, at)),
            Inst::Set { set, back } => {
                let set = self.program.sets.get(*set);
                self.step(at, *back).filter(|(c, _)| set.is_some_and(|s| s.has(*c))).map(|(_, at)| (next, at))
            }
            Inst::Run { set, min, max, lazy, back } => self.run_set(cx, (*set, *min, *max), *lazy, *back, next, at)?,
            Inst::Assert(a) => self.holds(*a, at).then_some((next, at)),
            Inst::Split { first, second } => {
                self.save(*second, at, Resume::At);
                Some((*first, at))
            }
            Inst::Jump(to) => Some((*to, at)),
            Inst::Mark(register) => {
                self.set_register(*register, at);
                Some((next, at))
            }
            Inst::Capture { group, pops, mark } => self.close_group(*group, *pops, *mark, at).then_some((next, at)),
            Inst::LoopStart { register } => {
                self.set_register(*register, 0);
                self.set_register(*register + 1, NONE);
                Some((next, at))
            }
            Inst::LoopTest { register, min, max, lazy, exit } => {
                self.loop_test(*register, (*min, *max), *lazy, (next, *exit), at)
            }
            Inst::Open { register } => {
                self.set_register(*register, self.stack.len());
                self.set_register(*register + 1, at);
                Some((next, at))
            }
            Inst::OpenOr { register, otherwise } => {
                self.set_register(*register, self.stack.len());
                self.set_register(*register + 1, at);
                self.save(*otherwise, at, Resume::At);
                Some((next, at))
            }
            Inst::Close { register, rewind } => {
                self.stack.truncate(self.register(*register));
                Some((next, if *rewind { self.register(*register + 1) } else { at }))
            }
            Inst::CloseFail { register } => {
                self.stack.truncate(self.register(*register));
                None
            }
            Inst::Backreference { group, ignore_case, back } => {
                self.same_text(*group, *ignore_case, *back, at).map(|at| (next, at))
            }
            Inst::IfGroup { group, no } => Some((if self.capture(*group).is_some() { next } else { *no }, at)),
            Inst::Fail | Inst::Done => None,
        })
    }

    fn run_set(
        &mut self,
        cx: &mut dyn Ambient,
        (set, min, max): (usize, u32, u32),
        lazy: bool,
        back: bool,
        next: usize,
        mut at: usize,
    ) -> Result<Option<(usize, usize)>> {
        let program = self.program;
        let Some(class) = program.sets.get(set) else { return Ok(None) };
        let mut taken = 0u32;
        let mut limit = at;
        let most = if lazy { min } else { max };
        while taken < most {
            match self.step(at, back) {
                Some((c, to)) if class.has(c) => at = to,
                _ => break,
            }
            taken += 1;
            if taken == min {
                limit = at;
            }
        }
        self.spend(cx, taken / 8)?;
        if taken < min {
            return Ok(None);
        }
        if lazy {
            if max > min {
                self.save(next, at, Resume::Lazy { set, left: max - min, back });
            }
        } else if at != limit {
            self.save(next, at, Resume::Greedy { limit, back });
        }
        Ok(Some((next, at)))
    }

    fn loop_test(
        &mut self,
        register: usize,
        (min, max): (u32, u32),
        lazy: bool,
        (body, exit): (usize, usize),
        at: usize,
    ) -> Option<(usize, usize)> {
        let count = self.register(register);
        let more = count < max as usize;
        if count >= min as usize {
            // A turn that matched nothing ends the loop, or it would never end.
            if !more || self.register(register + 1) == at {
                return Some((exit, at));
            }
            if lazy {
                self.save_turn(body, register, count, at);
                return Some((exit, at));
            }
            self.save(exit, at, Resume::At);
        }
        self.set_register(register, count + 1);
        self.set_register(register + 1, at);
        Some((body, at))
    }

    /// A later turn of a lazy loop: when resumed, the registers must hold the next turn's values, so they are set around the save.
    fn save_turn(&mut self, body: usize, register: usize, count: usize, at: usize) {
        let last = self.register(register + 1);
        self.set_register(register, count + 1);
        self.set_register(register + 1, at);
        self.save(body, at, Resume::At);
        self.set_register(register, count);
        self.set_register(register + 1, last);
    }

    fn close_group(&mut self, group: Option<usize>, pops: Option<usize>, mark: usize, at: usize) -> bool {
        let from = self.register(mark);
        let (mut start, mut end) = (from.min(at), from.max(at));
        if let Some(popped) = pops {
            let Some((pop_start, pop_end)) = self.capture(popped) else { return false };
            self.log.push(Log::Pop { group: popped });
            // A balancing group captures what lies between the popped capture and itself.
            if start >= pop_end {
                (start, end) = (pop_end, start);
            } else if end <= pop_start {
                (start, end) = (end, pop_start);
            } else {
                (start, end) = (start.max(pop_start), end.min(pop_end));
            }
        }
        if let Some(group) = group {
            self.log.push(Log::Push { group, start, end });
        }
        true
    }

    fn same_text(&self, group: usize, ignore_case: bool, back: bool, at: usize) -> Option<usize> {
        let ecma_empty = self.program.flags & super::regex_parse::options::ECMA_SCRIPT != 0;
        let Some((start, end)) = self.capture(group) else { return ecma_empty.then_some(at) };
        let (mut from, mut pos) = (if back { end } else { start }, at);
        while from != if back { start } else { end } {
            let (wanted, next) = self.step(from, back)?;
            let (found, to) = self.step(pos, back)?;
            if found != wanted && !(ignore_case && to_lower(found) == to_lower(wanted)) {
                return None;
            }
            (from, pos) = (next, to);
        }
        Some(pos)
    }

    fn holds(&self, a: Assertion, at: usize) -> bool {
        let end = self.text.len();
        let bytes = self.text.as_bytes();
        match a {
            Assertion::Start => at == 0,
            Assertion::End => at == end,
            Assertion::EndOrLastNewline => at == end || at + 1 == end && bytes.get(at) == Some(&b'\n'),
            Assertion::LineStart => at == 0 || bytes.get(at.wrapping_sub(1)) == Some(&b'\n'),
            Assertion::LineEnd => at == end || bytes.get(at) == Some(&b'\n'),
            Assertion::SearchStart => at == self.search_start,
            Assertion::Boundary => self.boundary(at, is_word),
            Assertion::NotBoundary => !self.boundary(at, is_word),
            Assertion::EcmaBoundary => self.boundary(at, is_ecma_word),
            Assertion::EcmaNotBoundary => !self.boundary(at, is_ecma_word),
        }
    }

    fn boundary(&self, at: usize, word: fn(char) -> bool) -> bool {
        let left = self.before(at).is_some_and(|(c, _)| word(c));
        left != self.after(at).is_some_and(|(c, _)| word(c))
    }

    fn backtrack(&mut self) -> Option<(usize, usize)> {
        loop {
            let frame = self.stack.pop()?;
            while self.trail.len() > frame.trail {
                let Some((register, value)) = self.trail.pop() else { break };
                if let Some(slot) = self.registers.get_mut(register) {
                    *slot = value;
                }
            }
            self.log.truncate(frame.log);
            match frame.resume {
                Resume::At => return Some((frame.pc, frame.at)),
                Resume::Greedy { limit, back } => {
                    let (_, at) = self.step(frame.at, !back)?;
                    if at != limit {
                        self.save(frame.pc, at, Resume::Greedy { limit, back });
                    }
                    return Some((frame.pc, at));
                }
                Resume::Lazy { set, left, back } => {
                    let class = self.program.sets.get(set)?;
                    let Some((_, at)) = self.step(frame.at, back).filter(|(c, _)| class.has(*c)) else { continue };
                    if left > 1 {
                        let left = if left == u32::MAX { left } else { left - 1 };
                        self.save(frame.pc, at, Resume::Lazy { set, left, back });
                    }
                    return Some((frame.pc, at));
                }
            }
        }
    }
}

/// Word characters for `\b`: those of `\w` and the two joiners (.NET, `RegexCharClass.IsWordChar`).
fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    thread_local! {
        static WORD: super::regex_tree::Set = super::regex_tree::Set::new(&super::regex_tree::word(false));
    }
    matches!(c, '\u{200C}' | '\u{200D}') || WORD.with(|set| set.has(c))
}

fn is_ecma_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
