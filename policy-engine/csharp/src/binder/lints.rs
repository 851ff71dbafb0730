//! Calls that are legal but rarely meant: texts read or written by the culture of the machine.
//!
//! The gateway runs with the invariant culture, so such a call is never a surprise of the machine's settings here; it is one for those
//! who expect the form of their own country: `03/04/2024` is March, `1,5` is fifteen, and `C` writes `¤`. Only calls whose result
//! really differs between common cultures are named; `int.Parse` and dates in formats of their own are not.
use dotnet::{Member, Type, Value};

use super::tree::{Expr, Kind, Passed};
use super::{Binder, codes};
use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// Standard formats of dates that are the same in every culture.
const ROUND_TRIP: [&str; 6] = ["o", "O", "s", "u", "r", "R"];

/// What a call reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Date,
    Fraction,
}

impl<'a> Binder<'a> {
    /// `args` without the receiver.
    pub(super) fn lint_culture(&mut self, owner: &Type, member: &Member, args: &[Passed<'a>], span: Span) {
        let Some(owner_id) = owner.id() else { return };
        self.check_culture(owner_id.0, args);
        if member.params.iter().any(|p| p.ty.id().is_some_and(|id| id.0 == "System.IFormatProvider")) {
            return;
        }
        let first = args.first().and_then(|a| if let Passed::Value(e) = a { Some(e) } else { None });
        if let Some(reads) = reading(owner_id.0, &member.name)
            && first.is_some_and(|e| e.ty == Type::STRING && e.constant.is_none())
        {
            return self.warn_reading(owner, member, reads, span);
        }
        if !member.is_static && &*member.name == "ToString" {
            self.lint_format(owner_id.0, first, span);
        }
    }

    /// A culture that is named and not the invariant one would throw whenever it is reached: it is refused at once.
    fn check_culture(&mut self, owner: &str, args: &[Passed<'a>]) {
        let Some(Passed::Value(name)) = args.first().filter(|_| owner == "System.Globalization.CultureInfo") else {
            return;
        };
        let Some(Value::Str(text)) = name.constant.as_ref().filter(|v| v.as_str() != Some("")) else { return };
        let message = format!("culture `{text}` is not supported: expressions run with the invariant culture");
        let help = "`System.Globalization.CultureInfo.InvariantCulture`; write what differs in your culture by a format of its own";
        self.report(Self::finding(codes::REFUSED, name.span, message).help(help));
    }

    fn warn_reading(&mut self, owner: &Type, member: &Member, reads: Reads, span: Span) {
        let what = format!("`{owner}.{}`", member.name);
        let (message, help) = match reads {
            Reads::Date => (
                format!("{what} without a culture reads dates month first, whatever their sender means"),
                "pass `System.Globalization.CultureInfo.InvariantCulture`, or name the form with `ParseExact`",
            ),
            Reads::Fraction => (
                format!("{what} without a culture reads `.` as decimal point and skips `,`, whatever the sender means"),
                "pass `System.Globalization.CultureInfo.InvariantCulture`",
            ),
        };
        self.report(Diagnostic::warning(codes::CULTURE_PARSE.number, span, message).help(help));
    }

    fn lint_format(&mut self, owner: &str, format: Option<&Expr<'a>>, span: Span) {
        let constant = format.map(|f| f.constant.as_ref());
        let text = match constant {
            Some(Some(Value::Str(s))) => Some(s.clone()),
            Some(_) => return,
            None => None,
        };
        let is_date = matches!(owner, "System.DateTime" | "System.DateTimeOffset");
        let (message, help) = match text.as_deref() {
            None if is_date => (
                "a date written without a format has the month first".to_owned(),
                "write `ToString(\"o\")` for ISO 8601",
            ),
            Some(f) if is_date && f.chars().count() == 1 && !ROUND_TRIP.contains(&f) => (
                format!("format `{f}` writes a date as the culture does; here the month comes first"),
                "`o`, `s`, `u` and `r` are the same everywhere; or write the parts: `yyyy-MM-dd`",
            ),
            Some(f) if is_number(owner) && is_standard(f, 'C') => (
                format!("format `{f}` writes the culture's currency; here that is the sign `¤`"),
                "write the currency yourself, with format `F2` for the number",
            ),
            Some(f) if is_number(owner) && (is_standard(f, 'N') || is_standard(f, 'P')) => (
                format!("format `{f}` separates thousands as the culture does; here with `,`"),
                "pass `System.Globalization.CultureInfo.InvariantCulture`, or use `F` for a plain number",
            ),
            _ => return,
        };
        self.report(Diagnostic::warning(codes::CULTURE_FORMAT.number, span, message).help(help));
    }
}

impl<'a> Binder<'a> {
    /// `string.Format` with a constant format that asks for more than is passed: it throws whenever it is reached.
    pub(super) fn lint_placeholders(&mut self, owner: &Type, member: &Member, args: &[Passed<'a>]) {
        if *owner != Type::STRING || &*member.name != "Format" {
            return;
        }
        let at = member.params.iter().position(|p| &*p.name == "format").unwrap_or(0);
        let Some(Passed::Value(format)) = args.get(at) else { return };
        let Some(Value::Str(text)) = &format.constant else { return };
        let given = match args.get(at.saturating_add(1)..) {
            // `params object[]`: as many as were written; an array that was passed as such has any number.
            Some([Passed::Value(rest)]) if rest.ty.item().is_some() => match &rest.kind {
                Kind::ArrayOf { items, .. } => items.len(),
                _ => return,
            },
            Some(rest) => rest.len(),
            None => 0,
        };
        let message = match highest_placeholder(text) {
            Err(()) => "this format cannot be read: a brace stands alone, or a placeholder is no number".to_owned(),
            Ok(Some(highest)) if highest >= given => {
                let values = if given == 1 { "value is" } else { "values are" };
                format!("the format asks for `{{{highest}}}`, but only {given} {values} passed")
            }
            Ok(_) => return,
        };
        let help = "the call throws `FormatException`; values count from `{0}`, and a brace as text is written `{{`";
        self.report(Diagnostic::warning(codes::FORMAT_ARGUMENTS.number, format.span, message).help(help));
    }
}

/// The highest number of a composite format; an error for one that .NET cannot read.
fn highest_placeholder(format: &str) -> Result<Option<usize>, ()> {
    let mut highest = None;
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '{' | '}' if chars.peek() == Some(&c) => drop(chars.next()),
            '}' => return Err(()),
            '{' => {
                let mut inside = String::new();
                loop {
                    match chars.next() {
                        Some('}') => break,
                        Some(c) => inside.push(c),
                        None => return Err(()),
                    }
                }
                let digits: String = inside.chars().take_while(char::is_ascii_digit).collect();
                let rest = inside.get(digits.len()..).unwrap_or("").trim_start();
                let number = digits.parse::<usize>().map_err(|_| ())?;
                if !(rest.is_empty() || rest.starts_with([',', ':'])) {
                    return Err(());
                }
                highest = highest.max(Some(number));
            }
            _ => {}
        }
    }
    Ok(highest)
}

fn reading(owner: &str, name: &str) -> Option<Reads> {
    match (owner, name) {
        ("System.DateTime" | "System.DateTimeOffset", "Parse" | "TryParse") | ("System.Convert", "ToDateTime") => {
            Some(Reads::Date)
        }
        ("System.Double" | "System.Single" | "System.Decimal", "Parse" | "TryParse")
        | ("System.Convert", "ToDouble" | "ToSingle" | "ToDecimal") => Some(Reads::Fraction),
        _ => None,
    }
}

fn is_number(owner: &str) -> bool {
    matches!(
        owner,
        "System.Double"
            | "System.Single"
            | "System.Decimal"
            | "System.Int32"
            | "System.Int64"
            | "System.UInt32"
            | "System.UInt64"
    )
}

/// A standard format of that letter, with or without a precision.
fn is_standard(format: &str, letter: char) -> bool {
    let mut chars = format.chars();
    chars.next().is_some_and(|c| c.eq_ignore_ascii_case(&letter)) && chars.all(|c| c.is_ascii_digit())
}
