//! Reads Newtonsoft's dialect of JSONPath: fields, wildcards, indexes, slices, recursive descent, filters.
use std::sync::Arc;

use super::path_filter::{Comparison, Expression, Filter, Operand, run};
use super::scalar::{Kind, Scalar};
use super::token::Token;
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::value::{Str, Value};

/// Longest path and deepest filter that are read.
const MAX_LENGTH: usize = 64 * 1024;
const MAX_DEPTH: usize = 64;
const OPEN_INDEXER: &str = "Path ended with open indexer.";
const OPEN_QUERY: &str = "Path ended with open query.";

/// Is it a path that means the token itself?
pub(super) fn is_root(path: &str) -> bool {
    matches!(path.trim_matches(' '), "" | "$")
}

/// Tokens that a path selects. `must` makes a missing step an exception.
pub(super) fn select(
    cx: &mut dyn Ambient,
    token: &Arc<Token>,
    path: Option<Str>,
    must: bool,
) -> Result<Vec<Arc<Token>>> {
    let path = path.ok_or_else(|| Exception::argument_null("expression"))?;
    if path.len() > MAX_LENGTH {
        return Err(Exception::limit("a JSON path may have at most 65536 characters"));
    }
    cx.charge_steps(u64::try_from(path.len()).unwrap_or(u64::MAX))?;
    let filters = parse(&path)?;
    run(cx, token, vec![token.clone()], &filters, must)
}

/// Filters of a path, in order.
fn parse(path: &str) -> Result<Vec<Filter>> {
    let mut p = Parser { chars: path.chars().collect(), at: 0, depth: 0 };
    let mut filters = Vec::new();
    let mut start = p.at;
    p.skip_space();
    if p.at >= p.chars.len() {
        return Ok(filters);
    }
    if p.peek() == Some('$') {
        if p.chars.len() == 1 {
            return Ok(filters);
        }
        // A name may begin with `$`: only `$.` and `$[` mean the root.
        if matches!(p.chars.get(p.at.saturating_add(1)), Some('.' | '[')) {
            p.at = p.at.saturating_add(1);
            start = p.at;
        }
    }
    if !p.path(&mut filters, start, false)? {
        let last = p.peek();
        p.skip_space();
        if p.at < p.chars.len() {
            return Err(error(&format!("Unexpected character while parsing path: {}", last.unwrap_or('\0'))));
        }
    }
    Ok(filters)
}

