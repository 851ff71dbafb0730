//! Number literals.
use std::str::FromStr;

use rust_decimal::Decimal;

use super::Lexer;
use crate::ast::{IntLiteral, IntSuffix, Literal, Radix};
use crate::parser::codes::{self, Rule};
use crate::span::Span;
use crate::token::TokenKind;

impl Lexer<'_> {
    pub(super) fn number(&mut self, start: u32) {
        let radix = match (self.cursor.byte(0), self.cursor.byte(1)) {
            (Some(b'0'), Some(b'x' | b'X')) => Radix::Hex,
            (Some(b'0'), Some(b'b' | b'B')) => Radix::Binary,
            _ => Radix::Decimal,
        };
        match radix {
            Radix::Decimal => self.decimal_number(start),
            Radix::Hex | Radix::Binary => {
                self.cursor.skip(2);
                let digits_start = self.cursor.pos();
                self.cursor.eat_while(|c| {
                    c == '_' || if radix == Radix::Hex { c.is_ascii_hexdigit() } else { c.is_ascii_digit() }
                });
                let digits = self.cursor.slice_from(digits_start).to_owned();
                self.integer(start, &digits, radix);
            }
        }
    }

    fn decimal_number(&mut self, start: u32) {
        self.digits();
        let mut real = false;
        if self.cursor.byte(0) == Some(b'.') && self.cursor.byte(1).is_some_and(|b| b.is_ascii_digit()) {
            real = true;
            self.cursor.skip(1);
            self.digits();
        }
        if self.exponent_follows() {
            real = true;
            self.cursor.skip(1);
            if matches!(self.cursor.byte(0), Some(b'+' | b'-')) {
                self.cursor.skip(1);
            }
            let exponent_start = self.cursor.pos();
            self.digits();
            if self.cursor.pos() == exponent_start {
                return self.bad_number(start, codes::INVALID_REAL, "digits are missing after the exponent mark");
            }
        }
        let written = self.cursor.slice_from(start).to_owned();
        match self.cursor.byte(0) {
            Some(suffix @ (b'f' | b'F' | b'd' | b'D' | b'm' | b'M')) => {
                self.cursor.skip(1);
                self.real(start, &written, suffix.to_ascii_lowercase());
            }
            _ if real => self.real(start, &written, b'd'),
            _ => self.integer(start, &written, Radix::Decimal),
        }
    }

    fn digits(&mut self) {
        self.cursor.eat_while(|c| c.is_ascii_digit() || c == '_');
    }

    /// `1e5`, `1e+5`, and `1e` which is an error; but not `1else`.
    fn exponent_follows(&self) -> bool {
        let mut after = self.cursor.rest().chars();
        matches!(after.next(), Some('e' | 'E'))
            && match after.next() {
                Some('+' | '-') => true,
                Some(c) => c.is_ascii_digit() || !super::is_identifier_part(c),
                None => true,
            }
    }

    fn integer(&mut self, start: u32, digits: &str, radix: Radix) {
        let suffix = self.integer_suffix();
        let plain: String = digits.chars().filter(|c| *c != '_').collect();
        if plain.is_empty() || digits.ends_with('_') {
            return self.bad_number(start, codes::INVALID_NUMBER, "this is not a number");
        }
        let base = match radix {
            Radix::Binary => 2,
            Radix::Decimal => 10,
            Radix::Hex => 16,
        };
        if radix == Radix::Binary && plain.contains(|c| !matches!(c, '0' | '1')) {
            return self.bad_number(start, codes::INVALID_NUMBER, "a binary number has only the digits 0 and 1");
        }
        match u64::from_str_radix(&plain, base) {
            Ok(value) => {
                self.push_literal(TokenKind::Literal, start, Literal::Int(IntLiteral { value, suffix, radix }))
            }
            Err(_) => self.bad_number(start, codes::INTEGER_TOO_LARGE, "this integer is too large for any type"),
        }
    }

    fn integer_suffix(&mut self) -> IntSuffix {
        let start = self.cursor.pos();
        let (suffix, length) = match (self.cursor.byte(0), self.cursor.byte(1)) {
            (Some(b'u' | b'U'), Some(b'l' | b'L')) | (Some(b'l' | b'L'), Some(b'u' | b'U')) => (IntSuffix::UL, 2),
            (Some(b'u' | b'U'), _) => (IntSuffix::U, 1),
            (Some(b'l' | b'L'), _) => (IntSuffix::L, 1),
            _ => return IntSuffix::None,
        };
        self.cursor.skip(length);
        if suffix == IntSuffix::L && self.cursor.slice_from(start) == "l" {
            let span = self.span_from(start);
            let message = "the suffix `l` is easily mistaken for the digit 1";
            self.report(codes::LOWER_L_SUFFIX, span, message, |mut d| {
                d.severity = crate::diagnostic::Severity::Warning;
                d.help("write `L`")
            });
        }
        suffix
    }

    fn real(&mut self, start: u32, written: &str, suffix: u8) {
        let plain: String = written.chars().filter(|c| *c != '_').collect();
        if ends_in_separator(written) {
            return self.bad_number(start, codes::INVALID_NUMBER, "`_` can only stand between digits");
        }
        let text = self.name(self.cursor.slice_from(start));
        let (literal, ty) = match suffix {
            b'f' => (
                plain.parse().ok().filter(|v: &f32| v.is_finite()).map(|value| Literal::Float { value, text }),
                "float",
            ),
            b'm' => (parse_decimal(&plain).map(|value| Literal::Decimal { value, text }), "decimal"),
            _ => (
                plain.parse().ok().filter(|v: &f64| v.is_finite()).map(|value| Literal::Double { value, text }),
                "double",
            ),
        };
        match literal {
            Some(literal) => self.push_literal(TokenKind::Literal, start, literal),
            None => {
                self.bad_number(start, codes::REAL_TOO_LARGE, format!("this number is outside the range of `{ty}`"))
            }
        }
    }

    fn bad_number(&mut self, start: u32, rule: Rule, message: impl Into<String>) {
        let span = Span::new(start, self.cursor.pos());
        self.report(rule, span, message, |d| d);
        self.push(TokenKind::BadLiteral, start);
    }
}

/// True when a `_` has no digit after it.
fn ends_in_separator(written: &str) -> bool {
    let bytes = written.as_bytes();
    bytes.windows(2).any(|pair| matches!(pair, [b'_', next] if !next.is_ascii_digit() && *next != b'_'))
        || written.ends_with('_')
        || bytes.windows(2).any(|pair| matches!(pair, [b'.' | b'e' | b'E' | b'+' | b'-', b'_']))
}

/// Keeps trailing zeros, which a `decimal` remembers. More digits than fit are rounded, too large a value is `None`.
fn parse_decimal(plain: &str) -> Option<Decimal> {
    if plain.contains(['e', 'E']) { Decimal::from_scientific(plain).ok() } else { Decimal::from_str(plain).ok() }
}
