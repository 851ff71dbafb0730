//! UTF-16 positions over UTF-8 text: .NET counts code units, we hold bytes. ASCII text needs no walk.
//!
//! A .NET string may hold half a character: one unit of a surrogate pair without the other. UTF-8 has no form for it, so such a half
//! is held as a *stand-in*, one of the last 2,048 characters of the last private plane: U+10F800 for U+D800 and so on.
//!
//! INVARIANT: a stand-in is one unit, and a high one is never followed by the low one that completes it: whoever puts texts together
//! does so with [`push`], [`seam`], [`mend`] or [`concat`], which make the whole character of the two. Hence equal texts have equal
//! bytes. A real character of that range (none is assigned) is two stand-ins side by side: the only pair that stays two.
//! Text that leaves the engine passes [`leaving`], which writes halves as U+FFFD like .NET; bytes that become text pass [`arriving`].
use std::borrow::Cow;

/// The stand-in of U+D800; those of all halves follow, to the end of Unicode.
const STAND_INS: u32 = 0x10_F800;
/// Where every text with a stand-in in front begins.
const LEAD: u8 = 0xF4;
/// Bytes of a stand-in.
const BYTES: usize = 4;
const HIGH: u16 = 0xD800;

/// Is it the stand-in of half a character?
pub fn is_half(c: char) -> bool {
    u32::from(c) >= STAND_INS
}

/// A code unit as a character.
pub fn char_of(unit: u16) -> char {
    let code = u32::from(unit);
    char::from_u32(code).or_else(|| char::from_u32(STAND_INS + (code - u32::from(HIGH)))).unwrap_or('\u{FFFD}')
}

/// The code unit that a character is; `None` if it takes two.
pub fn unit_of(c: char) -> Option<u16> {
    let code = u32::from(c);
    let code = if is_half(c) { code - STAND_INS + u32::from(HIGH) } else { code };
    u16::try_from(code).ok()
}

/// Code units of a character.
pub fn width(c: char) -> usize {
    if is_half(c) { 1 } else { c.len_utf16() }
}

/// The code units of a character: one, and perhaps a second.
pub fn pair(c: char) -> (u16, Option<u16>) {
    if let Some(unit) = unit_of(c) {
        return (unit, None);
    }
    let mut units = [0; 2];
    c.encode_utf16(&mut units);
    let [high, low] = units;
    (high, Some(low))
}

/// The code units of a text, one by one.
#[derive(Clone, Debug)]
pub struct Units<'a> {
    chars: std::str::Chars<'a>,
    low: Option<u16>,
}

impl Iterator for Units<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if let Some(low) = self.low.take() {
            return Some(low);
        }
        let (first, low) = pair(self.chars.next()?);
        self.low = low;
        Some(first)
    }
}

/// The code units of a text, one by one.
pub fn iter(text: &str) -> Units<'_> {
    Units { chars: text.chars(), low: None }
}

/// Length in code units.
pub fn len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(width).sum() }
}

/// Code units of the text.
pub fn units(text: &str) -> Vec<u16> {
    if text.is_ascii() { text.bytes().map(u16::from).collect() } else { iter(text).collect() }
}

/// Text of code units.
pub fn text(units: &[u16]) -> String {
    match String::from_utf16(units) {
        Ok(text) if !has_halves(&text) => text,
        _ => units.iter().fold(String::with_capacity(units.len()), |mut out, unit| {
            push_unit(&mut out, *unit);
            out
        }),
    }
}

/// The code unit at a position.
pub fn unit(text: &str, at: usize) -> Option<u16> {
    if text.is_ascii() { text.as_bytes().get(at).map(|b| u16::from(*b)) } else { iter(text).nth(at) }
}

/// `length` code units from `start`; `None` if that is not inside the text.
pub fn slice(text: &str, start: usize, length: usize) -> Option<Cow<'_, str>> {
    let end = start.checked_add(length)?;
    if text.is_ascii() {
        return text.get(start..end).map(Into::into);
    }
    match (byte_index(text, start), byte_index(text, end)) {
        (Some(from), Some(to)) => text.get(from..to).map(Into::into),
        // A cut through a pair.
        _ => units(text).get(start..end).map(|part| self::text(part).into()),
    }
}

/// Byte position of a code unit position; `None` past the end or inside a surrogate pair.
pub fn byte_index(text: &str, at: usize) -> Option<usize> {
    if text.is_ascii() {
        return (at <= text.len()).then_some(at);
    }
    let mut units = 0_usize;
    for (byte, c) in text.char_indices() {
        if units >= at {
            return (units == at).then_some(byte);
        }
        units = units.saturating_add(width(c));
    }
    (units == at).then_some(text.len())
}

/// Code unit position of a byte position that lies on a character boundary.
pub fn unit_index(text: &str, byte: usize) -> usize {
    len(text.get(..byte).unwrap_or(text))
}

/// Appends a text.
#[inline]
pub fn push(out: &mut String, next: &str) {
    let at = out.len();
    out.push_str(next);
    seam(out, at);
}

/// Appends a character of the world outside.
pub fn push_char(out: &mut String, c: char) {
    if is_half(c) {
        for unit in c.encode_utf16(&mut [0; 2]) {
            push_unit(out, *unit);
        }
    } else {
        out.push(c);
    }
}

/// Appends one code unit.
pub fn push_unit(out: &mut String, unit: u16) {
    let at = out.len();
    out.push(char_of(unit));
    seam(out, at);
}

