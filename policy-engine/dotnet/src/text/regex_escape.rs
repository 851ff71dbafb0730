//! Escapes and `[sets]` of .NET patterns; the second half of [`super::regex_parse`].
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::regex_parse::options::{ECMA_SCRIPT, IGNORE_CASE};
use super::regex_parse::{MAX_DEPTH, Parser, is_word};
use super::regex_tree::{Assertion, Node, digit, fold, negate, property, space, word};
use super::regex_units;
use crate::exception::{Exception, Result};

impl Parser {
    // === escapes ===

    pub(super) fn escape(&mut self) -> Result<Node> {
        let ecma = self.is(ECMA_SCRIPT);
        let Some(c) = self.peek() else { return Err(self.fail("Illegal \\\\ at end of pattern.")) };
        let assertion = match c {
            'b' => Some(if ecma { Assertion::EcmaBoundary } else { Assertion::Boundary }),
            'B' => Some(if ecma { Assertion::EcmaNotBoundary } else { Assertion::NotBoundary }),
            'A' => Some(Assertion::Start),
            'z' => Some(Assertion::End),
            'Z' => Some(Assertion::EndOrLastNewline),
            'G' => Some(Assertion::SearchStart),
            _ => None,
        };
        if let Some(a) = assertion {
            self.at += 1;
            return Ok(Node::Assert(a));
        }
        if let Some(class) = self.shorthand()? {
            return Ok(self.class_node(if self.is(IGNORE_CASE) { fold(class) } else { class }));
        }
        if let Some(node) = self.backreference()? {
            return Ok(node);
        }
        let c = self.char_escape()?;
        Ok(self.literal(c))
    }

    /// `\d \w \s` and their opposites, `\p{..}`; nothing is read otherwise.
    pub(super) fn shorthand(&mut self) -> Result<Option<ClassUnicode>> {
        let ecma = self.is(ECMA_SCRIPT);
        let class = match self.peek() {
            Some('d') => digit(ecma),
            Some('D') => negate(digit(ecma)),
            Some('w') => word(ecma),
            Some('W') => negate(word(ecma)),
            Some('s') => space(ecma),
            Some('S') => negate(space(ecma)),
            Some('p' | 'P') => {
                let negative = self.next() == Some('P');
                if self.peek().is_none() {
                    return Err(self.fail("Incomplete \\p{X} character escape."));
                }
                if !self.eat('{') {
                    self.at += 1;
                    return Err(self.fail("Malformed \\p{X} character escape."));
                }
                let mut name = String::new();
                while let Some(c) = self.peek().filter(|c| is_word(*c) || *c == '-') {
                    name.push(c);
                    self.at += 1;
                }
                if !self.eat('}') {
                    return Err(self.fail("Incomplete \\p{X} character escape."));
                }
                let class = property(&name).ok_or_else(|| self.fail(&format!("Unknown property '{name}'.")))?;
                return Ok(Some(if negative { negate(class) } else { class }));
            }
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(class))
    }

    fn backreference(&mut self) -> Result<Option<Node>> {
        let ignore_case = self.is(IGNORE_CASE);
        let start = self.at;
        let (end, named) = match (self.peek(), self.peek_at(1)) {
            (Some('k'), Some('<')) => ('>', 2),
            (Some('k'), Some('\'')) => ('\'', 2),
            (Some('k'), _) => {
                self.at += 1;
                return Err(self.fail("Malformed \\\\k<...> named back reference."));
            }
            (Some('<'), Some(_)) => ('>', 1),
            (Some('\''), Some(_)) => ('\'', 1),
            _ => (' ', 0),
        };
        if named > 0 {
            self.at += named;
            let name = self.word();
            if !name.is_empty() && self.eat(end) {
                return Ok(Some(Node::Backreference { group: self.find(&name)?, ignore_case }));
            }
            if named == 2 {
                return Err(self.fail("Malformed \\\\k<...> named back reference."));
            }
            self.at = start;
            return Ok(None);
        }
        let Some(first) = self.peek().and_then(|c| c.to_digit(10)).filter(|d| *d != 0) else { return Ok(None) };
        let mut number = 0u32;
        while let Some(d) = self.peek().and_then(|c| c.to_digit(10)) {
            let Some(next) = number.checked_mul(10).and_then(|n| n.checked_add(d)) else { break };
            // ECMAScript takes as many digits as make a group.
            if self.is(ECMA_SCRIPT) && number > 0 && self.slot(i32::try_from(next).unwrap_or(-1)).is_none() {
                break;
            }
            number = next;
            self.at += 1;
        }
        if let Some(group) = i32::try_from(number).ok().and_then(|n| self.slot(n)) {
            return Ok(Some(Node::Backreference { group, ignore_case }));
        }
        if number <= 9 && !self.is(ECMA_SCRIPT) {
            return Err(self.fail(&format!("Reference to undefined group number {first}.")));
        }
        self.at = start;
        Ok(None)
    }