fn error(text: &str) -> Exception {
    Exception::json(text)
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn skip_space(&mut self) {
        while self.peek() == Some(' ') {
            self.step();
        }
    }

    fn need(&self, text: &str) -> Result<char> {
        self.peek().ok_or_else(|| error(text))
    }

    fn text(&self, start: usize, end: usize) -> String {
        self.chars.get(start..end).unwrap_or_default().iter().collect()
    }

    /// Reads steps; says whether the path ended with the text.
    fn path(&mut self, filters: &mut Vec<Filter>, mut start: usize, query: bool) -> Result<bool> {
        let (mut scan, mut after_indexer, mut after_dot, mut ended) = (false, false, false, false);
        while let Some(c) = self.peek().filter(|_| !ended) {
            match c {
                '[' | '(' => {
                    if self.at > start {
                        filters.push(field(self.text(start, self.at), scan));
                        scan = false;
                    }
                    let indexer = self.indexer(c, scan)?;
                    filters.push(indexer);
                    scan = false;
                    self.step();
                    start = self.at;
                    (after_indexer, after_dot) = (true, false);
                }
                ']' | ')' | ' ' => ended = true,
                '.' => {
                    if self.at > start {
                        filters.push(field(self.text(start, self.at), scan));
                        scan = false;
                    }
                    if self.chars.get(self.at.saturating_add(1)) == Some(&'.') {
                        scan = true;
                        self.step();
                    }
                    self.step();
                    start = self.at;
                    (after_indexer, after_dot) = (false, true);
                }
                '=' | '<' | '!' | '>' | '|' | '&' if query => ended = true,
                c if after_indexer => return Err(error(&format!("Unexpected character following indexer: {c}"))),
                _ => self.step(),
            }
        }
        let at_end = self.at >= self.chars.len();
        if self.at > start {
            filters.push(field(self.text(start, self.at).trim_end().to_owned(), scan));
        } else if after_dot && (at_end || query) {
            return Err(error("Unexpected end while parsing path."));
        }
        Ok(at_end)
    }

    fn indexer(&mut self, open: char, scan: bool) -> Result<Filter> {
        self.step();
        let close = if open == '[' { ']' } else { ')' };
        self.need(OPEN_INDEXER)?;
        self.skip_space();
        match self.need(OPEN_INDEXER)? {
            '\'' => self.quoted_fields(close, scan),
            '?' => self.query(close, scan),
            _ => self.array_indexer(close),
        }
    }

    fn quoted_fields(&mut self, close: char, scan: bool) -> Result<Filter> {
        let mut names = Vec::new();
        while self.at < self.chars.len() {
            let name = self.quoted()?;
            self.skip_space();
            names.push(Str::from(name));
            match self.need(OPEN_INDEXER)? {
                c if c == close => {
                    return Ok(match <[Str; 1]>::try_from(names) {
                        Ok([name]) if scan => Filter::Scan(Some(name)),
                        Ok([name]) => Filter::Field(Some(name)),
                        Err(names) if scan => Filter::ScanMultiple(names),
                        Err(names) => Filter::Fields(names),
                    });
                }
                ',' => {
                    self.step();
                    self.skip_space();
                }
                c => return Err(unexpected_in_indexer(c)),
            }
        }
        Err(error(OPEN_INDEXER))
    }

    fn array_indexer(&mut self, close: char) -> Result<Filter> {
        let (mut start, mut end): (usize, Option<usize>) = (self.at, None);
        let mut indexes: Option<Vec<i32>> = None;
        let (mut colons, mut parts) = (0_usize, [None; 3]);
        while let Some(c) = self.peek() {
            match c {
                ' ' => {
                    end = Some(self.at);
                    self.skip_space();
                }
                c if c == close => {
                    let number = self.number(start, end)?;
                    if let Some(mut indexes) = indexes {
                        indexes.push(number.ok_or_else(|| error("Array index expected."))?);
                        return Ok(Filter::Indexes(indexes));
                    }
                    if colons == 0 {
                        return Ok(Filter::Index(Some(number.ok_or_else(|| error("Array index expected."))?)));
                    }
                    set_part(&mut parts, colons, number);
                    let [from, to, step] = parts;
                    return Ok(Filter::Slice { from, to, step });
                }
                ',' => {
                    let number = self.number(start, end)?.ok_or_else(|| error("Array index expected."))?;
                    indexes.get_or_insert_default().push(number);
                    self.step();
                    self.skip_space();
                    (start, end) = (self.at, None);
                }
                '*' => {
                    self.step();
                    self.need(OPEN_INDEXER)?;
                    self.skip_space();
                    if self.need(OPEN_INDEXER)? != close {
                        return Err(unexpected_in_indexer(c));
                    }
                    return Ok(Filter::Index(None));
                }
                ':' => {
                    let number = self.number(start, end)?;
                    set_part(&mut parts, colons, number);
                    colons = colons.saturating_add(1);
                    self.step();
                    self.skip_space();
                    (start, end) = (self.at, None);
                }
                c if (c.is_ascii_digit() || c == '-') && end.is_none() => self.step(),
                c => return Err(unexpected_in_indexer(c)),
            }
        }
        Err(error(OPEN_INDEXER))
    }

    fn number(&self, start: usize, end: Option<usize>) -> Result<Option<i32>> {
        let text = self.text(start, end.unwrap_or(self.at));
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<i64>() {
            Ok(n) => i32::try_from(n)
                .map(Some)
                .map_err(|_| Exception::overflow_message("Value was either too large or too small for an Int32.")),
            Err(_) => Err(Exception::format("Input string was not in a correct format.")),
        }
    }

    // --- filters ---

    fn query(&mut self, close: char, scan: bool) -> Result<Filter> {
        self.step();
        match self.need(OPEN_INDEXER)? {
            '(' => self.step(),
            c => return Err(unexpected_in_indexer(c)),
        }
        let expression = self.expression()?;
        self.step();
        self.need(OPEN_INDEXER)?;
        self.skip_space();
        match self.need(OPEN_INDEXER)? {
            c if c == close => Ok(if scan { Filter::QueryScan(expression) } else { Filter::Query(expression) }),
            c => Err(unexpected_in_indexer(c)),
        }
    }

    /// Comparisons joined by `&&` and `||`. As in Newtonsoft a change of operator nests to the right.
    fn expression(&mut self) -> Result<Expression> {
        // Open groups, outermost first: is it an "and", and its members so far.
        let mut groups: Vec<(bool, Vec<Expression>)> = Vec::new();
        while self.at < self.chars.len() {
            let left = self.side()?;
            let comparison = match self.peek() {
                Some(')' | '|' | '&') => Expression::Exists(left),
                _ => {
                    let operator = self.operator()?;
                    Expression::Compare(left, operator, self.side()?)
                }
            };
            match self.peek() {
                Some(')') => return Ok(close_groups(groups, comparison)),
                Some(c @ ('&' | '|')) => {
                    let is_and = c == '&';
                    if !self.eat(if is_and { "&&" } else { "||" }) {
                        return Err(self.unexpected_in_query());
                    }
                    let too_deep = groups.len() >= MAX_DEPTH;
                    match groups.last_mut() {
                        Some((and, members)) if *and == is_and => members.push(comparison),
                        _ if too_deep => return Err(error("Path query is nested too deep.")),
                        _ => groups.push((is_and, vec![comparison])),
                    }
                }
                _ => {}
            }
        }
        Err(error(OPEN_QUERY))
    }

    fn eat(&mut self, word: &str) -> bool {
        let length = word.chars().count();
        let found =
            self.chars.get(self.at..self.at.saturating_add(length)).is_some_and(|c| c.iter().copied().eq(word.chars()));
        if found {
            self.at = self.at.saturating_add(length);
        }
        found
    }

    fn unexpected_in_query(&self) -> Exception {
        error(&format!("Unexpected character while parsing path query: {}", self.peek().unwrap_or('\0')))
    }

    fn side(&mut self) -> Result<Operand> {
        self.skip_space();
        let operand = match self.need(OPEN_QUERY)? {
            c @ ('$' | '@') => {
                self.step();
                if self.depth >= MAX_DEPTH {
                    return Err(error("Path query is nested too deep."));
                }
                self.depth = self.depth.saturating_add(1);
                let mut filters = Vec::new();
                let start = self.at;
                if self.path(&mut filters, start, true)? {
                    return Err(error(OPEN_QUERY));
                }
                self.depth = self.depth.saturating_sub(1);
                Operand::Path { from_root: c == '$', filters }
            }
            _ => self.constant()?,
        };
        self.skip_space();
        self.need(OPEN_QUERY)?;
        Ok(operand)
    }

    fn constant(&mut self) -> Result<Operand> {
        let scalar = match self.peek() {
            Some('\'') => Scalar::string(self.quoted()?),
            Some(c) if c.is_ascii_digit() || c == '-' => {
                let start = self.at;
                self.step();
                while self.peek().is_some_and(|c| c != ' ' && c != ')') {
                    self.step();
                }
                let text = self.text(start, self.at);
                let scalar = if text.contains(['.', 'E', 'e']) {
                    text.parse().ok().map(|n| Scalar::new(Kind::Float, Value::Double(n)))
                } else {
                    text.parse().ok().map(|n| Scalar::new(Kind::Integer, Value::Int64(n)))
                };
                match scalar {
                    Some(scalar) => scalar,
                    None => return Err(self.unexpected_in_query()),
                }
            }
            Some('t') if self.eat("true") => Scalar::new(Kind::Boolean, Value::Bool(true)),
            Some('f') if self.eat("false") => Scalar::new(Kind::Boolean, Value::Bool(false)),
            Some('n') if self.eat("null") => Scalar::NULL,
            Some('/') => return self.regex(),
            _ => return Err(self.unexpected_in_query()),
        };
        Ok(Operand::Constant(scalar))
    }

    /// `/pattern/options`
    fn regex(&mut self) -> Result<Operand> {
        self.step();
        let start = self.at;
        while let Some(c) = self.peek() {
            match c {
                // An escaped slash does not end the pattern.
                '\\' if self.chars.get(self.at.saturating_add(1)).is_some() => {
                    self.step();
                    self.step();
                }
                '/' => {
                    let pattern = self.text(start, self.at);
                    self.step();
                    let options = self.at;
                    while self.peek().is_some_and(char::is_alphabetic) {
                        self.step();
                    }
                    return Ok(Operand::Regex { pattern: pattern.into(), options: self.text(options, self.at) });
                }
                _ => self.step(),
            }
        }
        Err(error("Path ended with an open regex."))
    }

    fn quoted(&mut self) -> Result<String> {
        self.step();
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.step();
            match c {
                '\'' => return Ok(text),
                '\\' if self.at < self.chars.len() => {
                    let c = self.peek().unwrap_or('\\');
                    self.step();
                    text.push(match c {
                        'b' => '\u{8}',
                        't' => '\t',
                        'n' => '\n',
                        'f' => '\u{c}',
                        'r' => '\r',
                        '\\' | '"' | '\'' | '/' => c,
                        c => return Err(error(&format!("Unknown escape character: \\{c}"))),
                    });
                }
                c => text.push(c),
            }
        }
        Err(error("Path ended with an open string."))
    }

    fn operator(&mut self) -> Result<Comparison> {
        if self.at.saturating_add(1) >= self.chars.len() {
            return Err(error(OPEN_QUERY));
        }
        for (text, operator) in OPERATORS {
            if self.eat(text) {
                return Ok(*operator);
            }
        }
        Err(error("Could not read query operator."))
    }
}

