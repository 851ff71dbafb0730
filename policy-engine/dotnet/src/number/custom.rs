//! Custom numeric formats: `0 # . , % ‰ E0`, quoted text, escapes and up to three sections. Follows .NET's own formatter step by step.
use super::digits::{Digits, Kind};
use super::standard::exponent;

const GROUP: i32 = 3;
const NO_DIGIT: i32 = i32::MAX;
const EXPONENT_WIDTH_LIMIT: usize = 10;

/// Formats the digits by a custom format.
pub(super) fn format(mut n: Digits, format: &str) -> String {
    let format: Vec<char> = format.chars().collect();
    let mut section = find_section(&format, if n.is_zero() { 2 } else { usize::from(n.negative) });
    let mut plan = Plan::read(&format, section);
    if n.is_zero() {
        if n.kind != Kind::Float {
            n.negative = false;
        }
        n.scale = 0;
    } else {
        n.scale = n.scale.saturating_add(plan.scale_adjust);
        n.round(plan.digits_kept(n.scale), false);
        if n.is_zero() {
            let zero = find_section(&format, 2);
            if zero != section {
                section = zero;
                plan = Plan::read(&format, section);
                n.scale = 0;
            }
        }
    }
    let mut out = Writer::new(&n, &plan);
    let is_signed = n.negative && section == 0;
    if is_signed {
        out.text.push('-');
    }
    out.run(&format, section);
    // Nothing was written: nothing has no sign.
    if is_signed && out.text == "-" { String::new() } else { out.text }
}

/// Start of the section for zero (2), negative (1) or positive (0) numbers; the first if it is missing or empty.
fn find_section(format: &[char], mut wanted: usize) -> usize {
    let mut at = 0;
    while wanted > 0 {
        let Some(&c) = format.get(at) else { return 0 };
        at += 1;
        match c {
            '\'' | '"' => at = after_quote(format, at, c),
            '\\' => at += 1,
            ';' => {
                wanted -= 1;
                if wanted == 0 && format.get(at).is_none_or(|c| *c == ';') {
                    return 0;
                }
            }
            _ => {}
        }
    }
    at
}

fn after_quote(format: &[char], mut at: usize, quote: char) -> usize {
    while let Some(&c) = format.get(at) {
        at += 1;
        if c == quote {
            break;
        }
    }
    at
}

/// Does `E` at `at - 1` begin an exponent?
fn is_exponent(format: &[char], at: usize) -> bool {
    match format.get(at) {
        Some('0') => true,
        Some('+' | '-') => format.get(at + 1) == Some(&'0'),
        _ => false,
    }
}

/// What a section says: where its digits are.
struct Plan {
    digit_count: i32,
    decimal_pos: i32,
    first_digit: i32,
    last_digit: i32,
    scientific: bool,
    grouped: bool,
    scale_adjust: i32,
}

impl Plan {
    fn read(format: &[char], section: usize) -> Plan {
        let mut p = Plan {
            digit_count: 0,
            decimal_pos: -1,
            first_digit: NO_DIGIT,
            last_digit: 0,
            scientific: false,
            grouped: false,
            scale_adjust: 0,
        };
        let (mut comma_pos, mut comma_count, mut at) = (-1, 0, section);
        while let Some(&c) = format.get(at).filter(|c| **c != ';') {
            at += 1;
            match c {
                '#' => p.digit_count += 1,
                '0' => {
                    if p.first_digit == NO_DIGIT {
                        p.first_digit = p.digit_count;
                    }
                    p.digit_count += 1;
                    p.last_digit = p.digit_count;
                }
                '.' if p.decimal_pos < 0 => p.decimal_pos = p.digit_count,
                ',' if p.digit_count > 0 && p.decimal_pos < 0 => {
                    if comma_pos == p.digit_count {
                        comma_count += 1;
                    } else {
                        p.grouped |= comma_pos >= 0;
                        (comma_pos, comma_count) = (p.digit_count, 1);
                    }
                }
                '%' => p.scale_adjust += 2,
                '‰' => p.scale_adjust += 3,
                '\'' | '"' => at = after_quote(format, at, c),
                '\\' => at += 1,
                'E' | 'e' if is_exponent(format, at) => {
                    at += 1;
                    while format.get(at) == Some(&'0') {
                        at += 1;
                    }
                    p.scientific = true;
                }
                _ => {}
            }
        }
        if p.decimal_pos < 0 {
            p.decimal_pos = p.digit_count;
        }
        if comma_pos == p.decimal_pos {
            p.scale_adjust -= 3 * comma_count;
        } else {
            p.grouped |= comma_pos >= 0;
        }
        p
    }

