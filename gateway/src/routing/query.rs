//! Reading pairs out of a raw query string without building a map.

use std::borrow::Cow;

use super::segment;

/// The pairs of a query string, in order, undecoded.
#[derive(Debug, Clone)]
pub struct QueryPairs<'a> {
    rest: Option<&'a str>,
}

impl<'a> QueryPairs<'a> {
    /// Reads `query`, the text after the question mark.
    pub fn new(query: &'a str) -> Self {
        Self { rest: (!query.is_empty()).then_some(query) }
    }

    /// The first value of the parameter `name`, letter case aside, undecoded.
    pub fn value_of(query: &'a str, name: &str) -> Option<&'a str> {
        Self::new(query).find(|(key, _)| same_name(key, name)).map(|(_, value)| value)
    }
}

impl<'a> Iterator for QueryPairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest?;
        let (pair, tail) = match rest.split_once('&') {
            Some((pair, tail)) => (pair, Some(tail)),
            None => (rest, None),
        };
        self.rest = tail;
        Some(pair.split_once('=').unwrap_or((pair, "")))
    }
}

fn same_name(raw: &str, name: &str) -> bool {
    if !raw.contains(['%', '+']) {
        return raw.eq_ignore_ascii_case(name);
    }
    decode_component(raw).eq_ignore_ascii_case(name)
}

/// A query component with `+` and percent-encoded octets decoded.
pub fn decode_component(raw: &str) -> Cow<'_, str> {
    if !raw.contains('+') {
        return segment::decode(raw);
    }
    Cow::Owned(segment::decode(&raw.replace('+', " ")).into_owned())
}
