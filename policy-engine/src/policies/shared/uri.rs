//! Percent-encoding and query strings, touching only what is changed: everything else keeps its order and spelling.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is encoded in a name or value of a query: everything but unreserved characters.
pub(in crate::policies) const COMPONENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What is encoded in a path segment.
pub(in crate::policies) const SEGMENT: &AsciiSet = &COMPONENT
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// Decodes `%XX`; anything else stays. What is not UTF-8 becomes the replacement character.
pub(in crate::policies) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Encodes for a place.
pub(in crate::policies) fn encode(text: &str, set: &'static AsciiSet) -> String {
    utf8_percent_encode(text, set).to_string()
}

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
    format!("{}={}", encode(name, COMPONENT), encode(value, COMPONENT))
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
        assert_eq!(encode("a b&c=dé", COMPONENT), "a%20b%26c%3Dd%C3%A9");
        assert_eq!(encode("a/b:c d", SEGMENT), "a%2Fb:c%20d");
        assert_eq!(decode("a%20b%2Gc%"), "a b%2Gc%");
        assert_eq!(value("a=1&B=x+y%21", "b").unwrap(), "x y!");
        assert_eq!(value("flag&b", "flag").unwrap(), "");
        assert_eq!(value("a=1", "c"), None);
    }
}
