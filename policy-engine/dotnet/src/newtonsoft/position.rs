//! Paths as Newtonsoft writes them: `a.b[0]['c d']`.
use crate::value::Str;

/// One step of a path.
pub(super) enum Step<'a> {
    Name(&'a str),
    Index(i64),
}

const SPECIAL: &[char] = &[
    '.', ' ', '\'', '/', '"', '[', ']', '(', ')', '\t', '\n', '\r', '\u{c}', '\u{8}', '\\', '\u{85}', '\u{2028}',
    '\u{2029}',
];

/// Joins steps, outermost first.
pub(super) fn join<'a>(steps: impl Iterator<Item = Step<'a>>) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Index(n) => path.push_str(&format!("[{n}]")),
            Step::Name(name) if name.contains(SPECIAL) => {
                path.push_str("['");
                escape_quoted(name, &mut path);
                path.push_str("']");
            }
            Step::Name(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
        }
    }
    path
}

fn escape_quoted(name: &str, out: &mut String) {
    for c in name.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\u{c}' => out.push_str("\\f"),
            '\u{8}' => out.push_str("\\b"),
            '\u{85}' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
}

/// The suffix of messages: `Path 'a', line 1, position 5.`
pub(super) fn message(text: &str, path: &str, line: Option<(usize, usize)>) -> Str {
    let text = text.trim();
    let stop = if text.ends_with('.') { "" } else { "." };
    match line {
        Some((line, position)) => format!("{text}{stop} Path '{path}', line {line}, position {position}.").into(),
        None => format!("{text}{stop} Path '{path}'.").into(),
    }
}
