//! Which header fields belong to a connection and not to the message.

use std::net::IpAddr;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// Fields named by `Connection` that are honoured; a client that names more is refused.
const MAX_NOMINATED: usize = 16;

/// Takes out what belongs to the connection the headers came over: the standard hop-by-hop fields and those that
/// `Connection` names. One pass over the names, because nearly every message has none of them.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let mut found = [false; HOP_BY_HOP.len()];
    for name in headers.keys() {
        // Most names are told apart by their length alone.
        if !matches!(name.as_str().len(), 2 | 7 | 10 | 14 | 16..=19) {
            continue;
        }
        if let Some(at) = HOP_BY_HOP.iter().position(|known| known == name)
            && let Some(mark) = found.get_mut(at)
        {
            *mark = true;
        }
    }
    if found.first() == Some(&true) {
        for name in nominated(headers) {
            headers.remove(name);
        }
    }
    for (name, _) in HOP_BY_HOP.iter().zip(found).filter(|(_, found)| *found) {
        headers.remove(name);
    }
}

static HOP_BY_HOP: [HeaderName; 10] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("http2-settings"),
];

/// Fields that `Connection` names, apart from those that carry what a client must not take away.
fn nominated(headers: &HeaderMap) -> Vec<HeaderName> {
    let tokens =
        headers.get_all(header::CONNECTION).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    tokens
        .filter_map(|token| HeaderName::from_bytes(token.trim_ascii()).ok())
        .filter(|name| {
            !matches!(name.as_str(), "host" | "content-length" | "x-forwarded-for" | "authorization" | "close")
        })
        .take(MAX_NOMINATED)
        .collect()
}

/// Adds the caller to `X-Forwarded-For`; what is there already is neither believed nor lost.
pub(crate) fn add_forwarded_for(headers: &mut HeaderMap, client: IpAddr) {
    static NAME: HeaderName = HeaderName::from_static("x-forwarded-for");
    let mut text = String::with_capacity(48);
    for value in headers.get_all(&NAME) {
        if let Ok(value) = value.to_str()
            && !value.trim().is_empty()
        {
            text.push_str(value);
            text.push_str(", ");
        }
    }
    push_address(&mut text, client);
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(NAME.clone(), value);
    }
}

/// Writes an address; IPv4 without the formatting machinery, because every request needs it twice.
pub(crate) fn push_address(text: &mut String, address: IpAddr) {
    use std::fmt::Write as _;
    let IpAddr::V4(address) = address else {
        let _ = write!(text, "{address}");
        return;
    };
    for (at, octet) in address.octets().into_iter().enumerate() {
        if at > 0 {
            text.push('.');
        }
        if octet >= 100 {
            text.push(char::from(b'0' + octet / 100));
        }
        if octet >= 10 {
            text.push(char::from(b'0' + octet / 10 % 10));
        }
        text.push(char::from(b'0' + octet % 10));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn connection_and_what_it_names_go() {
        let mut headers = map(&[
            ("connection", "close, X-Private, Host"),
            ("x-private", "1"),
            ("host", "a"),
            ("te", "trailers"),
            ("keep-alive", "5"),
            ("upgrade", "h2c"),
            ("x-kept", "1"),
            ("proxy-authorization", "secret"),
        ]);
        strip_hop_by_hop(&mut headers);
        let mut left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["host", "x-kept"]);
    }

    #[test]
    fn addresses_are_written_as_everywhere() {
        for address in ["0.0.0.0", "10.20.200.9", "255.100.99.1", "::1", "fe80::1:2"] {
            let mut text = String::new();
            push_address(&mut text, address.parse().unwrap());
            assert_eq!(text, address);
        }
    }

    #[test]
    fn the_caller_is_appended() {
        let mut headers = map(&[("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "5.6.7.8")]);
        add_forwarded_for(&mut headers, "::1".parse().unwrap());
        assert_eq!(headers.get_all("x-forwarded-for").iter().collect::<Vec<_>>(), ["1.2.3.4, 5.6.7.8, ::1"]);
    }
}
