//! What the two quotas have in common: spans of fixed length, totals of calls and bytes, and the refusal.
//!
//! Calls are counted when the policy runs. Bytes are those of both messages on the client's side, heads included; they are added
//! when the exchange is over, so the call that crosses the limit completes. A kilobyte has 1024 bytes.
use std::time::Duration;

use crate::compile::{AttributeSpec, Node, Refused};
use crate::diagnostics::codes;
use crate::host::{Total, Totals};
use crate::run::{Cx, PolicyError};

const TICKS_PER_SECOND: i64 = 10_000_000;
const KILOBYTE: u64 = 1024;

/// Attributes of both.
pub(in crate::policies) const CALLS: AttributeSpec = AttributeSpec::optional("calls", "calls in the period").literal();
pub(in crate::policies) const BANDWIDTH: AttributeSpec =
    AttributeSpec::optional("bandwidth", "kilobytes in the period, both directions together").literal();

/// How much of what.
#[derive(Clone, Copy)]
pub(in crate::policies) struct Amounts {
    calls: Option<u64>,
    bytes: Option<u64>,
}

impl Amounts {
    /// Reads `calls` and `bandwidth`, of which one must be there.
    pub(in crate::policies) fn read(node: &mut Node<'_, '_>) -> Result<Amounts, Refused> {
        let calls = node.literal_or_none("calls");
        let bandwidth: Result<Option<u64>, Refused> = node.literal_or_none("bandwidth");
        let amounts = Amounts { calls: calls?, bytes: bandwidth?.map(|kilobytes| kilobytes.saturating_mul(KILOBYTE)) };
        if amounts.calls.is_none() && amounts.bytes.is_none() {
            let message = format!("`{}` needs `calls`, `bandwidth` or both", node.name());
            return node.fail(codes::MISSING_ATTRIBUTE, message, None);
        }
        Ok(amounts)
    }

    /// For a call that is in the total already: it may be the last one that fits.
    pub(in crate::policies) fn counted_already(self) -> Amounts {
        Amounts { calls: self.calls.map(|calls| calls.saturating_add(1)), bytes: self.bytes }
    }
}

/// A span of time that totals belong to.
#[derive(Clone)]
pub(in crate::policies) struct Span {
    key: String,
    /// `None` never ends.
    ends: Option<i64>,
}

impl Span {
    /// The span around `now`: the periods follow each other from `start` on, before it too. A period of 0 never ends.
    pub(in crate::policies) fn around(now: i64, key: &str, start: i64, period: u64) -> Span {
        let length = i64::try_from(period).unwrap_or(i64::MAX).saturating_mul(TICKS_PER_SECOND);
        if length <= 0 {
            return Span { key: format!("{key}\u{1f}0"), ends: None };
        }
        let index = now.saturating_sub(start).div_euclid(length);
        let ends = start.saturating_add(index.saturating_add(1).saturating_mul(length));
        Span { key: format!("{key}\u{1f}{period}\u{1f}{start}\u{1f}{index}"), ends: Some(ends) }
    }

    fn total(&self, what: &str) -> Total {
        Total { key: format!("{}\u{1f}{what}", self.key), ends: self.ends.unwrap_or(i64::MAX) }
    }

    /// Total of the calls.
    pub(in crate::policies) fn calls(&self) -> Total {
        self.total("calls")
    }

    /// Total of the bytes.
    fn bytes(&self) -> Total {
        self.total("bytes")
    }

    fn refusal(&self, what: &str, now: i64) -> PolicyError {
        let Some(ends) = self.ends else {
            return PolicyError::refusal(403, "QuotaExceeded", format!("Out of {what} quota."));
        };
        let left = Duration::from_nanos(u64::try_from(ends.saturating_sub(now)).unwrap_or(0).saturating_mul(100));
        let seconds = left.as_secs().saturating_add(u64::from(left.subsec_nanos() > 0)).max(1);
        let text = format!("Out of {what} quota. Quota will be replenished in {}.", time_span(seconds));
        PolicyError::refusal(403, "QuotaExceeded", text).header(http::header::RETRY_AFTER, &seconds.to_string())
    }
}

