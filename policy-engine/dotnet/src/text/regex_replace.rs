//! `Regex.Replace`: replacement patterns (`$1`, `${name}`, `$&`, ...) and evaluators.
use std::sync::Arc;

use super::regex::Pattern;
use super::regex_machine::Found;
use super::regex_match::MatchObject;
use super::regex_program::Program;
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
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
            Piece::Text(t) => t.as_str(),
            Piece::Group(slot) => text.get(group(*slot)).unwrap_or_default(),
            Piece::Before => text.get(..found.start).unwrap_or_default(),
            Piece::After => text.get(found.end..).unwrap_or_default(),
            Piece::LastGroup => text.get(group(found.captures.len().saturating_sub(1))).unwrap_or_default(),
            Piece::Whole => text,
        };
        cx.charge_bytes(part.len())?;
        out.push_str(part);
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

/// Puts replacements (in the order of the search) into the text.
fn splice(cx: &mut dyn Ambient, p: &Pattern, text: &Str, mut parts: Vec<(usize, usize, String)>) -> Result<Value> {
    if parts.is_empty() {
        return Ok(Value::Str(text.clone()));
    }
    if p.program.right_to_left {
        parts.reverse();
    }
    cx.charge_bytes(text.len())?;
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (start, end, part) in parts {
        out.push_str(text.get(at..start).unwrap_or_default());
        out.push_str(&part);
        at = end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Ok(Value::str(out))
}

/// Replaces by the pattern in argument `n`.
pub(super) fn with_text(c: &mut Call<'_>, p: &Pattern, text: &Str, n: usize, count: i32, from: usize) -> Result<Value> {
    let replacement = c.str_arg(n, "replacement")?;
    let found = p.find_all(c.cx, text, from, limit(count)?)?;
    let pieces = if found.is_empty() { Vec::new() } else { read(&replacement, &p.program) };
    let mut parts = Vec::with_capacity(found.len());
    for f in &found {
        let mut out = String::new();
        expand(c.cx, &pieces, text, f, &mut out)?;
        parts.push((f.start, f.end, out));
    }
    splice(c.cx, p, text, parts)
}

/// Replaces by what the delegate in argument `n` answers.
pub(super) fn with_evaluator(
    c: &mut Call<'_>,
    p: &Pattern,
    text: &Str,
    n: usize,
    count: i32,
    from: usize,
) -> Result<Value> {
    let evaluator = c.arg(n).clone();
    if evaluator.is_null() {
        return Err(Exception::argument_null("evaluator"));
    }
    let found = p.find_all(c.cx, text, from, limit(count)?)?;
    let mut parts = Vec::with_capacity(found.len());
    for f in found {
        let (start, end) = (f.start, f.end);
        let one = Value::Object(Arc::new(MatchObject::new(p.clone(), text.clone(), Some(f))));
        let answer = c.invoke(&evaluator, &mut [one])?;
        let answer = object::text(c.cx, &answer)?;
        c.cx.charge_bytes(answer.len())?;
        parts.push((start, end, answer.to_string()));
    }
    splice(c.cx, p, text, parts)
}
