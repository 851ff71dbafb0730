//! Media types: which are JSON, XML or text, and what a request accepts.
use http::{HeaderMap, HeaderValue, header};

/// A media type without its parameters.
pub(in crate::policies) fn media_type(text: &str) -> &str {
    text.split(';').next().unwrap_or("").trim()
}

/// `Content-Type` without its parameters; empty where there is none.
pub(in crate::policies) fn of(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(media_type).unwrap_or_default()
}

fn is_one_of(media_type: &str, names: &[&str], suffix: &str) -> bool {
    let lower = media_type.to_ascii_lowercase();
    names.contains(&lower.as_str()) || lower.ends_with(suffix)
}

/// `application/json`, `text/json`, `*+json`
pub(in crate::policies) fn is_json(media_type: &str) -> bool {
    is_one_of(media_type, &["application/json", "text/json"], "+json")
}

/// `application/xml`, `text/xml`, `*+xml`
pub(in crate::policies) fn is_xml(media_type: &str) -> bool {
    is_one_of(media_type, &["application/xml", "text/xml"], "+xml")
}

/// Is it text that a person could read?
pub(in crate::policies) fn is_text(media_type: &str) -> bool {
    const OTHERS: [&str; 3] = ["application/javascript", "application/ecmascript", "application/x-javascript"];
    media_type.get(..5).is_some_and(|kind| kind.eq_ignore_ascii_case("text/"))
        || is_json(media_type)
        || is_xml(media_type)
        || is_one_of(media_type, &OTHERS, "+xhtml")
}

/// Does `Accept` name such a media type? `*/*` and a missing header name none.
pub(in crate::policies) fn accepts(headers: &HeaderMap, is_wanted: fn(&str) -> bool) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|range| is_wanted(media_type(range)) && !is_refused(range))
}

/// `q=0` says that it is not wanted.
fn is_refused(range: &str) -> bool {
    let weight = |p: &str| p.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok());
    range.split(';').skip(1).find_map(weight).is_some_and(|q| q <= 0.0)
}

/// Another media type that keeps the encoding of the one that was there: what a policy writes is UTF-8.
pub(in crate::policies) fn with_charset(headers: &HeaderMap, media_type: &str) -> Option<HeaderValue> {
    let old = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let has_charset = old.split(';').skip(1).any(|p| p.trim().to_ascii_lowercase().starts_with("charset="));
    let text = if has_charset { format!("{media_type}; charset=utf-8") } else { media_type.to_owned() };
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_accepted() {
        let accept = |text: &'static str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(text))]);
            (accepts(&headers, is_json), accepts(&headers, is_xml))
        };
        assert_eq!(accept("text/html, application/xml;q=0.9"), (false, true));
        assert_eq!(accept("application/problem+JSON"), (true, false));
        assert_eq!(accept("application/json;q=0, */*"), (false, false));
        assert!(!accepts(&HeaderMap::new(), is_json));
    }
}
