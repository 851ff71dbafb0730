//! Reads .NET patterns. Follows the grammar of .NET's own reader, so that the same texts are refused with the same words
//! (messages of .NET Core 3.1: `Invalid pattern '(' at offset 1. Not enough )'s.`).
use std::collections::BTreeMap;

use regex_syntax::hir::ClassUnicode;

use super::regex_tree::{Assertion, Node, Set, any, fold, negate, range};
use super::regex_units;
use crate::exception::{Exception, Result};
use crate::types::TypeId;
use crate::utf16;

/// `RegexOptions` bits.
pub(super) mod options {
    pub(in super::super) const IGNORE_CASE: i32 = 1;
    pub(in super::super) const MULTILINE: i32 = 2;
    pub(in super::super) const EXPLICIT_CAPTURE: i32 = 4;
    pub(in super::super) const SINGLELINE: i32 = 16;
    pub(in super::super) const IGNORE_PATTERN_WHITESPACE: i32 = 32;
    pub(in super::super) const RIGHT_TO_LEFT: i32 = 64;
    pub(in super::super) const ECMA_SCRIPT: i32 = 256;
}
use options::{EXPLICIT_CAPTURE, IGNORE_CASE, IGNORE_PATTERN_WHITESPACE, MULTILINE, SINGLELINE};

pub(super) const MAX_DEPTH: usize = 200;
const MAX_PATTERN: usize = 64 * 1024;

/// A read pattern.
pub(super) struct Parsed {
    pub(super) root: Node,
    /// Group numbers in order; index = dense slot.
    pub(super) numbers: Vec<i32>,
    /// Name of each slot.
    pub(super) names: Vec<String>,
}

/// Reads a pattern.
pub(super) fn parse(pattern: &str, flags: i32) -> Result<Parsed> {
    if pattern.len() > MAX_PATTERN {
        return Err(Exception::limit(format!("a regular expression is longer than {MAX_PATTERN} bytes")));
    }
    let text = regex_units::pattern(pattern);
    let mut p = Parser { text, at: 0, flags, auto: 1, numbers: Vec::new(), names: BTreeMap::new(), depth: 0 };
    p.count_groups();
    let root = p.alternatives()?;
    if p.peek() == Some(')') {
        p.at += 1;
        return Err(p.fail("Too many )'s."));
    }
    let mut names: Vec<String> = p.numbers.iter().map(i32::to_string).collect();
    for (name, number) in &p.names {
        if let Some(slot) = p.numbers.iter().position(|n| n == number).and_then(|at| names.get_mut(at)) {
            slot.clone_from(name);
        }
    }
    Ok(Parsed { root, numbers: p.numbers, names })
}

