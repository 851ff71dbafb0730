//! Values as XML text and back (`XmlConvert`): what a constructor argument becomes, and the cast operators of elements and attributes.
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::format::format_value;
use crate::member::Native;
use crate::object;
use crate::types::{Type, TypeId, ids};
use crate::value::{Str, Value};

use super::node::NodeObject;

const TICKS_PER_SECOND: i64 = 10_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Text of a value as content of an element or attribute.
pub(super) fn to_text(cx: &mut dyn Ambient, value: &Value) -> Result<Str> {
    Ok(match value {
        Value::Str(s) => s.clone(),
        Value::Bool(b) => if *b { "true" } else { "false" }.into(),
        Value::Double(d) if d.is_infinite() => if *d > 0.0 { "INF" } else { "-INF" }.into(),
        Value::Single(d) if d.is_infinite() => if *d > 0.0 { "INF" } else { "-INF" }.into(),
        Value::DateTime(_) => format_value(cx, value, "yyyy-MM-ddTHH:mm:ss.FFFFFFFK")?,
        Value::DateTimeOffset(d) => {
            let zone = if d.offset_minutes == 0 { "Z" } else { "zzz" };
            let text = format_value(
                cx,
                value,
                &format!("yyyy-MM-ddTHH:mm:ss.FFFFFFF{}", if zone == "Z" { "" } else { zone }),
            )?;
            if zone == "Z" { format!("{text}Z").into() } else { text }
        }
        Value::TimeSpan(ticks) => duration(*ticks).into(),
        Value::Object(o) if o.as_any().is::<NodeObject>() => {
            return Err(Exception::argument_message("An XObject cannot be used as a value."));
        }
        other => object::text(cx, other)?,
    })
}

/// ISO 8601 duration, as `XmlConvert.ToString(TimeSpan)` writes it.
fn duration(ticks: i64) -> String {
    if ticks == 0 {
        return "PT0S".into();
    }
    let (sign, total) = if ticks < 0 { ("-", ticks.unsigned_abs()) } else { ("", ticks.unsigned_abs()) };
    let per_second = TICKS_PER_SECOND.unsigned_abs();
    let (seconds, fraction) = (total / per_second, total % per_second);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let mut out = format!("{sign}P");
    if days > 0 {
        out.push_str(&format!("{days}D"));
    }
    if rest > 0 || fraction > 0 {
        out.push('T');
        for (n, unit) in [(rest / 3600, 'H'), (rest / 60 % 60, 'M')] {
            if n > 0 {
                out.push_str(&format!("{n}{unit}"));
            }
        }
        let second = rest % 60;
        if fraction > 0 {
            let digits = format!("{fraction:07}");
            out.push_str(&format!("{second}.{}S", digits.trim_end_matches('0')));
        } else if second > 0 {
            out.push_str(&format!("{second}S"));
        }
    }
    out
}

/// A date or time of XML Schema as one that has all its parts; `None` if it is none. What is not said is 1904-01-01, whose year
/// was a leap year.
fn whole_date(text: &str) -> Option<String> {
    let zone = text.rfind(['Z', '+']).or_else(|| {
        text.rfind('-').filter(|at| {
            text.len() - at == 6
                && text.ends_with(|c: char| c.is_ascii_digit())
                && text.get(at + 3..at + 4) == Some(":")
        })
    });
    let (body, zone) = text.split_at(zone.unwrap_or(text.len()));
    let shape: String = body.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let (date, time) = shape.split_once('T').map_or((&*shape, None), |(d, t)| (d, Some(t)));
    let is_time = |t: &str| {
        let (seconds, fraction) = t.split_once('.').unwrap_or((t, "0"));
        seconds == "00:00:00" && !fraction.is_empty() && fraction.bytes().all(|b| b == b'0')
    };
    if !(zone.is_empty() || zone == "Z" || zone.len() == 6) || !time.is_none_or(is_time) {
        return None;
    }
    let whole = match (date, time) {
        ("0000-00-00", _) => body.to_owned(),
        (t, None) if is_time(t) => body.to_owned(),
        ("0000-00", None) => format!("{body}-01"),
        ("0000", None) => format!("{body}-01-01"),
        ("--00-00", None) => format!("1904-{}", body.strip_prefix("--")?),
        ("---00", None) => format!("1904-01-{}", body.strip_prefix("---")?),
        ("--00", None) => format!("1904-{}-01", body.strip_prefix("--")?),
        _ => return None,
    };
    Some(if zone.is_empty() || whole.contains(':') { whole + zone } else { format!("{whole}T00:00:00{zone}") })
}

