//! The invariant culture: order and equality of texts as its comparer sees them, and its case mapping.
//!
//! Linguistic order is the root collation of CLDR (what .NET uses through ICU); ordinal order is that of UTF-16 code units.
use std::cmp::Ordering;
use std::sync::LazyLock;

use icu_collator::options::{CollatorOptions, Strength};
use icu_collator::{Collator, CollatorBorrowed};

static EXACT_CASE: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| collator(Strength::Tertiary));
static ANY_CASE: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| collator(Strength::Secondary));

fn collator(strength: Strength) -> Option<CollatorBorrowed<'static>> {
    let mut options = CollatorOptions::default();
    options.strength = Some(strength);
    Collator::try_new(Default::default(), options).ok()
}

/// `string.Compare(a, b, ignoreCase)` in the invariant culture.
pub fn compare(a: &str, b: &str, ignore_case: bool) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    match if ignore_case { &*ANY_CASE } else { &*EXACT_CASE } {
        Some(collator) => collator.compare(a, b),
        None => compare_ordinal(a, b).cmp(&0),
    }
}

/// `string.CompareOrdinal`: difference of the first differing code units, or of the lengths.
pub fn compare_ordinal(a: &str, b: &str) -> i32 {
    difference(a.encode_utf16(), b.encode_utf16())
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
        let mut pair = [0; 2];
        let units = to_upper(c).encode_utf16(&mut pair).len();
        pair.into_iter().take(units)
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
