//! Calls that are legal but rarely meant: texts read or written by the culture of the machine.
//!
//! The gateway runs with the invariant culture, so such a call is never a surprise of the machine's settings here; it is one for those
//! who expect the form of their own country: `03/04/2024` is March, `1,5` is fifteen, and `C` writes `¤`. Only calls whose result
//! really differs between common cultures are named; `int.Parse` and dates in formats of their own are not.
use dotnet::{Member, Type, Value};

use super::tree::{Expr, Passed};
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
            None if is_date => {
                ("a date written without a format has the month first".to_owned(), "write `ToString(\"o\")` for ISO 8601")
            }
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
        "System.Double" | "System.Single" | "System.Decimal" | "System.Int32" | "System.Int64" | "System.UInt32" | "System.UInt64"
    )
}

/// A standard format of that letter, with or without a precision.
fn is_standard(format: &str, letter: char) -> bool {
    let mut chars = format.chars();
    chars.next().is_some_and(|c| c.eq_ignore_ascii_case(&letter)) && chars.all(|c| c.is_ascii_digit())
}
