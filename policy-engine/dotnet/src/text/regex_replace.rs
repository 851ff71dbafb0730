//! `Regex.Replace`: replacement patterns (`$1`, `${name}`, `$&`, ...) and evaluators.
use std::sync::Arc;

use super::regex::Pattern;
use super::regex_machine::Found;
use super::regex_match::MatchObject;
use super::regex_program::Program;
use super::regex_units;
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::format::collect;
use crate::object;
use crate::utf16;
use crate::value::{Str, Value};

/// A piece of a replacement pattern.
enum Piece {
    Text(String),
    Group(usize),
    Before,
    After,
    LastGroup,
    Whole,
}

fn read(pattern: &str, program: &Program) -> Vec<Piece> {
    let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), pattern);
    while let Some((text, after)) = rest.split_once('$') {
        plain.push_str(text);
        let (piece, used) = match after.as_bytes().first() {
            Some(b'$') => {
                plain.push('$');
                rest = after.get(1..).unwrap_or_default();
                continue;
            }
            Some(b'&') => (Some(Piece::Group(0)), 1),
            Some(b'`') => (Some(Piece::Before), 1),
            Some(b'\'') => (Some(Piece::After), 1),
            Some(b'+') => (Some(Piece::LastGroup), 1),
            Some(b'_') => (Some(Piece::Whole), 1),
            Some(b'{') => braced(after, program),
            Some(b'0'..=b'9') => {
                let digits = after.bytes().take_while(u8::is_ascii_digit).count();
                let number = after.get(..digits).and_then(|d| d.parse().ok());
                (number.and_then(|n| program.slot(n)).map(Piece::Group), digits)
            }
            _ => (None, 0),
        };
        match piece {
            Some(piece) => {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(piece);
                rest = after.get(used..).unwrap_or_default();
            }
            None => {
                plain.push('$');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    pieces
}

fn braced(after: &str, program: &Program) -> (Option<Piece>, usize) {
    let Some(end) = after.find('}') else { return (None, 0) };
    let name = after.get(1..end).unwrap_or_default();
    (program.slot_of(name).map(Piece::Group), end + 1)
}

/// Writes one replacement.
fn expand(cx: &mut dyn Ambient, pieces: &[Piece], text: &str, found: &Found, out: &mut String) -> Result<()> {
    let group = |slot: usize| found.captures.get(slot).and_then(|g| g.last()).map_or(0..0, |(a, b)| *a..*b);
    for piece in pieces {
        let part = match piece {
            Piece::Text(t) => t.as_str().into(),
            Piece::Group(slot) => regex_units::part(text, group(*slot)),
            Piece::Before => regex_units::part(text, 0..found.start),
            Piece::After => regex_units::part(text, found.end..text.len()),
            Piece::LastGroup => regex_units::part(text, group(found.captures.len().saturating_sub(1))),
            Piece::Whole => text.into(),
        };
        cx.charge_bytes(part.len())?;
        utf16::push(out, &part);
    }
    Ok(())
}

/// `Match.Result`.
pub(super) fn result(cx: &mut dyn Ambient, program: &Program, text: &str, found: &Found, pattern: &str) -> Result<Str> {
    let mut out = String::new();
    expand(cx, &read(pattern, program), text, found, &mut out)?;
    Ok(out.into())
}

fn limit(count: i32) -> Result<usize> {
    if count < -1 {
        return Err(Exception::argument_range("Count cannot be less than -1.", "count"));
    }
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Puts replacements (start and end of a match and what to write for it, in the order of the search) into the text.
fn splice<T>(
    cx: &mut dyn Ambient,
    p: &Pattern,
    text: &Str,
    mut parts: impl ExactSizeIterator<Item = (usize, usize, T)> + DoubleEndedIterator,
    mut write: impl FnMut(&mut dyn Ambient, T, &mut String) -> Result<()>,
) -> Result<Value> {
    if parts.len() == 0 {
        return Ok(Value::Str(text.clone()));
    }
    cx.charge_bytes(text.len())?;
    let all = |out: &mut String| {
        let mut at = 0;
        while let Some((start, end, part)) = if p.program.right_to_left { parts.next_back() } else { parts.next() } {
            utf16::push(out, &regex_units::part(text, at..start));
            at = end;
            write(&mut *cx, part, out)?;
        }
        utf16::push(out, &regex_units::part(text, at..text.len()));
        Ok(())
    };
    collect(all).map(Value::Str)
}

fn spread(found: Vec<Found>) -> impl ExactSizeIterator<Item = (usize, usize, Found)> + DoubleEndedIterator {
    found.into_iter().map(|f| (f.start, f.end, f))
}

/// A replacement that was read.
pub(super) struct Replacement(Vec<Piece>);

impl Replacement {
    /// For a pattern, whose groups it names.
    pub(super) fn read(text: &str, p: &Pattern) -> Replacement {
        Replacement(read(text, &p.program))
    }

    /// Puts it in the place of every match.
    pub(super) fn replace(&self, cx: &mut dyn Ambient, p: &Pattern, text: &Str) -> Result<Value> {
        let found = p.find_all(cx, text, p.origin(text), usize::MAX)?;
        splice(cx, p, text, spread(found), |cx, f, out| expand(cx, &self.0, text, &f, out))
    }
}

/// Replaces up to `count` matches by a pattern.
pub(super) fn with_text(
    cx: &mut dyn Ambient,
    p: &Pattern,
    text: &Str,
    replacement: &Str,
    (count, from): (i32, usize),
) -> Result<Value> {
    let found = p.find_all(cx, text, from, limit(count)?)?;
    let pieces = if found.is_empty() { Vec::new() } else { read(replacement, &p.program) };
    splice(cx, p, text, spread(found), |cx, f, out| expand(cx, &pieces, text, &f, out))
}

/// Replaces by what the delegate answers, which is asked in the order of the search.
pub(super) fn with_evaluator(
    cx: &mut dyn Ambient,
    p: &Pattern,
    text: &Str,
    evaluator: &Value,
    (count, from): (i32, usize),
) -> Result<Value> {
    let Value::Func(delegate) = evaluator else { return Err(Exception::argument_null("evaluator")) };
    let found = p.find_all(cx, text, from, limit(count)?)?;
    let mut answers = Vec::with_capacity(found.len());
    for f in found {
        let (start, end) = (f.start, f.end);
        let one = Value::Object(Arc::new(MatchObject::new(p.clone(), text.clone(), Some(f))));
        let answer = delegate.call(cx, &mut [one])?;
        let answer = object::text(cx, &answer)?;
        cx.charge_bytes(answer.len())?;
        answers.push((start, end, answer));
    }
    splice(cx, p, text, answers.into_iter(), |_, answer, out| {
        utf16::push(out, &answer);
        Ok(())
    })
}