/// `XmlConvert.ToTimeSpan`
fn parse_duration(text: &str) -> Result<i64> {
    let bad = || Exception::format(format!("The string '{text}' is not a valid TimeSpan value."));
    let trimmed = text.trim();
    let (negative, rest) = trimmed.strip_prefix('-').map_or((false, trimmed), |r| (true, r));
    let rest = rest.strip_prefix('P').ok_or_else(bad)?;
    let (mut seconds, mut fraction, mut in_time, mut any, mut digits) = (0i64, 0i64, false, false, String::new());
    for c in rest.chars() {
        if c == 'T' && !in_time && digits.is_empty() {
            in_time = true;
            continue;
        }
        if c.is_ascii_digit() || c == '.' {
            digits.push(c);
            continue;
        }
        let unit = match (c, in_time) {
            ('Y', false) => 365 * SECONDS_PER_DAY,
            ('M', false) => 30 * SECONDS_PER_DAY,
            ('D', false) => SECONDS_PER_DAY,
            ('H', true) => 3600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return Err(bad()),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
        if whole.is_empty() || !part.is_empty() && c != 'S' {
            return Err(bad());
        }
        if !part.is_empty() {
            let padded: String = part.chars().chain("0000000".chars()).take(7).collect();
            fraction = padded.parse().map_err(|_| bad())?;
        }
        let n: i64 = whole.parse().map_err(|_| bad())?;
        let add = n.checked_mul(unit).ok_or_else(Exception::overflow)?;
        seconds = seconds.checked_add(add).ok_or_else(Exception::overflow)?;
        any = true;
        digits.clear();
    }
    if !any || !digits.is_empty() {
        return Err(bad());
    }
    let ticks = seconds.checked_mul(TICKS_PER_SECOND).and_then(|t| t.checked_add(fraction));
    ticks.map(|t| if negative { -t } else { t }).ok_or_else(Exception::overflow)
}

/// `XmlConvert.ToBoolean` after lower-casing, as the cast operators do.
fn boolean(text: &str) -> Result<Value> {
    match text.trim().to_lowercase().as_str() {
        "true" | "1" => Ok(Value::Bool(true)),
        "false" | "0" => Ok(Value::Bool(false)),
        _ => Err(Exception::format(format!("The string '{}' is not a valid Boolean value.", text.to_lowercase()))),
    }
}

/// `Parse` of another type of this library, found by its parameters.
fn parse_with(cx: &mut dyn Ambient, id: TypeId, name: &str, args: &mut [Value]) -> Result<Value> {
    let wanted = args.len();
    let native: Option<Native> = cx.types().get(id).and_then(|def| {
        let fits = |m: &&std::sync::Arc<crate::member::Member>| {
            m.is_static && m.params.len() == wanted && m.params.first().is_some_and(|p| p.ty == Type::STRING)
        };
        let mut all = def.named(name).filter(fits);
        all.find_map(|m| m.native)
    });
    let native = native.ok_or_else(|| Exception::not_supported(format!("`{}.{name}` is not available", id.0)))?;
    native(&mut crate::member::Call { cx, types: &[], args })
}

/// Text to a value of the type, as the cast operator does it.
pub(super) fn from_text(cx: &mut dyn Ambient, text: &Str, ty: TypeId) -> Result<Value> {
    let trimmed = || Value::str(text.trim());
    match ty {
        ids::STRING => Ok(Value::Str(text.clone())),
        ids::BOOLEAN => boolean(text),
        ids::DOUBLE if text.trim() == "INF" => Ok(Value::Double(f64::INFINITY)),
        ids::DOUBLE if text.trim() == "-INF" => Ok(Value::Double(f64::NEG_INFINITY)),
        ids::SINGLE if text.trim() == "INF" => Ok(Value::Single(f32::INFINITY)),
        ids::SINGLE if text.trim() == "-INF" => Ok(Value::Single(f32::NEG_INFINITY)),
        // No sign at all may stand before an unsigned number here, unlike in `uint.Parse`.
        ids::UINT32 | ids::UINT64 if text.trim_start().starts_with(['-', '+']) => {
            Err(Exception::format("Input string was not in a correct format."))
        }
        ids::TIME_SPAN => Ok(Value::TimeSpan(parse_duration(text)?)),
        ids::DATE_TIME_OFFSET => {
            let whole = whole_date(text.trim())
                .ok_or_else(|| Exception::format(format!("The string '{text}' is not a valid AllXsd value.")))?;
            parse_with(cx, ty, "Parse", &mut [Value::str(whole)])
        }
        ids::DATE_TIME => {
            // DateTimeStyles.RoundtripKind: the zone in the text decides the kind.
            let styles = TypeId("System.Globalization.DateTimeStyles");
            let three = &mut [trimmed(), Value::Null, Value::Enum(styles, 128)];
            let has = cx.types().get(ty).is_some_and(|d| d.named("Parse").any(|m| m.params.len() == 3));
            if has { parse_with(cx, ty, "Parse", three) } else { parse_with(cx, ty, "Parse", &mut [trimmed()]) }
        }
        _ => parse_with(cx, ty, "Parse", &mut [trimmed()]),
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, parse_duration};

    #[test]
    fn durations_go_both_ways() {
        for (ticks, text) in [
            (0, "PT0S"),
            (610_000_000, "PT1M1S"),
            (-15_000_000, "-PT1.5S"),
            (864_000_000_000, "P1D"),
            (936_610_010_000, "P1DT2H1M1.001S"),
        ] {
            assert_eq!(duration(ticks), text);
            assert_eq!(parse_duration(text).unwrap(), ticks);
        }
        assert!(parse_duration("P").is_err() && parse_duration("1D").is_err());
    }
}