/// Two texts were put together at this byte: makes one character of the halves that meet there.
#[inline]
pub fn seam(out: &mut String, at: usize) {
    if out.as_bytes().get(at) == Some(&LEAD) {
        join_at(out, at);
    }
}

#[cold]
fn join_at(out: &mut String, at: usize) {
    let Some((head, tail)) = out.split_at_checked(at) else { return };
    if let Some(whole) = head.chars().next_back().zip(tail.chars().next()).and_then(|(a, b)| whole(a, b)) {
        out.replace_range(at.saturating_sub(BYTES)..at.saturating_add(BYTES), whole.encode_utf8(&mut [0; BYTES]));
    }
}

/// The character of two halves.
fn whole(high: char, low: char) -> Option<char> {
    if !is_half(high) || !is_half(low) {
        return None;
    }
    char::decode_utf16([unit_of(high)?, unit_of(low)?]).next()?.ok().filter(|c| !is_half(*c))
}

/// Makes characters of all halves that meet.
pub fn mend(text: String) -> String {
    if !has_halves(&text) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let at = out.len();
        out.push(c);
        seam(&mut out, at);
    }
    out
}

/// One text of several.
pub fn concat(parts: &[&str]) -> String {
    let mut out = String::with_capacity(parts.iter().map(|p| p.len()).sum());
    for part in parts {
        push(&mut out, part);
    }
    out
}

/// Does it hold a half?
pub fn has_halves(text: &str) -> bool {
    text.as_bytes().contains(&LEAD) && text.contains(is_half)
}

/// The first half that has not its other one beside it: its position and unit.
pub fn lone(text: &str) -> Option<(usize, u16)> {
    if !has_halves(text) {
        return None;
    }
    let mut at = 0;
    for c in char::decode_utf16(iter(text)) {
        match c {
            Ok(c) => at += c.len_utf16(),
            Err(e) => return Some((at, e.unpaired_surrogate())),
        }
    }
    None
}

/// May it be found in the middle of a character: does it begin with a low half or end with a high one?
pub fn is_ragged(text: &str) -> bool {
    let from_end = text.len().wrapping_sub(BYTES);
    (text.as_bytes().first() == Some(&LEAD) && text.chars().next().is_some_and(is_half))
        || (text.as_bytes().get(from_end) == Some(&LEAD) && text.chars().next_back().is_some_and(is_half))
}

/// The text with every character that takes two units taken apart: now each character is a unit. [`mend`] undoes it.
pub fn apart(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    iter(text).map(char_of).collect::<String>().into()
}

/// The text for the world outside: halves are U+FFFD there.
pub fn leaving(text: &str) -> Cow<'_, str> {
    if has_halves(text) { String::from_utf16_lossy(&units(text)).into() } else { text.into() }
}

/// A text from the world outside: what looks like a half there is a character.
pub fn arriving<'a>(text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    let text = text.into();
    if has_halves(&text) { self::text(&text.encode_utf16().collect::<Vec<_>>()).into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_make_the_text_they_came_from() {
        for units in [
            &[0x61, 0xD83D, 0xDE00, 0x62][..],
            &[0xD83D],
            &[0xDE00, 0xD83D],
            &[0xD83D, 0xD83D, 0xDE00, 0xDE00],
            &[0xDFFF, 0xE000, 0xFFFD],
        ] {
            let text = text(units);
            assert_eq!(self::units(&text), units);
            assert_eq!(len(&text), units.len());
            for (at, u) in units.iter().enumerate() {
                assert_eq!(unit(&text, at), Some(*u));
                let (head, tail) = (slice(&text, 0, at).unwrap(), slice(&text, at, units.len() - at).unwrap());
                assert_eq!(concat(&[&head, &tail]), text, "cut at {at}");
            }
            let one_by_one = units.iter().fold(String::new(), |mut out, u| {
                push_unit(&mut out, *u);
                out
            });
            assert_eq!(one_by_one, text);
            assert_eq!(mend(apart(&text).into_owned()), text);
        }
    }

    #[test]
    fn halves_join_only_what_belongs_together() {
        let (high, low) = (text(&[0xD83D]), text(&[0xDE00]));
        assert_eq!(concat(&[&high, &low]), "😀");
        assert_eq!(len(&concat(&[&low, &high])), 2);
        assert_eq!(len(&concat(&[&high, "", "x", &low])), 3);
        assert!(is_ragged(&high) && is_ragged(&low) && !is_ragged("😀") && !is_ragged("") && !is_ragged("abc"));
        assert_eq!(leaving(&concat(&["a", &low, "b"])), "a\u{FFFD}b");
        assert_eq!(leaving("a😀\u{10F7FF}"), "a😀\u{10F7FF}");
    }

    #[test]
    fn a_character_of_the_reserved_range_is_two_stand_ins() {
        let held = arriving("a\u{10F800}b");
        assert_eq!((len(&held), units(&held)), (4, vec![0x61, 0xDBFE, 0xDC00, 0x62]));
        assert_eq!(concat(&["a", &text(&[0xDBFE]), &text(&[0xDC00]), "b"]), held);
        assert_eq!(mend(held.clone().into_owned()), held);
        assert_eq!(leaving(&held), "a\u{10F800}b");
        let mut pushed = "a".to_owned();
        "\u{10F800}b".chars().for_each(|c| push_char(&mut pushed, c));
        assert_eq!(pushed, held);
    }
}
