//! Typed access to the arguments of a call. The binder has converted them; a mismatch is a mistake in a table and ends in
//! `InvalidCastException`.
use rust_decimal::Decimal;

use crate::culture;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::types::Type;
use crate::value::{DateTime, DateTimeOffset, Value};

fn wrong(c: &Call<'_>, n: usize, to: &Type) -> Exception {
    Exception::invalid_cast(&c.arg(n).net_type(), to)
}

/// Text of the receiver, or of an argument that is known not to be null.
pub(crate) fn text<'a>(c: &'a Call<'_>, n: usize) -> Result<&'a str> {
    c.arg(n)
        .as_str()
        .ok_or_else(|| if c.arg(n).is_null() { Exception::null_reference() } else { wrong(c, n, &Type::STRING) })
}

pub(crate) fn unit(c: &Call<'_>, n: usize) -> Result<u16> {
    match c.arg(n) {
        Value::Char(v) => Ok(*v),
        _ => Err(wrong(c, n, &Type::CHAR)),
    }
}

pub(crate) fn char(c: &Call<'_>, n: usize) -> Result<char> {
    unit(c, n).map(crate::utf16::char_of)
}

pub(crate) fn decimal(c: &Call<'_>, n: usize) -> Result<Decimal> {
    match c.arg(n) {
        Value::Decimal(v) => Ok(*v),
        _ => Err(wrong(c, n, &Type::DECIMAL)),
    }
}

pub(crate) fn single(c: &Call<'_>, n: usize) -> Result<f32> {
    match c.arg(n) {
        Value::Single(v) => Ok(*v),
        _ => Err(wrong(c, n, &Type::FLOAT)),
    }
}

pub(crate) fn date(c: &Call<'_>, n: usize) -> Result<DateTime> {
    match c.arg(n) {
        Value::DateTime(v) => Ok(*v),
        _ => Err(wrong(c, n, &Type::DATE_TIME)),
    }
}

pub(crate) fn offset(c: &Call<'_>, n: usize) -> Result<DateTimeOffset> {
    match c.arg(n) {
        Value::DateTimeOffset(v) => Ok(*v),
        _ => Err(wrong(c, n, &Type::DATE_TIME_OFFSET)),
    }
}

pub(crate) fn span(c: &Call<'_>, n: usize) -> Result<i64> {
    match c.arg(n) {
        Value::TimeSpan(v) => Ok(*v),
        _ => Err(wrong(c, n, &Type::TIME_SPAN)),
    }
}

pub(crate) fn guid(c: &Call<'_>, n: usize) -> Result<[u8; 16]> {
    match c.arg(n) {
        Value::Guid(v) => Ok(*v),
        _ => Err(wrong(c, n, &Type::GUID)),
    }
}

/// Number of an enum argument; `default` for null (an omitted provider, say).
pub(crate) fn number_or(c: &Call<'_>, n: usize, default: i32) -> i32 {
    match c.arg(n) {
        Value::Enum(_, v) | Value::Int32(v) => *v,
        _ => default,
    }
}

/// `StringComparison`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Culture,
    CultureIgnoreCase,
    Ordinal,
    OrdinalIgnoreCase,
    /// By `CompareOptions` that overlook more than case.
    Options(culture::Ignore),
}

impl Comparison {
    /// By the number of a `StringComparison`.
    pub(crate) fn of(number: i32) -> Option<Comparison> {
        match number {
            0 | 2 => Some(Comparison::Culture),
            1 | 3 => Some(Comparison::CultureIgnoreCase),
            4 => Some(Comparison::Ordinal),
            5 => Some(Comparison::OrdinalIgnoreCase),
            _ => None,
        }
    }

    pub(crate) fn ignores_case(self) -> bool {
        matches!(self, Comparison::CultureIgnoreCase | Comparison::OrdinalIgnoreCase)
    }

    /// What a culture-bound search for `wanted` in `text` overlooks; `None` where it finds what an ordinal one does.
    pub(crate) fn searches(self, text: &str, wanted: &str) -> Option<culture::Ignore> {
        let plain = || culture::search::is_plain(text) && culture::search::is_plain(wanted);
        match self {
            Comparison::Ordinal | Comparison::OrdinalIgnoreCase => None,
            Comparison::Options(ignore) => Some(ignore),
            Comparison::Culture | Comparison::CultureIgnoreCase if plain() => None,
            other => Some(culture::Ignore { case: other.ignores_case(), ..culture::Ignore::default() }),
        }
    }

    pub(crate) fn equals(self, a: &str, b: &str) -> bool {
        match self {
            Comparison::Ordinal => a == b,
            Comparison::OrdinalIgnoreCase => culture::equals_ignore_case(a, b),
            Comparison::Culture => culture::compare(a, b, false).is_eq(),
            Comparison::CultureIgnoreCase => culture::compare(a, b, true).is_eq(),
            Comparison::Options(ignore) => culture::compare_by(a, b, ignore).is_eq(),
        }
    }

    pub(crate) fn compare(self, a: &str, b: &str) -> i32 {
        match self {
            Comparison::Ordinal => culture::compare_ordinal(a, b),
            Comparison::OrdinalIgnoreCase => culture::compare_ordinal_ignore_case(a, b),
            Comparison::Culture => culture::compare(a, b, false) as i32,
            Comparison::CultureIgnoreCase => culture::compare(a, b, true) as i32,
            Comparison::Options(ignore) => culture::compare_by(a, b, ignore) as i32,
        }
    }
}

/// The `StringComparison` argument; an undefined number is an `ArgumentException`.
pub(crate) fn comparison(c: &Call<'_>, n: usize) -> Result<Comparison> {
    Comparison::of(number_or(c, n, -1)).ok_or_else(|| {
        Exception::argument("The string comparison type passed in is currently not supported.", "comparisonType")
    })
}