    /// One character by escape; shared with `Regex.Unescape`.
    pub(super) fn char_escape(&mut self) -> Result<char> {
        let Some(c) = self.next() else { return Err(self.fail("Illegal \\\\ at end of pattern.")) };
        Ok(match c {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'e' => '\u{1B}',
            'f' => '\u{C}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{B}',
            'x' => self.hex(2)?,
            'u' => self.unicode()?,
            'c' => self.control()?,
            '0'..='7' => self.octal(c),
            c if is_word(c) => return Err(self.fail(&format!("Unrecognized escape sequence \\\\{c}."))),
            c => c,
        })
    }

    fn hex_value(&mut self, digits: usize) -> Result<u32> {
        let mut n = 0u32;
        for _ in 0..digits {
            let d = self.peek().and_then(|c| c.to_digit(16));
            let Some(d) = d else { return Err(self.fail("Insufficient hexadecimal digits.")) };
            self.at += 1;
            n = n << 4 | d;
        }
        Ok(n)
    }

    fn hex(&mut self, digits: usize) -> Result<char> {
        Ok(char::from_u32(self.hex_value(digits)?).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// `\uXXXX`: one code unit.
    fn unicode(&mut self) -> Result<char> {
        Ok(regex_units::unit(self.hex_value(4)?))
    }

    fn control(&mut self) -> Result<char> {
        let Some(c) = self.next() else { return Err(self.fail("Missing control character.")) };
        let code = u32::from(c.to_ascii_uppercase()).wrapping_sub(u32::from('@'));
        if code < u32::from(' ') {
            return Ok(char::from_u32(code).unwrap_or('\0'));
        }
        Err(self.fail("Unrecognized control character."))
    }

    fn octal(&mut self, first: char) -> char {
        let mut n = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let Some(d) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            if self.is(ECMA_SCRIPT) && n >= 0x20 {
                break;
            }
            self.at += 1;
            n = n << 3 | d;
        }
        char::from_u32(n & 0xFF).unwrap_or('\0')
    }

    // === [sets] ===

    pub(super) fn set(&mut self) -> Result<ClassUnicode> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Exception::limit(format!("a regular expression nests deeper than {MAX_DEPTH} groups")));
        }
        let negative = self.eat('^');
        let mut class = ClassUnicode::empty();
        let mut subtract = None;
        let mut first = true;
        loop {
            let Some(c) = self.next() else { return Err(self.fail("Unterminated [] set.")) };
            if c == ']' && !first {
                break;
            }
            if subtract.is_some() {
                return Err(self.fail("A subtraction must be the last element in a character class."));
            }
            if c == '-' && !first && self.peek() == Some('[') {
                self.at += 1;
                subtract = Some(self.set()?);
                continue;
            }
            first = false;
            self.set_item(c, &mut class, &mut subtract)?;
        }
        self.depth -= 1;
        if self.is(IGNORE_CASE) {
            class = fold(class);
        }
        if negative {
            class.negate();
        }
        if let Some(s) = subtract {
            class.difference(&s);
        }
        Ok(class)
    }

    pub(super) fn set_item(
        &mut self,
        c: char,
        class: &mut ClassUnicode,
        subtract: &mut Option<ClassUnicode>,
    ) -> Result<()> {
        let from = if c == '\\' {
            if let Some(short) = self.shorthand()? {
                class.union(&short);
                return Ok(());
            }
            match self.peek() {
                Some('-') => {
                    self.at += 1;
                    '-'
                }
                _ => self.char_escape()?,
            }
        } else {
            c
        };
        if self.peek() != Some('-') || matches!(self.peek_at(1), Some(']') | None) {
            class.push(ClassUnicodeRange::new(from, from));
            return Ok(());
        }
        if self.peek_at(1) == Some('[') {
            class.push(ClassUnicodeRange::new(from, from));
            self.at += 2;
            *subtract = Some(self.set()?);
            return Ok(());
        }
        self.at += 1;
        let mut to = self.next().unwrap_or(']');
        if to == '\\' {
            if matches!(self.peek(), Some('d' | 'D' | 'w' | 'W' | 's' | 'S' | 'p' | 'P')) {
                let text = self.next().unwrap_or('w');
                return Err(self.fail(&format!("Cannot include class \\\\{text} in character range.")));
            }
            to = if self.eat('-') { '-' } else { self.char_escape()? };
        }
        let Some(range) = regex_units::range(from, to) else {
            return Err(self.fail("[x-y] range in reverse order."));
        };
        class.union(&range);
        Ok(())
    }
}
