//! UTF-16 positions over UTF-8 text: .NET counts code units, we hold bytes. ASCII text needs no walk.

/// Length in code units.
pub fn len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// Code units of the text.
pub fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Text of code units; a lone surrogate becomes U+FFFD.
pub fn text(units: &[u16]) -> String {
    String::from_utf16_lossy(units)
}

/// The code unit at a position.
pub fn unit(text: &str, at: usize) -> Option<u16> {
    if text.is_ascii() { text.as_bytes().get(at).map(|b| u16::from(*b)) } else { text.encode_utf16().nth(at) }
}

/// `length` code units from `start`; `None` if that is not inside the text.
pub fn slice(text: &str, start: usize, length: usize) -> Option<std::borrow::Cow<'_, str>> {
    let end = start.checked_add(length)?;
    if text.is_ascii() {
        return text.get(start..end).map(Into::into);
    }
    match (byte_index(text, start), byte_index(text, end)) {
        (Some(from), Some(to)) => text.get(from..to).map(Into::into),
        // A cut through a surrogate pair leaves its halves as replacement characters.
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
        units = units.saturating_add(c.len_utf16());
    }
    (units == at).then_some(text.len())
}

/// Code unit position of a byte position that lies on a character boundary.
pub fn unit_index(text: &str, byte: usize) -> usize {
    len(text.get(..byte).unwrap_or(text))
}