/// Longer ones first.
const OPERATORS: &[(&str, Comparison)] = &[
    ("===", Comparison::StrictEquals),
    ("==", Comparison::Equals),
    ("=~", Comparison::Regex),
    ("!==", Comparison::StrictNotEquals),
    ("!=", Comparison::NotEquals),
    ("<>", Comparison::NotEquals),
    ("<=", Comparison::LessOrEqual),
    ("<", Comparison::Less),
    (">=", Comparison::GreaterOrEqual),
    (">", Comparison::Greater),
];

fn unexpected_in_indexer(c: char) -> Exception {
    error(&format!("Unexpected character while parsing path indexer: {c}"))
}

fn field(name: String, scan: bool) -> Filter {
    let name = if name == "*" { None } else { Some(Str::from(name)) };
    if scan { Filter::Scan(name) } else { Filter::Field(name) }
}

fn set_part(parts: &mut [Option<i32>; 3], at: usize, number: Option<i32>) {
    if let (Some(part), Some(number)) = (parts.get_mut(at.min(2)), number) {
        *part = Some(number);
    }
}

/// The last comparison belongs to the innermost group, that to the one around it.
fn close_groups(groups: Vec<(bool, Vec<Expression>)>, last: Expression) -> Expression {
    groups.into_iter().rev().fold(last, |inner, (is_and, mut members)| {
        members.push(inner);
        if is_and { Expression::And(members) } else { Expression::Or(members) }
    })
}
