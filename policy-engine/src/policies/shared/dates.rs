//! Texts that look like dates, for policies that read JSON as Newtonsoft does, and .NET's forms of dates.
use dotnet::{DateTime, Value};

use crate::context;
use crate::run::{Cx, PolicyError};

/// .NET ticks between 0001-01-01 and 1970-01-01.
const UNIX_EPOCH_TICKS: i64 = 621_355_968_000_000_000;
const TICKS_PER_MILLISECOND: i64 = 10_000;
/// The last tick of the year 9999.
const MAX_TICKS: i64 = 3_155_378_975_999_999_999;

/// A date in ISO 8601 with `T`, or `/Date(milliseconds)/`; `None` for any other text.
pub(in crate::policies) fn read(cx: &mut Cx<'_>, text: &str) -> Option<DateTime> {
    if let Some(inside) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        // An offset only says where the date was written.
        let end = inside.get(1..)?.find(['+', '-']).map_or(inside.len(), |at| at.saturating_add(1));
        let milliseconds: i64 = inside.get(..end)?.parse().ok()?;
        let ticks = milliseconds.checked_mul(TICKS_PER_MILLISECOND)?.checked_add(UNIX_EPOCH_TICKS)?;
        return (0..=MAX_TICKS).contains(&ticks).then_some(DateTime { ticks, kind: 1 });
    }
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| bytes.get(from..to).is_some_and(|b| b.iter().all(u8::is_ascii_digit));
    let mark = |at: usize, mark: u8| bytes.get(at) == Some(&mark);
    let is_date = digits(0, 4) && mark(4, b'-') && digits(5, 7) && mark(7, b'-') && digits(8, 10) && mark(10, b'T');
    if !(is_date && digits(11, 13) && mark(13, b':') && digits(14, 16) && bytes.len() <= 40) {
        return None;
    }
    cx.ambient(|ambient| context::date(ambient, text)).ok()
}

/// A date as .NET formats it.
pub(in crate::policies) fn formatted(cx: &mut Cx<'_>, date: DateTime, format: &str) -> Result<String, PolicyError> {
    let pattern = Value::str(format!("{{0:{format}}}"));
    let text = cx.ambient(|ambient| {
        let text = context::library(ambient, "System.String", "Format", &mut [pattern, Value::DateTime(date)])?;
        crate::run::text_of(&text, ambient)
    })?;
    Ok(text.as_ref().to_owned())
}

/// A date in ISO 8601 as .NET's XML writers have it.
pub(in crate::policies) fn iso(cx: &mut Cx<'_>, date: DateTime) -> Result<String, PolicyError> {
    formatted(cx, date, "yyyy-MM-ddTHH:mm:ss.FFFFFFFK")
}
