//! .NET matches code units, not characters: a character beyond the basic plane is two units, and `.` takes one of them.
//!
//! Texts here are UTF-8. A position in the middle of such a character is the byte position of its start plus two; its halves are seen
//! as the stand-ins that half a character has everywhere in this library ([`utf16`]), in patterns too.
use std::borrow::Cow;
use std::ops::Range;

use regex_syntax::hir::ClassUnicode;

use super::regex_tree::pairs;
use crate::utf16;

const FIRST: u32 = 0xD800;
const LOW: u32 = 0xDC00;
const LAST: u32 = 0xDFFF;
/// Bytes of a character beyond the basic plane, and the distance to its second half.
const WIDE: usize = 4;
const HALF: usize = 2;

/// A code unit as a character.
pub(super) fn unit(n: u32) -> char {
    u16::try_from(n).map_or(char::REPLACEMENT_CHARACTER, utf16::char_of)
}

/// The code unit that a character of a pattern stands for.
fn number(c: char) -> u32 {
    utf16::unit_of(c).map_or(u32::from(c), u32::from)
}

/// Both halves of a character of two units.
fn halves(c: char) -> (char, char) {
    let (high, low) = utf16::pair(c);
    (utf16::char_of(high), low.map_or(c, utf16::char_of))
}

fn is_wide(c: char) -> bool {
    c.len_utf8() == WIDE && !is_half(c)
}

/// The characters of a pattern with the stand-ins of halves.
pub(super) fn pattern(text: &str) -> Vec<char> {
    utf16::apart(text).chars().collect()
}

/// A pattern as it was written.
pub(super) fn written(pattern: &[char]) -> String {
    utf16::mend(pattern.iter().collect())
}

/// Is it the stand-in of half a character?
pub(super) fn is_half(c: char) -> bool {
    utf16::is_half(c)
}

/// All halves.
pub(super) fn surrogates() -> ClassUnicode {
    pairs(&[(unit(FIRST), unit(LAST))])
}

/// Named blocks of halves.
pub(super) fn block(name: &str) -> Option<ClassUnicode> {
    let (from, to) = match name {
        "IsHighSurrogates" => (FIRST, 0xDB7F),
        "IsHighPrivateUseSurrogates" => (0xDB80, LOW - 1),
        "IsLowSurrogates" => (LOW, LAST),
        _ => return None,
    };
    Some(pairs(&[(unit(from), unit(to))]))
}

/// `[from-to]` in the order of code units; `None` if it is the wrong way round.
pub(super) fn range(from: char, to: char) -> Option<ClassUnicode> {
    let (a, b) = (number(from), number(to));
    if a > b {
        return None;
    }
    let mut parts = Vec::new();
    if a < FIRST {
        parts.push((from, if b < FIRST { to } else { '\u{D7FF}' }));
    }
    if a <= LAST && b >= FIRST {
        parts.push((unit(a.max(FIRST)), unit(b.min(LAST))));
    }
    if b > LAST {
        parts.push((if a > LAST { from } else { '\u{E000}' }, to));
    }
    Some(pairs(&parts))
}

/// The unit at a position, as a character, and the position after it.
pub(super) fn after(text: &str, at: usize) -> Option<(char, usize)> {
    let b = *text.as_bytes().get(at)?;
    if b < 128 {
        return Some((char::from(b), at + 1));
    }
    match text.get(at..) {
        Some(rest) => {
            let c = rest.chars().next()?;
            if is_wide(c) { Some((halves(c).0, at + HALF)) } else { Some((c, at + c.len_utf8())) }
        }
        None => Some((halves(text.get(at.checked_sub(HALF)?..)?.chars().next()?).1, at + HALF)),
    }
}

/// The unit before a position, and where it begins.
pub(super) fn before(text: &str, at: usize) -> Option<(char, usize)> {
    match text.get(..at) {
        Some(head) => {
            let c = head.chars().next_back()?;
            if is_wide(c) { Some((halves(c).1, at - HALF)) } else { Some((c, at - c.len_utf8())) }
        }
        None => {
            let start = at.checked_sub(HALF)?;
            Some((halves(text.get(start..)?.chars().next()?).0, start))
        }
    }
}

/// Part of a text, which may begin or end with half a character.
pub(super) fn part(text: &str, span: Range<usize>) -> Cow<'_, str> {
    if let Some(part) = text.get(span.clone()) {
        return part.into();
    }
    if span.is_empty() {
        return "".into();
    }
    let (mut out, mut at) = (String::new(), span.start);
    while at < span.end
        && let Some((c, next)) = after(text, at)
    {
        out.push(c);
        at = next;
    }
    utf16::mend(out).into()
}

/// Position in code units.
pub(super) fn index(text: &str, at: usize) -> usize {
    if text.is_char_boundary(at) {
        return utf16::unit_index(text, at);
    }
    utf16::unit_index(text, at.saturating_sub(HALF)) + 1
}

/// Byte position, perhaps in the middle of a character, of a position in code units.
pub(super) fn position(text: &str, units: usize) -> Option<usize> {
    utf16::byte_index(text, units)
        .or_else(|| Some(utf16::byte_index(text, units.checked_sub(1)?)? + HALF))
        .filter(|at| *at <= text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_both_ways_over_halves() {
        let text = &*utf16::concat(&["a😀é", &utf16::text(&[0xD83D])]);
        let (mut at, mut forth) = (0, Vec::new());
        while let Some((c, next)) = after(text, at) {
            forth.push(c);
            at = next;
        }
        assert_eq!((at, forth.len()), (text.len(), 5));
        let mut back = Vec::new();
        while let Some((c, next)) = before(text, at) {
            back.push(c);
            at = next;
        }
        back.reverse();
        assert_eq!((at, back), (0, forth.clone()));
        assert_eq!(pattern(text), forth);
        assert_eq!(written(&forth), text);
        assert_eq!([0, 1, 3, 5, 7, 11].map(|at| index(text, at)), [0, 1, 2, 3, 4, 5]);
        assert_eq!([2, 3, 4, 5, 6].map(|n| position(text, n)), [Some(3), Some(5), Some(7), Some(11), None]);
        assert_eq!(part(text, 1..3), utf16::text(&[0xD83D]));
        assert_eq!(part(text, 3..7), utf16::text(&[0xDE00, 0xE9]));
        assert_eq!(part(text, 0..5), "a😀");
        assert_eq!(part(text, 0..3), utf16::text(&[0x61, 0xD83D]));
        assert_eq!(part(text, 3..3), "");
    }
}
