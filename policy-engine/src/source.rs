//! Policy text as the author wrote it, and text derived from it with a map back.
//!
//! Everything that a later stage reads (decoded entities, substituted named values, expressions) is a [`Mapped`] text: each
//! part knows which bytes of the file it came from, so a diagnostic always points at, and shows, the author's own text.
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

/// Byte range in a source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span over `start..end`; texts are limited far below 4 GiB, so positions saturate.
    pub fn new(start: usize, end: usize) -> Span {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { start: narrow(start), end: narrow(end.max(start)) }
    }

    /// An empty span.
    pub fn at(offset: usize) -> Span {
        Span::new(offset, offset)
    }
}

/// Line and column, both counted from 1; the column in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Line number.
    pub line: u32,
    /// Character in the line.
    pub column: u32,
}

/// One text with a name and a line index.
#[derive(Debug)]
pub struct Source {
    path: Arc<str>,
    text: Arc<str>,
    lines: Vec<u32>,
}

impl Source {
    /// Takes a text; a leading byte order mark is not part of it.
    pub fn new(path: impl Into<Arc<str>>, text: &str) -> Source {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let starts =
            text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| Span::at(i.saturating_add(1)).start);
        let lines = std::iter::once(0).chain(starts).collect();
        Source { path: path.into(), text: text.into(), lines }
    }

    /// Name of the text in messages.
    pub fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text under a span; empty when the span does not lie on character borders.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Does a span lie in the text and on borders of characters?
    pub(crate) fn holds(&self, span: Span) -> bool {
        self.text.get(span.start as usize..span.end as usize).is_some()
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.slice(Span { start, end: offset.max(start) }).chars().count();
        Position { line: Span::at(line).start, column: Span::at(column).start.saturating_add(1) }
    }

    /// Text of a line (counted from 1) without its end.
    pub fn line(&self, line: u32) -> &str {
        let index = line.saturating_sub(1) as usize;
        let start = self.lines.get(index).copied().unwrap_or(0);
        let end = self.lines.get(index.saturating_add(1)).copied().unwrap_or(Span::at(self.text.len()).start);
        self.slice(Span { start, end }).trim_end_matches(['\n', '\r'])
    }
}

/// A derived text and where each part of it came from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mapped {
    text: String,
    pieces: Vec<Piece>,
    values: Vec<UsedValue>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Offset in the derived text where the piece starts.
    out: u32,
    source: Span,
    /// Byte for byte the source; otherwise every byte maps to the whole source span.
    verbatim: bool,
}

/// A named value that was put into a text.
#[derive(Clone, Debug)]
pub(crate) struct UsedValue {
    /// Name as registered.
    pub name: Arc<str>,
    /// Its value.
    pub value: NamedValue,
}

impl Mapped {
    /// The derived text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Named values that were put in.
    pub(crate) fn values(&self) -> &[UsedValue] {
        &self.values
    }

    /// Appends source text as it is.
    pub(crate) fn push_verbatim(&mut self, text: &str, start: usize) {
        if !text.is_empty() {
            self.pieces.push(Piece {
                out: Span::at(self.text.len()).start,
                source: Span::new(start, start.saturating_add(text.len())),
                verbatim: true,
            });
            self.text.push_str(text);
        }
    }

    /// Appends text that stands for a source span.
    pub(crate) fn push_replaced(&mut self, text: &str, source: Span) {
        self.pieces.push(Piece { out: Span::at(self.text.len()).start, source, verbatim: false });
        self.text.push_str(text);
    }

    /// Source span of a range of the derived text.
    pub(crate) fn origin(&self, range: Span) -> Span {
        let start = self.locate(range.start, false);
        let end = if range.end > range.start { self.locate(range.end.saturating_sub(1), true) } else { start };
        Span { start, end: end.max(start) }
    }

    /// Source span of the whole text.
    pub(crate) fn whole(&self) -> Span {
        self.origin(Span::new(0, self.text.len()))
    }

    fn locate(&self, offset: u32, after: bool) -> u32 {
        let index = self.pieces.partition_point(|p| p.out <= offset);
        let Some(piece) = index.checked_sub(1).and_then(|i| self.pieces.get(i)) else { return 0 };
        if piece.verbatim {
            let step = offset.saturating_sub(piece.out).saturating_add(u32::from(after));
            return piece.source.start.saturating_add(step).min(piece.source.end);
        }
        if after { piece.source.end } else { piece.source.start }
    }

    /// The part inside a range, with its map.
    pub(crate) fn part(&self, start: usize, end: usize) -> Mapped {
        let mut part = Mapped { values: self.values.clone(), ..Mapped::default() };
        let (from, to) = (Span::at(start).start, Span::at(end).start);
        for (i, piece) in self.pieces.iter().enumerate() {
            let next = self.pieces.get(i.saturating_add(1)).map_or(Span::at(self.text.len()).start, |p| p.out);
            let (low, high) = (piece.out.max(from), next.min(to));
            if low >= high {
                continue;
            }
            let Some(text) = self.text.get(low as usize..high as usize) else { continue };
            if piece.verbatim {
                part.push_verbatim(text, piece.source.start.saturating_add(low.saturating_sub(piece.out)) as usize);
            } else {
                part.push_replaced(text, piece.source);
            }
        }
        if part.pieces.is_empty() {
            part.pieces.push(Piece { out: 0, source: self.origin(Span { start: from, end: from }), verbatim: true });
        }
        part
    }