pub(super) struct Parser {
    pub(super) text: Vec<char>,
    pub(super) at: usize,
    pub(super) flags: i32,
    pub(super) auto: i32,
    pub(super) numbers: Vec<i32>,
    pub(super) names: BTreeMap<String, i32>,
    pub(super) depth: usize,
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl Parser {
    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    pub(super) fn peek_at(&self, n: usize) -> Option<char> {
        self.text.get(self.at.saturating_add(n)).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    pub(super) fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    pub(super) fn is(&self, flag: i32) -> bool {
        self.flags & flag != 0
    }

    pub(super) fn fail(&self, reason: &str) -> Exception {
        let pattern = regex_units::written(&self.text);
        let type_id = TypeId("System.Text.RegularExpressions.RegexParseException");
        Exception::new(type_id, format!("Invalid pattern '{pattern}' at offset {}. {reason}", self.at))
    }

    // === groups are numbered before reading ===

    pub(super) fn count_groups(&mut self) {
        let start_flags = self.flags;
        let (mut auto, mut names, mut numbers) = (1, Vec::<String>::new(), vec![0]);
        let mut saved = Vec::new();
        // The parenthesis of a condition, `(?(1)a|b)`, captures nothing.
        let mut condition = false;
        while let Some(c) = self.next() {
            match c {
                '\\' => drop(self.next()),
                '#' if self.is(IGNORE_PATTERN_WHITESPACE) => self.skip_line(),
                '[' => self.skip_set(),
                ')' => self.flags = saved.pop().unwrap_or(self.flags),
                '(' if self.peek() == Some('?') && self.peek_at(1) == Some('#') => {
                    while self.next().is_some_and(|c| c != ')') {}
                }
                '(' => {
                    saved.push(self.flags);
                    let captures = !self.is(EXPLICIT_CAPTURE) && !std::mem::take(&mut condition);
                    if self.eat('?') {
                        condition = self.peek() == Some('(');
                        self.count_special(&mut names, &mut numbers, &mut saved);
                    } else if captures {
                        numbers.push(auto);
                        auto += 1;
                    }
                }
                _ => {}
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        for name in names {
            if self.names.contains_key(&name) {
                continue;
            }
            while numbers.contains(&auto) {
                auto += 1;
            }
            self.names.insert(name, auto);
            numbers.push(auto);
        }
        numbers.sort_unstable();
        (self.numbers, self.at, self.flags) = (numbers, 0, start_flags);
    }

    pub(super) fn count_special(&mut self, names: &mut Vec<String>, numbers: &mut Vec<i32>, saved: &mut Vec<i32>) {
        match self.peek() {
            Some('<' | '\'') if !matches!(self.peek_at(1), Some('=' | '!')) => {
                self.at += 1;
                let name = self.word();
                match name.parse::<i32>() {
                    Ok(n) => numbers.push(n),
                    Err(_) if !name.is_empty() => names.push(name),
                    Err(_) => {}
                }
            }
            Some('<' | '=' | '!' | '>' | ':' | '(') | None => {}
            Some(_) => {
                self.inline_flags();
                if self.eat(')') {
                    // `(?i)` holds to the end of the enclosing group.
                    saved.pop();
                }
            }
        }
    }

    pub(super) fn skip_line(&mut self) {
        while self.peek().is_some_and(|c| c != '\n') {
            self.at += 1;
        }
    }

    pub(super) fn skip_set(&mut self) {
        self.eat('^');
        self.eat(']');
        while let Some(c) = self.next() {
            match c {
                ']' => return,
                '\\' => drop(self.next()),
                '[' if self.peek() == Some(':') => {}
                '-' if self.peek() == Some('[') => {
                    self.at += 1;
                    self.skip_set();
                }
                _ => {}
            }
        }
    }

    pub(super) fn word(&mut self) -> String {
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| is_word(*c)) {
            name.push(c);
            self.at += 1;
        }
        name
    }

    pub(super) fn slot(&self, number: i32) -> Option<usize> {
        self.numbers.iter().position(|n| *n == number)
    }

    // === structure ===

    pub(super) fn alternatives(&mut self) -> Result<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Exception::limit(format!("a regular expression nests deeper than {MAX_DEPTH} groups")));
        }
        let mut all = vec![self.concatenation()?];
        while self.eat('|') {
            all.push(self.concatenation()?);
        }
        self.depth -= 1;
        Ok(if all.len() == 1 { all.pop().unwrap_or(Node::Empty) } else { Node::Alternate(all) })
    }

    pub(super) fn concatenation(&mut self) -> Result<Node> {
        let mut items = Vec::new();
        loop {
            self.skip_blank()?;
            match self.peek() {
                None | Some('|' | ')') => break,
                Some(_) => {}
            }
            let Some(item) = self.atom()? else { continue };
            let item = self.quantified(item)?;
            items.push(item);
        }
        Ok(match items.len() {
            0 => Node::Empty,
            1 => items.pop().unwrap_or(Node::Empty),
            _ => Node::Concat(items),
        })
    }

