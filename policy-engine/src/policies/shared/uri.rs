//! Percent-encoding and query strings, touching only what is changed: everything else keeps its order and spelling.

/// Decodes `%XX`; anything else stays. What is not UTF-8 becomes the replacement character.
pub(in crate::policies) fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let Some((first, rest)) = bytes.split_first() {
        match (first, rest) {
            (b'%', [high, low, tail @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(hex(*high).wrapping_shl(4) | hex(*low));
                bytes = tail;
            }
            _ => {
                out.push(*first);
                bytes = rest;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit.wrapping_sub(b'0'),
        b'a'..=b'f' => digit.wrapping_sub(b'a').wrapping_add(10),
        _ => digit.wrapping_sub(b'A').wrapping_add(10),
    }
}

/// Encodes everything but unreserved characters and those in `keep`.
pub(in crate::policies) fn encode(text: &str, keep: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].iter().filter_map(|d| DIGITS.get(usize::from(*d))));
        }
    }
    out
}

/// Characters that may stand in a path segment besides the unreserved ones.
pub(in crate::policies) const SEGMENT: &[u8] = b"!$&'()*+,;=:@";

/// Pairs of a query as they stand, with their decoded names.
pub(in crate::policies) fn pairs(query: &str) -> impl Iterator<Item = (&str, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| (pair, decode(&pair.split('=').next().unwrap_or("").replace('+', " "))))
}

/// Decoded value of a parameter, without regard to case.
pub(in crate::policies) fn value(query: &str, name: &str) -> Option<String> {
    let (pair, _) = pairs(query).find(|(_, n)| n.eq_ignore_ascii_case(name))?;
    Some(decode(&pair.split_once('=').map_or("", |(_, v)| v).replace('+', " ")))
}

/// One encoded pair.
pub(in crate::policies) fn pair(name: &str, value: &str) -> String {
    format!("{}={}", encode(name, b""), encode(value, b""))
}

/// Joins pairs.
pub(in crate::policies) fn join<'p>(pairs: impl IntoIterator<Item = &'p str>) -> String {
    pairs.into_iter().collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_and_decoding() {
        assert_eq!(encode("a b&c=dé", b""), "a%20b%26c%3Dd%C3%A9");
        assert_eq!(encode("a/b c", b"/"), "a/b%20c");
        assert_eq!(decode("a%20b%2Gc%"), "a b%2Gc%");
        assert_eq!(value("a=1&B=x+y%21", "b").unwrap(), "x y!");
        assert_eq!(value("flag&b", "flag").unwrap(), "");
        assert_eq!(value("a=1", "c"), None);
    }
}
