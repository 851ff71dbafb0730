//! Entities in and out, and the question where an expression ends.
use crate::source::{Mapped, Source, Span};

use super::Form;

/// Longest entity that is looked for, `&` and `;` included.
const MAX_ENTITY: usize = 12;

/// Does a value, after white space, start an expression?
pub(crate) fn is_expression(value: &str) -> bool {
    let value = value.trim_start();
    value.starts_with("@(") || value.starts_with("@{")
}

/// Offset just behind the expression that a text starts with (`@(` or `@{` at its first byte).
pub(crate) fn expression_end(text: &str) -> Option<usize> {
    csharp::parser::find_expression_end(text).ok()
}

/// Decodes a span.
pub(super) fn decode(source: &Source, span: Span, form: Form) -> Mapped {
    let mut out = Mapped::default();
    decode_into(source, span, form, &mut out);
    if out.as_str().is_empty() {
        out.push_replaced("", span);
    }
    out
}

/// Decodes a span onto the end of a text.
pub(super) fn decode_into(source: &Source, span: Span, form: Form, out: &mut Mapped) {
    let text = source.slice(span);
    let start = span.start as usize;
    if form != Form::Escaped {
        return out.push_verbatim(text, start);
    }
    let mut done = 0;
    while let Some(found) = text.get(done..).and_then(|rest| rest.find('&')) {
        let at = done.saturating_add(found);
        out.push_verbatim(text.get(done..at).unwrap_or(""), start.saturating_add(done));
        let length = match entity(text.get(at..).unwrap_or("")) {
            Some((decoded, length)) => {
                let mut buffer = [0; 4];
                let origin = Span::new(start.saturating_add(at), start.saturating_add(at).saturating_add(length));
                out.push_replaced(decoded.encode_utf8(&mut buffer), origin);
                length
            }
            None => {
                out.push_verbatim("&", start.saturating_add(at));
                1
            }
        };
        done = at.saturating_add(length);
    }
    out.push_verbatim(text.get(done..).unwrap_or(""), start.saturating_add(done));
}

/// The entity that a text starts with: its character and its length.
pub(super) fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(MAX_ENTITY).position(|b| b == b';')?;
    let name = text.get(1..end)?;
    let character = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')?
        }
    };
    Some((character, end.saturating_add(1)))
}

/// First `&` that starts no entity.
pub(super) fn bare_ampersand(text: &str) -> Option<usize> {
    text.match_indices('&').map(|(at, _)| at).find(|at| entity(text.get(*at..).unwrap_or("")).is_none())
}

/// Is the text, decoded, exactly one expression? Then it was written in the escaped form.
pub(super) fn is_whole_expression(text: &str) -> bool {
    if bare_ampersand(text).is_some() || text.contains('<') {
        return false;
    }
    let decoded = decoded(text);
    let value = decoded.trim();
    expression_end(value) == Some(value.len())
}

/// A raw expression that holds entities outside of its string and character literals mixes both forms: no C# has `&quot;` or
/// `&amp;&amp;` there. Inside literals an entity is the author's text.
pub(super) fn form_of_raw(text: &str) -> Form {
    if !text.contains('&') || !text.contains(';') {
        return Form::Raw;
    }
    let outside =
        text.match_indices('&').any(|(at, _)| entity(text.get(at..).unwrap_or("")).is_some() && !in_literal(text, at));
    if outside { Form::Escaped } else { Form::Raw }
}

fn decoded(text: &str) -> String {
    let source = Source::new("", text);
    decode(&source, Span::new(0, text.len()), Form::Escaped).as_str().to_owned()
}

/// Rough: counts unescaped double quotes before the place. Good enough to tell `"&amp;"` from `a &amp;&amp; b`.
fn in_literal(text: &str, at: usize) -> bool {
    let mut inside = false;
    let mut previous = ' ';
    for c in text.get(..at).unwrap_or("").chars() {
        if c == '"' && (!inside || previous != '\\') {
            inside = !inside;
        }
        previous = if previous == '\\' && c == '\\' { ' ' } else { c };
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities() {
        assert_eq!(entity("&lt;x"), Some(('<', 4)));
        assert_eq!(entity("&#x27;"), Some(('\'', 6)));
        assert_eq!(entity("&#65;"), Some(('A', 5)));
        assert_eq!(entity("&& x;"), None);
        assert_eq!(bare_ampersand("a &amp; b & c"), Some(10));
    }

    #[test]
    fn forms() {
        assert!(is_whole_expression("@(a &amp;&amp; b)"));
        assert!(!is_whole_expression("@(a == "));
        assert!(!is_whole_expression("@(a && b)"));
        assert_eq!(form_of_raw(r#"@(x.Replace("&", "&amp;"))"#), Form::Raw);
        assert_eq!(form_of_raw(r#"@(a == "x" &amp;&amp; b)"#), Form::Escaped);
    }
}