    pub(super) fn skip_blank(&mut self) -> Result<()> {
        loop {
            let free = self.is(IGNORE_PATTERN_WHITESPACE);
            match self.peek() {
                Some(c) if free && c.is_whitespace() => self.at += 1,
                Some('#') if free => self.skip_line(),
                Some('(') if self.peek_at(1) == Some('?') && self.peek_at(2) == Some('#') => {
                    while self.peek().is_some_and(|c| c != ')') {
                        self.at += 1;
                    }
                    if !self.eat(')') {
                        return Err(self.fail("Unterminated (?#...) comment."));
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// `None` for what leaves nothing behind, such as `(?i)`.
    pub(super) fn atom(&mut self) -> Result<Option<Node>> {
        let multiline = self.is(MULTILINE);
        let node = match self.next() {
            Some('(') => return self.group(),
            Some('[') => {
                let class = self.set()?;
                self.class_node(class)
            }
            Some('\\') => self.escape()?,
            Some('^') => Node::Assert(if multiline { Assertion::LineStart } else { Assertion::Start }),
            Some('$') => Node::Assert(if multiline { Assertion::LineEnd } else { Assertion::EndOrLastNewline }),
            Some('.') if self.is(SINGLELINE) => Node::Set(Set::new(&any())),
            Some('.') => Node::Set(Set::new(&negate(range('\n', '\n')))),
            Some('*' | '+' | '?') => return Err(self.fail("Quantifier {x,y} following nothing.")),
            Some('{') => {
                self.at -= 1;
                if self.is_counted() {
                    self.at += 1;
                    return Err(self.fail("Quantifier {x,y} following nothing."));
                }
                self.at += 1;
                Node::Char('{')
            }
            Some(c) => self.literal(c),
            None => Node::Empty,
        };
        Ok(Some(node))
    }

    pub(super) fn literal(&self, c: char) -> Node {
        if self.is(IGNORE_CASE) && c.is_alphabetic() {
            let folded = fold(range(c, c));
            if folded.ranges().len() > 1 || folded.ranges().first().is_some_and(|r| r.start() != r.end()) {
                return Node::Set(Set::new(&folded));
            }
        }
        Node::Char(c)
    }

    pub(super) fn class_node(&self, class: ClassUnicode) -> Node {
        Node::Set(Set::new(&class))
    }

    /// Does a true `{n}`, `{n,}` or `{n,m}` stand here?
    pub(super) fn is_counted(&self) -> bool {
        let mut rest = self.text.iter().skip(self.at.saturating_add(1));
        let mut digits = 0u32;
        let mut comma = false;
        loop {
            match rest.next() {
                Some(c) if c.is_ascii_digit() => digits += 1,
                Some(',') if digits > 0 && !comma => comma = true,
                Some('}') => return digits > 0,
                _ => return false,
            }
        }
    }

    pub(super) fn quantified(&mut self, item: Node) -> Result<Node> {
        self.skip_blank()?;
        let (min, max) = match self.peek() {
            Some('*') => (0, u32::MAX),
            Some('+') => (1, u32::MAX),
            Some('?') => (0, 1),
            Some('{') if self.is_counted() => {
                self.at += 1;
                let min = self.count()?;
                let max =
                    if self.eat(',') { if self.peek() == Some('}') { u32::MAX } else { self.count()? } } else { min };
                if min > max {
                    self.at += 1;
                    return Err(self.fail("Illegal {x,y} with x > y."));
                }
                (min, max)
            }
            _ => return Ok(item),
        };
        self.at += 1;
        self.skip_blank()?;
        let lazy = self.eat('?');
        self.skip_blank()?;
        if let Some(c) = self.peek().filter(|c| matches!(c, '*' | '+' | '?') || (*c == '{' && self.is_counted())) {
            self.at += 1;
            return Err(self.fail(&format!("Nested quantifier '{c}'.")));
        }
        Ok(Node::Loop { body: Box::new(item), min, max, lazy })
    }

    pub(super) fn count(&mut self) -> Result<u32> {
        let mut n = 0u32;
        while let Some(d) = self.peek().and_then(|c| c.to_digit(10)) {
            self.at += 1;
            n = n
                .checked_mul(10)
                .and_then(|n| n.checked_add(d))
                .filter(|n| *n <= i32::MAX.cast_unsigned())
                .ok_or_else(|| self.fail("Capture group numbers must be less than or equal to Int32.MaxValue."))?;
        }
        Ok(n)
    }

    pub(super) fn close(&mut self) -> Result<()> {
        if self.eat(')') { Ok(()) } else { Err(self.fail("Not enough )'s.")) }
    }

    pub(super) fn group(&mut self) -> Result<Option<Node>> {
        let saved = self.flags;
        let node = if !self.eat('?') {
            let group = if self.is(EXPLICIT_CAPTURE) {
                None
            } else {
                self.auto += 1;
                self.slot(self.auto - 1)
            };
            let body = self.alternatives()?;
            match group {
                Some(_) => Node::Capture { group, pops: None, body: Box::new(body) },
                None => body,
            }
        } else {
            match self.special_group()? {
                Some(node) => node,
                // `(?i)`: the flags stay.
                None => return Ok(None),
            }
        };
        self.close()?;
        self.flags = saved;
        Ok(Some(node))
    }

    pub(super) fn special_group(&mut self) -> Result<Option<Node>> {
        let look = |behind, negative, body| Node::Look { behind, negative, body: Box::new(body) };
        Ok(Some(match self.next() {
            Some(':') => self.alternatives()?,
            Some('>') => Node::Atomic(Box::new(self.alternatives()?)),
            Some('=') => look(false, false, self.alternatives()?),
            Some('!') => look(false, true, self.alternatives()?),
            Some('<') if self.eat('=') => look(true, false, self.alternatives()?),
            Some('<') if self.eat('!') => look(true, true, self.alternatives()?),
            Some('<') => self.named_group('>')?,
            Some('\'') => self.named_group('\'')?,
            Some('(') => self.conditional()?,
            Some(_) => {
                self.at -= 1;
                self.inline_flags();
                if self.eat(')') {
                    return Ok(None);
                }
                if !self.eat(':') {
                    self.at += usize::from(self.peek().is_some());
                    return Err(self.fail("Unrecognized grouping construct."));
                }
                self.alternatives()?
            }
            None => return Err(self.fail("Unrecognized grouping construct.")),
        }))
    }

    pub(super) fn inline_flags(&mut self) {
        let mut off = false;
        while let Some(c) = self.peek() {
            let flag = match c.to_ascii_lowercase() {
                '-' | '+' => {
                    off = c == '-';
                    self.at += 1;
                    continue;
                }
                'i' => IGNORE_CASE,
                'm' => MULTILINE,
                's' => SINGLELINE,
                'n' => EXPLICIT_CAPTURE,
                'x' => IGNORE_PATTERN_WHITESPACE,
                _ => return,
            };
            self.at += 1;
            if off {
                self.flags &= !flag;
            } else {
                self.flags |= flag;
            }
        }
    }

    /// Slot of a group given by name or number.
    pub(super) fn find(&self, name: &str) -> Result<usize> {
        match name.parse::<i32>() {
            Ok(n) => self.slot(n).ok_or_else(|| self.fail(&format!("Reference to undefined group number {n}."))),
            Err(_) => {
                let number = self.names.get(name).copied();
                number
                    .and_then(|n| self.slot(n))
                    .ok_or_else(|| self.fail(&format!("Reference to undefined group name '{name}'.")))
            }
        }
    }

    pub(super) fn named_group(&mut self, end: char) -> Result<Node> {
        let invalid = "Invalid group name: Group names must begin with a word character.";
        let mut group = None;
        match self.peek() {
            Some(c) if is_word(c) => {
                let name = self.word();
                if name == "0" {
                    return Err(self.fail("Capture number cannot be zero."));
                }
                if name.starts_with(|c: char| c.is_ascii_digit()) && name.parse::<i32>().is_err() {
                    return Err(self.fail(invalid));
                }
                if self.peek().is_none() {
                    return Err(self.fail("Unrecognized grouping construct."));
                }
                group = Some(self.find(&name)?);
            }
            Some('-') => {}
            Some(_) => {
                self.at += 1;
                return Err(self.fail(invalid));
            }
            None => return Err(self.fail("Unrecognized grouping construct.")),
        }
        let mut pops = None;
        if self.eat('-') {
            let name = self.word();
            if name.is_empty() {
                return Err(self.fail(invalid));
            }
            pops = Some(self.find(&name)?);
        }
        if !self.eat(end) {
            self.at += usize::from(self.peek().is_some());
            return Err(self.fail(invalid));
        }
        Ok(Node::Capture { group, pops, body: Box::new(self.alternatives()?) })
    }

    pub(super) fn conditional(&mut self) -> Result<Node> {
        let start = self.at;
        let name = self.word();
        let group = if name.is_empty() || self.peek() != Some(')') {
            None
        } else if name.starts_with(|c: char| c.is_ascii_digit()) {
            self.at += 1;
            let number = name.parse::<i32>().ok().and_then(|n| self.slot(n));
            Some(number.ok_or_else(|| self.fail(&format!("(?({name}) ) reference to undefined group.")))?)
        } else {
            self.names.get(&name).and_then(|n| self.slot(*n))
        };
        let (yes, no);
        if let Some(group) = group {
            if !name.starts_with(|c: char| c.is_ascii_digit()) {
                self.at += 1;
            }
            (yes, no) = self.branches()?;
            return Ok(Node::IfGroup { group, yes: Box::new(yes), no: Box::new(no) });
        }
        self.at = start;
        let saved = self.flags;
        let test = if self.eat('?') {
            match self.special_group()? {
                Some(node) => node,
                None => return Err(self.fail("Alternation conditions cannot be comments.")),
            }
        } else {
            let body = self.alternatives()?;
            Node::Look { behind: false, negative: false, body: Box::new(body) }
        };
        self.close()?;
        self.flags = saved;
        (yes, no) = self.branches()?;
        Ok(Node::IfLook { test: Box::new(test), yes: Box::new(yes), no: Box::new(no) })
    }

    pub(super) fn branches(&mut self) -> Result<(Node, Node)> {
        let yes = self.concatenation()?;
        let no = if self.eat('|') { self.concatenation()? } else { Node::Empty };
        if self.peek() == Some('|') {
            return Err(self.fail("Too many | in (?()|)."));
        }
        Ok((yes, no))
    }
}

/// `Regex.Unescape`.
pub(super) fn unescape(text: &str) -> Result<String> {
    let chars = regex_units::pattern(text);
    let mut p = Parser { text: chars, at: 0, flags: 0, auto: 1, numbers: vec![], names: BTreeMap::new(), depth: 0 };
    let mut out = String::with_capacity(text.len());
    while let Some(c) = p.next() {
        match c {
            // One at the end says nothing.
            '\\' if p.peek().is_none() => {}
            '\\' => out.push(p.char_escape()?),
            c => out.push(c),
        }
    }
    Ok(utf16::mend(out))
}