    fn digits_kept(&self, scale: i32) -> i32 {
        if self.scientific {
            self.digit_count
        } else {
            scale.saturating_add(self.digit_count).saturating_sub(self.decimal_pos)
        }
    }
}

struct Writer<'a> {
    text: String,
    n: &'a Digits,
    plan: &'a Plan,
    /// Zeros are forced from here on the left, and up to here on the right.
    first: i32,
    last: i32,
    digit_pos: i32,
    adjust: i32,
    cursor: usize,
    /// Separators stand before these positions.
    groups: Vec<i32>,
    scientific: bool,
    point_written: bool,
}

impl<'a> Writer<'a> {
    fn new(n: &'a Digits, plan: &'a Plan) -> Writer<'a> {
        let first = if plan.first_digit < plan.decimal_pos { plan.decimal_pos - plan.first_digit } else { 0 };
        let last = if plan.last_digit > plan.decimal_pos { plan.decimal_pos - plan.last_digit } else { 0 };
        let (digit_pos, adjust) = if plan.scientific {
            (plan.decimal_pos, 0)
        } else {
            (n.scale.max(plan.decimal_pos), n.scale.saturating_sub(plan.decimal_pos))
        };
        let mut groups = Vec::new();
        if plan.grouped {
            let digits = first.max(digit_pos.saturating_add(adjust.min(0)));
            let mut at = GROUP;
            while digits > at {
                groups.push(at);
                at = at.saturating_add(GROUP);
            }
        }
        let scientific = plan.scientific;
        Writer {
            text: String::new(),
            n,
            plan,
            first,
            last,
            digit_pos,
            adjust,
            cursor: 0,
            groups,
            scientific,
            point_written: false,
        }
    }

    fn next_digit(&mut self) -> Option<char> {
        let d = self.n.digits.get(self.cursor)?;
        self.cursor += 1;
        Some(char::from(*d))
    }

    fn push_digit(&mut self, c: char) {
        self.text.push(c);
        if self.digit_pos > 1 && self.groups.last().is_some_and(|g| self.digit_pos == g.saturating_add(1)) {
            self.text.push(',');
            self.groups.pop();
        }
    }

    fn run(&mut self, format: &[char], section: usize) {
        let mut at = section;
        while let Some(&c) = format.get(at).filter(|c| **c != ';') {
            at += 1;
            if matches!(c, '#' | '0' | '.') {
                while self.adjust > 0 {
                    let d = self.next_digit().unwrap_or('0');
                    self.push_digit(d);
                    self.digit_pos -= 1;
                    self.adjust -= 1;
                }
            }
            match c {
                '#' | '0' => self.placeholder(),
                '.' => self.point(),
                ',' => {}
                '\'' | '"' => {
                    while let Some(&q) = format.get(at) {
                        at += 1;
                        if q == c {
                            break;
                        }
                        self.text.push(q);
                    }
                }
                '\\' => {
                    if let Some(&q) = format.get(at) {
                        self.text.push(q);
                        at += 1;
                    }
                }
                'E' | 'e' => at = self.exponent(format, at, c),
                c => self.text.push(c),
            }
        }
    }

    fn placeholder(&mut self) {
        let c = if self.adjust < 0 {
            self.adjust += 1;
            (self.digit_pos <= self.first).then_some('0')
        } else {
            let forced = (self.digit_pos > self.last).then_some('0');
            self.next_digit().or(forced)
        };
        if let Some(c) = c {
            self.push_digit(c);
        }
        self.digit_pos -= 1;
    }

    fn point(&mut self) {
        if self.digit_pos != 0 || self.point_written {
            return;
        }
        let digits_left = self.cursor < self.n.digits.len();
        if self.last < 0 || (self.plan.decimal_pos < self.plan.digit_count && digits_left) {
            self.text.push('.');
            self.point_written = true;
        }
    }

    fn exponent(&mut self, format: &[char], mut at: usize, mark: char) -> usize {
        if self.scientific && is_exponent(format, at) {
            let sign = format.get(at).copied();
            if sign != Some('0') {
                at += 1;
            }
            let start = at;
            while format.get(at) == Some(&'0') {
                at += 1;
            }
            let e = if self.n.is_zero() { 0 } else { self.n.scale.saturating_sub(self.plan.decimal_pos) };
            let width = (at - start).min(EXPONENT_WIDTH_LIMIT);
            exponent(&mut self.text, e, mark, width, sign == Some('+'));
            self.scientific = false;
            return at;
        }
        self.text.push(mark);
        if let Some(&c) = format.get(at).filter(|c| matches!(c, '+' | '-') && !self.plan.scientific) {
            self.text.push(c);
            at += 1;
        }
        while format.get(at) == Some(&'0') && !self.scientific {
            self.text.push('0');
            at += 1;
        }
        at
    }
}
