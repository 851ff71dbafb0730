//! Does a text match at all? For the regular part of .NET's patterns and ASCII texts, a table of states answers that in one pass
//! over the text: whether there is a match does not depend on the order in which a backtracking machine looks for it.
//!
//! INVARIANT: what is translated here means to ASCII texts exactly what [`super::regex_machine`] makes of it. Whatever has memory
//! or order (references, look-around, atomic and balancing groups, conditions, loops over nothing) is not translated.
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, Look, Repetition};

use super::regex_parse::{options, parse};
use super::regex_tree::{Assertion, Node, Set};

/// Most a table may take, and most that making it may take (which bounds the time as well). Larger ones are left to the machine.
const TABLE_BYTES: usize = 64 * 1024;
const BUILD_BYTES: usize = 128 * 1024;
/// Larger counts make large tables.
const MAX_COUNT: u32 = 256;

/// A table of states.
#[derive(Debug)]
pub(super) struct Automaton {
    table: dense::DFA<Vec<u32>>,
    anchored: Anchored,
}

impl Automaton {
    /// `None` for patterns that have more to them, or too many states.
    pub(super) fn new(pattern: &str, flags: i32, anchored: bool) -> Option<Automaton> {
        if flags & options::RIGHT_TO_LEFT != 0 {
            return None;
        }
        let hir = translate(&parse(pattern, flags).ok()?.root, true)?;
        let nfa = thompson::Compiler::new()
            .syntax(syntax::Config::new().utf8(false))
            .configure(
                thompson::Config::new()
                    .utf8(false)
                    .which_captures(WhichCaptures::None)
                    .nfa_size_limit(Some(BUILD_BYTES)),
            )
            .build_from_hir(&hir)
            .ok()?;
        let (start, anchored) =
            if anchored { (StartKind::Anchored, Anchored::Yes) } else { (StartKind::Unanchored, Anchored::No) };
        let config = dense::Config::new()
            .match_kind(MatchKind::LeftmostFirst)
            .start_kind(start)
            .dfa_size_limit(Some(TABLE_BYTES))
            .determinize_size_limit(Some(BUILD_BYTES));
        let table = dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()?;
        Some(Automaton { table, anchored })
    }

    /// Is there a match? `None` if this text is not for it.
    pub(super) fn is_match(&self, text: &str) -> Option<bool> {
        if !text.is_ascii() {
            return None;
        }
        let input = Input::new(text).anchored(self.anchored).earliest(true);
        self.table.try_search_fwd(&input).ok().map(|found| found.is_some())
    }
}

/// The same in the terms of the library; `last` where nothing that reads follows.
fn translate(node: &Node, last: bool) -> Option<Hir> {
    Some(match node {
        Node::Empty => Hir::empty(),
        Node::Char(c) => one(*c),
        Node::Set(set) => ascii(set),
        Node::Assert(a) => assertion(*a, last)?,
        Node::Concat(items) => {
            let end = items.len().saturating_sub(1);
            let parts = items.iter().enumerate().map(|(i, n)| translate(n, last && i == end));
            Hir::concat(parts.collect::<Option<Vec<Hir>>>()?)
        }
        Node::Alternate(all) => Hir::alternation(all.iter().map(|n| translate(n, last)).collect::<Option<Vec<Hir>>>()?),
        Node::Capture { pops: None, body, .. } => translate(body, last)?,
        Node::Loop { body, min, max, lazy } => {
            // A loop whose body can be empty ends early in .NET.
            let bounded = *min <= MAX_COUNT && (*max <= MAX_COUNT || *max == u32::MAX);
            if !bounded || (*max > 1 && can_be_empty(body)) {
                return None;
            }
            let sub = translate(body, last && *max <= 1)?;
            let max = if *max == u32::MAX { None } else { Some(*max) };
            Hir::repetition(Repetition { min: *min, max, greedy: !lazy, sub: Box::new(sub) })
        }
        Node::Capture { pops: Some(_), .. }
        | Node::Atomic(_)
        | Node::Look { .. }
        | Node::Backreference { .. }
        | Node::IfGroup { .. }
        | Node::IfLook { .. } => return None,
    })
}

/// Characters beyond ASCII do not occur in the texts this is for.
fn one(c: char) -> Hir {
    match u8::try_from(c).ok().filter(u8::is_ascii) {
        Some(byte) => Hir::literal([byte]),
        None => Hir::fail(),
    }
}

fn ascii(set: &Set) -> Hir {
    let members = (0..=127u8).filter(|b| set.has(char::from(*b))).map(|b| ClassBytesRange::new(b, b));
    Hir::class(Class::Bytes(ClassBytes::new(members)))
}

fn assertion(a: Assertion, last: bool) -> Option<Hir> {
    Some(Hir::look(match a {
        Assertion::Start => Look::Start,
        Assertion::End => Look::End,
        Assertion::LineStart => Look::StartLF,
        Assertion::LineEnd => Look::EndLF,
        Assertion::Boundary | Assertion::EcmaBoundary => Look::WordAscii,
        Assertion::NotBoundary | Assertion::EcmaNotBoundary => Look::WordAsciiNegate,
        // Where nothing follows, it does not matter that the line feed is read.
        Assertion::EndOrLastNewline if last => {
            let feed =
                Hir::repetition(Repetition { min: 0, max: Some(1), greedy: true, sub: Box::new(Hir::literal(*b"\n")) });
            return Some(Hir::concat(vec![feed, Hir::look(Look::End)]));
        }
        Assertion::EndOrLastNewline | Assertion::SearchStart => return None,
    }))
}