/// Looks (`calls` = 0) or counts calls; bytes are only looked at.
pub(in crate::policies) async fn pass(
    totals: &dyn Totals,
    span: &Span,
    amounts: Amounts,
    calls: u64,
    now: i64,
) -> Result<(), PolicyError> {
    if let Some(most) = amounts.bytes
        && !totals.spend(&span.bytes(), most, 0, now).get().await
    {
        return Err(span.refusal("bandwidth", now));
    }
    if let Some(most) = amounts.calls
        && !totals.spend(&span.calls(), most, calls, now).get().await
    {
        return Err(span.refusal("call volume", now));
    }
    Ok(())
}

/// Has the bytes of this exchange counted when it is over.
pub(in crate::policies) fn meter(cx: &mut Cx<'_>, span: &Span, amounts: Amounts) {
    let total = span.bytes();
    if amounts.bytes.is_some() && !cx.state.meters.contains(&total) {
        cx.state.meters.push(total);
    }
}

/// `[d.]hh:mm:ss`
fn time_span(seconds: u64) -> String {
    let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let clock = format!("{hours:02}:{minutes:02}:{rest:02}");
    if days > 0 { format!("{days}.{clock}") } else { clock }
}

/// Ticks of a time as the configuration writes it: `2024-01-01T00:00:00Z`, possibly with a fraction or an offset.
pub(in crate::policies) fn ticks_of(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<i64>().ok()).flatten()
    };
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let separators = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
    let is_formed = separators.iter().all(|(at, wanted)| text.get(*at..at + 1) == Some(wanted));
    let is_time = (1..=9999).contains(&year) && hour < 24 && minute < 60 && second < 60;
    if !is_formed || !is_time || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let rest = text.get(19..)?;
    let zone = rest.strip_prefix('.').map_or(rest, |r| r.trim_start_matches(|c: char| c.is_ascii_digit()));
    let offset = match zone {
        "" | "Z" => 0,
        other => {
            let sign = if other.starts_with('-') { -1 } else { i64::from(other.starts_with('+')) };
            let (hours, minutes) = other.get(1..)?.split_once(':')?;
            (sign != 0).then_some(())?;
            sign * (i64::from(hours.parse::<u8>().ok()?) * 60 + i64::from(minutes.parse::<u8>().ok()?))
        }
    };
    let before = (1..month).map(|m| days_in(year, m)).sum::<i64>();
    let past = year - 1;
    let days = past * 365 + past / 4 - past / 100 + past / 400 + before + day - 1;
    Some((days * 86_400 + hour * 3600 + (minute - offset) * 60 + second) * TICKS_PER_SECOND)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_configuration() {
        assert_eq!(ticks_of("0001-01-01T00:00:00Z"), Some(0));
        assert_eq!(ticks_of("2024-05-06T11:08:09Z"), Some(638_505_904_890_000_000));
        assert_eq!(ticks_of("2024-05-06T13:08:09.123+02:00"), Some(638_505_904_890_000_000));
        assert_eq!(
            ticks_of("2024-03-01T00:00:00Z").unwrap() - ticks_of("2024-02-29T00:00:00Z").unwrap(),
            864_000_000_000
        );
        for bad in [
            "",
            "2024-02-30T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-01-01",
            "2024-01-01T00:00:00X",
            "2024-01-01T+1:00:00Z",
        ] {
            assert_eq!(ticks_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn spans_follow_each_other_from_their_start() {
        let second = TICKS_PER_SECOND;
        let span = |now, start| Span::around(now * second, "k", start * second, 10);
        assert_eq!(span(12, 5).ends, Some(15 * second));
        assert_eq!(span(15, 5).ends, Some(25 * second));
        assert_eq!(span(14, 5).key, span(5, 5).key);
        assert_ne!(span(15, 5).key, span(14, 5).key);
        assert_eq!(span(3, 5).ends, Some(5 * second), "before the start too");
        assert_eq!(Span::around(7, "k", 0, 0).ends, None);
    }

    #[test]
    fn times_are_written_as_dotnet_does() {
        assert_eq!(time_span(750), "00:12:30");
        assert_eq!(time_span(14 * 86_400 + 7 * 3600 + 13 * 60 + 56), "14.07:13:56");
    }
}
