//! The invariant culture: order and equality of texts as its comparer sees them, and its case mapping.
//!
//! Linguistic order is the root collation of CLDR (what .NET uses through ICU); ordinal order is that of UTF-16 code units.
mod forms;
pub(crate) mod search;

use std::cmp::Ordering;
use std::sync::LazyLock;

use icu_collator::options::{AlternateHandling, CaseLevel, CollatorOptions, MaxVariable, Strength};
use icu_collator::{Collator, CollatorBorrowed};

use crate::utf16;

/// What a culture-bound comparison overlooks (`CompareOptions`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ignore {
    /// `IgnoreCase`
    pub case: bool,
    /// `IgnoreNonSpace`: accents
    pub accents: bool,
    /// `IgnoreSymbols`: spaces, punctuation, symbols
    pub symbols: bool,
    /// `IgnoreKanaType`: hiragana and katakana
    pub kana: bool,
    /// `IgnoreWidth`: full and half width
    pub width: bool,
}

/// One collator for each choice of case, accents and symbols.
static COLLATORS: LazyLock<[Option<CollatorBorrowed<'static>>; 8]> = LazyLock::new(|| {
    std::array::from_fn(|n| {
        collator(Ignore { case: n & 1 != 0, accents: n & 2 != 0, symbols: n & 4 != 0, ..Ignore::default() })
    })
});

/// As .NET asks ICU: accents are the second level, case the third, which stays on as a level of its own where only accents go.
fn collator(ignore: Ignore) -> Option<CollatorBorrowed<'static>> {
    let mut options = CollatorOptions::default();
    options.strength = Some(match (ignore.accents, ignore.case) {
        (true, _) => Strength::Primary,
        (false, true) => Strength::Secondary,
        (false, false) => Strength::Tertiary,
    });
    if ignore.accents && !ignore.case {
        options.case_level = Some(CaseLevel::On);
    }
    if ignore.symbols {
        options.alternate_handling = Some(AlternateHandling::Shifted);
        options.max_variable = Some(MaxVariable::Currency);
    }
    Collator::try_new(Default::default(), options).ok()
}

fn collate(a: &str, b: &str, ignore: Ignore) -> Ordering {
    let n = usize::from(ignore.case) | usize::from(ignore.accents) << 1 | usize::from(ignore.symbols) << 2;
    match COLLATORS.get(n).and_then(Option::as_ref) {
        Some(collator) => collator.compare(a, b),
        None => compare_ordinal(a, b).cmp(&0),
    }
}

/// `string.Compare(a, b, ignoreCase)` in the invariant culture.
pub fn compare(a: &str, b: &str, ignore_case: bool) -> Ordering {
    compare_by(a, b, Ignore { case: ignore_case, ..Ignore::default() })
}

/// Order of texts in the invariant culture.
///
/// Kind of kana and width are differences of the third level. Where that level does not count, .NET makes first-level differences
/// of them by rules of its own, unless they are to be ignored too; where it does count, ignoring them is done on the texts.
pub fn compare_by(a: &str, b: &str, ignore: Ignore) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    if a.is_ascii() && b.is_ascii() {
        return collate(a, b, ignore);
    }
    if ignore.kana || ignore.width {
        let (a, b) = (forms::folded(a, ignore), forms::folded(b, ignore));
        return compare_forms(&a, &b, ignore);
    }
    compare_forms(a, b, ignore)
}

fn compare_forms(a: &str, b: &str, ignore: Ignore) -> Ordering {
    if !ignore.case && !ignore.accents {
        return collate(a, b, ignore);
    }
    forms::first_difference(a, b)
        .or_else(|| {
            let same = collate(a, b, Ignore { case: true, accents: true, ..ignore }).is_eq();
            forms::of(a).cmp(&forms::of(b)).is_ne().then(|| forms::of(a).cmp(&forms::of(b))).filter(|_| same)
        })
        .unwrap_or_else(|| collate(a, b, ignore))
}

/// `string.CompareOrdinal`: difference of the first differing code units, or of the lengths. .NET compares in pairs of units and sees the
/// zero behind a text, so that the first unit of the longer text may be the difference.
pub fn compare_ordinal(a: &str, b: &str) -> i32 {
    let (mut x, mut y) = (utf16::iter(a), utf16::iter(b));
    let mut at = 0_usize;
    loop {
        match (x.next(), y.next()) {
            (None, None) => return 0,
            (Some(x), Some(y)) if x == y => at = at.saturating_add(1),
            (Some(x), Some(y)) => return i32::from(x).wrapping_sub(i32::from(y)),
            (Some(unit), None) if at < 2 || at % 2 == 1 => return i32::from(unit),
            (None, Some(unit)) if at < 2 || at % 2 == 1 => return i32::from(unit).wrapping_neg(),
            (Some(_), None) => return i32::try_from(x.count()).unwrap_or(i32::MAX).saturating_add(1),
            (None, Some(_)) => return i32::try_from(y.count()).unwrap_or(i32::MAX).saturating_add(1).wrapping_neg(),
        }
    }
}

/// Ordinal order of parts of texts: difference of the first differing code units, or of the lengths.
pub fn compare_units(a: &str, b: &str) -> i32 {
    difference(utf16::iter(a), utf16::iter(b))
}

/// Ordinal order with simple upper-casing of each character.
pub fn compare_ordinal_ignore_case(a: &str, b: &str) -> i32 {
    difference(upper_units(a), upper_units(b))
}

/// `StringComparison.OrdinalIgnoreCase` equality.
pub fn equals_ignore_case(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
        || ((!a.is_ascii() || !b.is_ascii()) && a.chars().map(to_upper).eq(b.chars().map(to_upper)))
}

fn upper_units(text: &str) -> impl Iterator<Item = u16> + '_ {
    text.chars().flat_map(|c| {
        let (first, second) = utf16::pair(to_upper(c));
        std::iter::once(first).chain(second)
    })
}

fn difference(mut a: impl Iterator<Item = u16>, mut b: impl Iterator<Item = u16>) -> i32 {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return 0,
            (Some(x), Some(y)) if x == y => {}
            (Some(x), Some(y)) => return i32::from(x).wrapping_sub(i32::from(y)),
            (Some(_), None) => return i32::try_from(a.count()).unwrap_or(i32::MAX).saturating_add(1),
            (None, Some(_)) => return i32::try_from(b.count()).unwrap_or(i32::MAX).saturating_add(1).wrapping_neg(),
        }
    }
}

/// Simple (one to one) upper case; .NET never makes `SS` of `ß`. The Turkish letters map to themselves in the invariant culture.
pub fn to_upper(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let mut mapped = c.to_uppercase();
    match (c, mapped.next(), mapped.next()) {
        ('ı' | 'ſ', ..) => c,
        (_, Some(one), None) => one,
        // Greek letters with iota below: the titlecase letter is the simple mapping.
        ('\u{1f80}'..='\u{1faf}', ..) => char::from_u32(u32::from(c) | 8).unwrap_or(c),
        ('\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}', ..) => char::from_u32(u32::from(c).saturating_add(9)).unwrap_or(c),
        _ => c,
    }
}

/// Simple lower case.
pub fn to_lower(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut mapped = c.to_lowercase();
    match (c, mapped.next(), mapped.next()) {
        ('İ', ..) => c,
        (_, Some(one), None) => one,
        _ => c,
    }
}
