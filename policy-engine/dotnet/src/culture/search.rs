//! Searching as a culture compares: a part of the text that is equal to what is looked for, although its characters may differ
//! (composed and decomposed letters, characters that comparison overlooks).
use icu_normalizer::ComposingNormalizer;
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

use super::{Ignore, compare_by};
use crate::ambient::Ambient;
use crate::exception::Result;

/// Characters that a match may have beyond those looked for.
const SLACK: usize = 16;
/// A match may be that many times as long as what is looked for.
const STRETCH: usize = 3;

/// Do equal parts of such texts consist of equal characters, but for case?
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~' | b'\t' | b'\n' | b'\r')) || text.chars().all(is_plain_char)
}

fn is_plain_char(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control() || matches!(c, '\t' | '\n' | '\r');
    }
    let overlooked = matches!(
        category(c),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::EnclosingMark
    );
    // Thai and Lao vowels change places with consonants.
    let reordered = matches!(c, '\u{0E00}'..='\u{0EFF}');
    !overlooked && !reordered && ComposingNormalizer::new_nfkc().is_normalized(c.encode_utf8(&mut [0; 4]))
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// Does the character belong to the one before it?
fn is_mark(c: char) -> bool {
    matches!(
        category(c),
        GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
    )
}

/// Byte positions where a match may begin or end.
fn boundaries(text: &str) -> Vec<usize> {
    let inner = text.char_indices().filter(|(at, c)| *at == 0 || !is_mark(*c)).map(|(at, _)| at);
    inner.chain([text.len()]).collect()
}

/// Searching does without the level of case where accents do not count. `None` for what is answered without looking.
fn prepared(text: &str, wanted: &str, ignore: Ignore) -> Option<Ignore> {
    (!text.is_empty() && !wanted.is_empty()).then_some(Ignore { case: ignore.case || ignore.accents, ..ignore })
}

fn equal(cx: &mut dyn Ambient, a: &str, b: &str, ignore: Ignore) -> Result<bool> {
    cx.charge_steps(u64::try_from(a.len() / 8).unwrap_or(u64::MAX).saturating_add(1))?;
    Ok(compare_by(a, b, ignore).is_eq())
}

fn most(wanted: &str) -> usize {
    wanted.chars().count().saturating_mul(STRETCH).saturating_add(SLACK)
}

/// Byte positions of the first part, or the last, that is equal.
pub(crate) fn find(
    cx: &mut dyn Ambient,
    text: &str,
    wanted: &str,
    ignore: Ignore,
    last: bool,
) -> Result<Option<(usize, usize)>> {
    let Some(ignore) = prepared(text, wanted, ignore) else {
        let at = if last { text.len() } else { 0 };
        return Ok(wanted.is_empty().then_some((at, at)));
    };
    let ends = boundaries(text);
    // What is overlooked in front of a match is no part of it.
    let anything = equal(cx, "", wanted, ignore)?;
    let starts = 0..ends.len();
    let order: Vec<usize> = if last { starts.rev().collect() } else { starts.collect() };
    for n in order {
        let rest = ends.get(n..).unwrap_or_default();
        let Some(start) = rest.first().copied() else { continue };
        if let (Some(next), false) = (rest.get(1), anything)
            && equal(cx, text.get(start..*next).unwrap_or_default(), "", ignore)?
        {
            continue;
        }
        for end in rest.iter().take(most(wanted)) {
            if equal(cx, text.get(start..*end).unwrap_or_default(), wanted, ignore)? {
                return Ok(Some((start, *end)));
            }
        }
    }
    Ok(None)
}

/// Does the text begin with an equal part?
pub(crate) fn starts_with(cx: &mut dyn Ambient, text: &str, wanted: &str, ignore: Ignore) -> Result<bool> {
    let Some(ignore) = prepared(text, wanted, ignore) else { return Ok(wanted.is_empty()) };
    for end in boundaries(text).into_iter().take(most(wanted)) {
        if equal(cx, text.get(..end).unwrap_or_default(), wanted, ignore)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Does the text end with an equal part?
pub(crate) fn ends_with(cx: &mut dyn Ambient, text: &str, wanted: &str, ignore: Ignore) -> Result<bool> {
    let Some(ignore) = prepared(text, wanted, ignore) else { return Ok(wanted.is_empty()) };
    for start in boundaries(text).into_iter().rev().take(most(wanted)) {
        if equal(cx, text.get(start..).unwrap_or_default(), wanted, ignore)? {
            return Ok(true);
        }
    }
    Ok(false)
}
