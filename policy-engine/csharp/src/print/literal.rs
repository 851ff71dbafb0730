//! Literals and interpolated strings.
use super::Printer;
use crate::ast::{IntLiteral, IntSuffix, InterpolatedPart, InterpolationHole, Literal, Radix, StringLiteral};

/// Where a character stands decides what must be escaped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Char,
    String,
    /// Text of an interpolated string, or a hole's format: braces are doubled.
    Interpolated,
}

impl Printer {
    pub(super) fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.put("null"),
            Literal::Bool(value) => self.put(if *value { "true" } else { "false" }),
            Literal::Int(int) => self.int(*int),
            Literal::Float { text, .. } | Literal::Double { text, .. } | Literal::Decimal { text, .. } => {
                self.put(text)
            }
            Literal::Char(unit) => {
                self.put("'");
                self.units(&[*unit], Quoting::Char);
                self.put("'");
            }
            Literal::String(text) => {
                self.put("\"");
                self.string(text, Quoting::String);
                self.put("\"");
            }
        }
    }

    fn int(&mut self, int: IntLiteral) {
        let digits = match int.radix {
            Radix::Binary => format!("0b{:b}", int.value),
            Radix::Decimal => int.value.to_string(),
            Radix::Hex => format!("0x{:X}", int.value),
        };
        self.put(&digits);
        self.put(match int.suffix {
            IntSuffix::None => "",
            IntSuffix::U => "U",
            IntSuffix::L => "L",
            IntSuffix::UL => "UL",
        });
    }

    fn string(&mut self, text: &StringLiteral, quoting: Quoting) {
        match &text.utf16 {
            Some(units) => self.units(units, quoting),
            None => text.value.chars().for_each(|c| self.character(c, quoting)),
        }
    }

    fn units(&mut self, units: &[u16], quoting: Quoting) {
        for unit in char::decode_utf16(units.iter().copied()) {
            match unit {
                Ok(c) => self.character(c, quoting),
                Err(lone) => self.put(&format!("\\u{:04X}", lone.unpaired_surrogate())),
            }
        }
    }

    fn character(&mut self, c: char, quoting: Quoting) {
        match c {
            '\\' => self.put("\\\\"),
            '"' if quoting != Quoting::Char => self.put("\\\""),
            '\'' if quoting == Quoting::Char => self.put("\\'"),
            '{' | '}' if quoting == Quoting::Interpolated => {
                self.out.push(c);
                self.out.push(c);
            }
            '\n' => self.put("\\n"),
            '\r' => self.put("\\r"),
            '\t' => self.put("\\t"),
            c if c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric() => self.out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    self.put(&format!("\\u{unit:04X}"));
                }
            }
        }
    }

    pub(super) fn interpolated(&mut self, parts: &[InterpolatedPart]) {
        self.put("$\"");
        for part in parts {
            match part {
                InterpolatedPart::Text(text) => self.string(text, Quoting::Interpolated),
                InterpolatedPart::Hole(hole) => self.hole(hole),
            }
        }
        self.put("\"");
    }

    fn hole(&mut self, hole: &InterpolationHole) {
        // The space keeps a hole that starts with a brace apart from a doubled brace.
        self.put("{ ");
        self.expr(&hole.value);
        if let Some(alignment) = &hole.alignment {
            self.put(", ");
            self.expr(alignment);
        }
        if let Some(format) = &hole.format {
            self.put(":");
            match format.value.strip_prefix(':') {
                Some(rest) if format.utf16.is_none() => {
                    // `::` would be read as one token.
                    self.put("\\u003A");
                    rest.chars().for_each(|c| self.character(c, Quoting::Interpolated));
                }
                _ => self.string(format, Quoting::Interpolated),
            }
            self.put("}");
        } else {
            self.put(" }");
        }
    }
}