    /// Without white space on both sides.
    pub(crate) fn trimmed(&self) -> Mapped {
        let head = self.text.len().saturating_sub(self.text.trim_start().len());
        let tail = self.text.trim_end().len();
        self.part(head, tail.max(head))
    }

    /// Puts named values in place of `{{name}}`. Unknown names go to `missing` with their place; with `None` they stay as written.
    pub(crate) fn substituted(&self, values: &NamedValues, missing: &mut dyn FnMut(&str, Span)) -> Mapped {
        if !self.text.contains("{{") {
            return self.clone();
        }
        let mut out = Mapped::default();
        let mut done = 0;
        for found in placeholders(&self.text) {
            let before = self.part(done, found.start);
            out.append(&before);
            let origin = self.origin(Span::new(found.start, found.end));
            match values.get(found.name) {
                Some((name, value)) => {
                    out.push_replaced(&value.text, origin);
                    out.values.push(UsedValue { name: Arc::clone(name), value: value.clone() });
                }
                None => {
                    missing(found.name, origin);
                    out.append(&self.part(found.start, found.end));
                }
            }
            done = found.end;
        }
        out.append(&self.part(done, self.text.len()));
        out
    }

    fn append(&mut self, other: &Mapped) {
        let base = Span::at(self.text.len()).start;
        self.pieces.extend(
            other
                .pieces
                .iter()
                .filter(|_| !other.text.is_empty())
                .map(|p| Piece { out: p.out.saturating_add(base), ..*p }),
        );
        self.text.push_str(&other.text);
    }
}

struct Placeholder<'t> {
    start: usize,
    end: usize,
    name: &'t str,
}

/// `{{ name }}` wherever the inside is a possible name (letters, digits, `.`, `-`, `_`); anything else is ordinary text.
fn placeholders(text: &str) -> impl Iterator<Item = Placeholder<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = text.get(at..)?.find("{{")?.saturating_add(at);
            let inside = start.saturating_add(2);
            let rest = text.get(inside..)?;
            let Some(close) = rest.find("}}") else {
                at = text.len();
                return None;
            };
            let name = rest.get(..close).unwrap_or("").trim();
            if is_name(name) {
                at = inside.saturating_add(close).saturating_add(2);
                return Some(Placeholder { start, end: at, name });
            }
            at = start.saturating_add(1);
        }
    })
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 256
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// Text of a named value; `Debug` never prints it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NamedValue {
    /// The text to insert.
    pub text: Arc<str>,
    /// Must it never be shown?
    pub secret: bool,
}

impl fmt::Debug for NamedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Named values by display name, without regard to letter case.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamedValues {
    by_name: HashMap<String, (Arc<str>, NamedValue)>,
    /// Names that stand in the configuration without a value.
    valueless: HashSet<String>,
}

impl NamedValues {
    /// Adds a value under its display name; a later one of the same name wins.
    pub(crate) fn insert(&mut self, name: &str, text: impl Into<Arc<str>>, secret: bool) {
        self.by_name.insert(name.to_lowercase(), (name.into(), NamedValue { text: text.into(), secret }));
    }

    /// Notes a name whose value is kept elsewhere and was not given.
    pub(crate) fn insert_valueless(&mut self, name: &str) {
        self.valueless.insert(name.to_lowercase());
    }

    /// Does the name exist without a value?
    pub(crate) fn is_valueless(&self, name: &str) -> bool {
        self.valueless.contains(&name.to_lowercase())
    }

    /// Looks a name up.
    pub(crate) fn get(&self, name: &str) -> Option<(&Arc<str>, &NamedValue)> {
        self.by_name.get(&name.to_lowercase()).map(|(name, value)| (name, value))
    }

    /// All names, for hints.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.values().map(|(name, _)| &**name)
    }
}

/// Replaces what may not be shown: text of secret named values becomes `{{name}}` again.
pub(crate) fn masked(message: String, values: &[UsedValue]) -> String {
    values.iter().filter(|v| !v.value.text.is_empty()).fold(message, |text, used| {
        if used.value.secret && text.contains(&*used.value.text) {
            text.replace(&*used.value.text, &format!("{{{{{}}}}}", used.name))
        } else {
            text
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let source = Source::new("p", "\u{feff}aé\r\nxyz");
        assert_eq!(source.position(3), Position { line: 1, column: 3 });
        assert_eq!(source.position(6), Position { line: 2, column: 2 });
        assert_eq!(source.line(1), "aé");
        assert_eq!(source.line(2), "xyz");
    }

    #[test]
    fn substitution_maps_back() {
        let mut values = NamedValues::default();
        values.insert("Limit", "4200", true);
        let mut text = Mapped::default();
        text.push_verbatim("a {{ limit }} b {{none}}", 100);
        let mut missing = Vec::new();
        let out = text.substituted(&values, &mut |name, span| missing.push((name.to_owned(), span)));
        assert_eq!(out.as_str(), "a 4200 b {{none}}");
        assert_eq!(out.origin(Span::new(2, 6)), Span::new(102, 113));
        assert_eq!(out.origin(Span::new(7, 8)), Span::new(114, 115));
        assert_eq!(missing, [("none".to_owned(), Span::new(116, 124))]);
        assert_eq!(masked("bad 4200".into(), out.values()), "bad {{Limit}}");
    }

    #[test]
    fn a_value_is_not_substituted_again() {
        let mut values = NamedValues::default();
        values.insert("outer", "a {{inner}}", false);
        values.insert("inner", "x", false);
        let mut text = Mapped::default();
        text.push_verbatim("{{outer}}", 0);
        assert_eq!(text.substituted(&values, &mut |_, _| ()).as_str(), "a {{inner}}");
    }
}