fn can_be_empty(node: &Node) -> bool {
    match node {
        Node::Char(_) | Node::Set(_) => false,
        Node::Concat(items) => items.iter().all(can_be_empty),
        Node::Alternate(all) => all.iter().any(can_be_empty),
        Node::Capture { body, .. } => can_be_empty(body),
        Node::Loop { body, min, .. } => *min == 0 || can_be_empty(body),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collections::testing::Bench;
    use crate::text::regex_machine::Search;
    use crate::text::regex_program::Program;
    use crate::value::Str;

    /// xorshift: the same samples in every run.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % u64::try_from(n).unwrap()).unwrap()
        }

        fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
            all[self.below(all.len())]
        }

        fn pattern(&mut self, depth: usize) -> String {
            let one = |chance: &mut Chance| match chance.below(if depth == 0 { 6 } else { 9 }) {
                0..=2 => chance.of(&["a", "b", "K", "\\n", " ", "é", "1", "-", "_"]).to_owned(),
                3 => chance
                    .of(&["[ab]", "[^a]", "[a-c1]", ".", "\\d", "\\w", "\\s", "\\W", "[\\w-[a]]", "\\p{L}"])
                    .to_owned(),
                4 | 5 => chance.of(&["^", "$", "\\A", "\\z", "\\Z", "\\b", "\\B"]).to_owned(),
                6 => format!("({})", chance.pattern(depth - 1)),
                7 => format!("(?:{})", chance.pattern(depth - 1)),
                _ => format!("(?:{}|{})", chance.pattern(depth - 1), chance.pattern(depth - 1)),
            };
            let mut out = String::new();
            for _ in 0..self.below(4) {
                out.push_str(&one(self));
                if self.below(3) == 0 {
                    out.push_str(self.of(&["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{2,}", "{0,1}?", "{0}"]));
                }
            }
            out
        }

        fn text(&mut self) -> String {
            (0..self.below(9)).map(|_| self.of(&["a", "b", "c", "k", "K", "\n", " ", "1", "-", "_", "A"])).collect()
        }
    }

    fn slow(program: &Program, text: &str) -> bool {
        Search { program, text, deadline: None }.find(&mut Bench::default(), 0).unwrap().is_some()
    }

    #[test]
    fn the_table_answers_as_the_machine_does() {
        let mut chance = Chance(0x2026_1121);
        let (mut translated, mut matched, mut compared) = (0, 0, 0);
        for _ in 0..4000 {
            let (pattern, flags) = (chance.pattern(2), [0, 0, 1, 2, 16, 3, 256 | 1][chance.below(7)]);
            let Ok(program) = Program::new(&Str::from(pattern.as_str()), flags) else { continue };
            let Some(table) = Automaton::new(&pattern, flags, program.anchored) else { continue };
            translated += 1;
            for _ in 0..12 {
                let text = chance.text();
                let want = slow(&program, &text);
                assert_eq!(table.is_match(&text), Some(want), "`{pattern}` with {flags} on {text:?}");
                compared += 1;
                matched += u32::from(want);
            }
        }
        assert!(translated > 2000, "too few patterns were translated: {translated}");
        assert!(matched > compared / 10 && matched < compared * 9 / 10, "{matched} of {compared} is no fair sample");
    }

    #[test]
    fn chosen_patterns() {
        for (pattern, flags, text, want) in [
            (r"^/api/v[0-9]+/orders/[0-9]+$", 0, "/api/v2/orders/42", Some(true)),
            (r"^/api/v[0-9]+/orders/[0-9]+$", 0, "/api/v2/orders/42\n", Some(true)),
            (r"^/api/v[0-9]+/orders/[0-9]+$", 0, "/api/v2/orders/42\n\n", Some(false)),
            (r"^/api/v[0-9]+/orders/[0-9]+\z", 0, "/api/v2/orders/42\n", Some(false)),
            ("a$", 2, "a\nb", Some(true)),
            ("a.b", 0, "a\nb", Some(false)),
            ("a.b", 16, "a\nb", Some(true)),
            ("K", 1, "k", Some(true)),
            ("\u{212A}", 1, "k", Some(true)),
            ("(a+)+$", 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", Some(false)),
            ("a", 0, "aé", None),
            ("(?:a|b(?:c|d))+?x?", 0, "zbd", Some(true)),
        ] {
            let program = Program::new(&Str::from(pattern), flags).unwrap();
            let table = Automaton::new(pattern, flags, program.anchored).unwrap();
            assert_eq!(table.is_match(text), want, "`{pattern}` on {text:?}");
        }
    }

    #[test]
    fn what_has_memory_is_left_to_the_machine() {
        for (pattern, flags) in [
            (r"(a)\1", 0),
            ("(?=a)", 0),
            ("(?<!a)b", 0),
            ("(?>a+)b", 0),
            (r"\Ga", 0),
            ("a", 64),
            ("(a*)*", 0),
            (r"a$\nb", 0),
            ("a{1000}", 0),
            ("(?:.{0,200}x){200}", 0),
            ("(a)?(?(1)b|c)", 0),
            ("(?<o>a)(?<-o>b)", 0),
        ] {
            assert!(Automaton::new(pattern, flags, false).is_none(), "`{pattern}`");
        }
    }
}
