//! Forms of letters that culture-bound comparison tells apart or not: hiragana and katakana, full and half width.
use std::cmp::Ordering;

use icu_normalizer::ComposingNormalizer;

use super::Ignore;

/// Hiragana that has a katakana partner, and the distance to it.
const HIRAGANA: std::ops::RangeInclusive<u32> = 0x3041..=0x3096;
const TO_KATAKANA: u32 = 0x60;

fn is_katakana(c: char) -> bool {
    HIRAGANA.contains(&u32::from(c).wrapping_sub(TO_KATAKANA)) || matches!(c, 'ヽ' | 'ヾ')
}

/// Full-width forms of ASCII and half-width forms of the rest.
fn is_other_width(c: char) -> bool {
    matches!(c, '\u{3000}' | '\u{FF01}'..='\u{FFEE}')
}

fn to_hiragana(c: char) -> char {
    if is_katakana(c) { char::from_u32(u32::from(c) - TO_KATAKANA).unwrap_or(c) } else { c }
}

/// The text with the forms made one that are not to be told apart.
pub(super) fn folded(text: &str, ignore: Ignore) -> String {
    // Half-width katakana has no rule of its own where kana count and the third level does not: it goes with hiragana.
    let as_hiragana = !ignore.kana && (ignore.case || ignore.accents);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if !ignore.width || !is_other_width(c) || is_half_mark(c) => out.push(c),
            c => {
                let one = narrowed(c);
                if as_hiragana && is_half_kana(c) {
                    out.extend(one.chars().map(to_hiragana))
                } else {
                    out.push_str(&one)
                }
            }
        }
    }
    if ignore.kana {
        // Composed first: a voiced letter is one of the pairs.
        out = ComposingNormalizer::new_nfc().normalize(&out).chars().map(to_hiragana).collect();
    }
    out
}

fn is_half_kana(c: char) -> bool {
    matches!(c, '\u{FF66}'..='\u{FF9D}')
}

/// The half-width voice marks stay what they are.
fn is_half_mark(c: char) -> bool {
    matches!(c, '\u{FF9E}' | '\u{FF9F}')
}

fn narrowed(c: char) -> String {
    ComposingNormalizer::new_nfkc().normalize(c.encode_utf8(&mut [0; 4])).into_owned()
}

/// Kind of a letter's form in the order that .NET gives them; the usual one is 0.
fn form(c: char) -> u8 {
    match c {
        c if is_half_kana(c) => 3,
        c if is_other_width(c) && !is_half_mark(c) => 2,
        c if is_katakana(c) => 1,
        _ => 0,
    }
}

/// The unusual forms of the letters of a text.
pub(super) fn of(text: &str) -> Vec<u8> {
    text.chars().map(form).filter(|f| *f != 0).collect()
}

/// The order by the first letter whose form differs while all letters before and itself are the same.
pub(super) fn first_difference(a: &str, b: &str) -> Option<Ordering> {
    let plain = |c: char| {
        let one = if is_other_width(c) { narrowed(c) } else { c.to_string() };
        one.chars().map(|c| super::to_upper(to_hiragana(c))).collect::<String>()
    };
    for (x, y) in a.chars().zip(b.chars()) {
        if x == y {
            continue;
        }
        if plain(x) != plain(y) {
            return None;
        }
        let order = form(x).cmp(&form(y));
        if order.is_ne() {
            return Some(order);
        }
    }
    None
}
