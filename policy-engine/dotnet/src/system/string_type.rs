//! `System.String`: construction, comparing, case and tests. Searching, editing and joining stand in the sibling files.
use super::arg::{self, Comparison};
use super::integers::{equals, to_string};
use super::string_prepare;
use crate::collections::array;
use crate::collections::enumerator::new_enumerator;
use crate::culture;
use crate::exception::{Exception, Result};
use crate::intern;
use crate::member::Call;
use crate::object;
use crate::table::{Builder, TypeBuilder};
use crate::types::{Type, ids};
use crate::utf16;
use crate::value::{Str, Value};
use std::sync::Arc;

/// Adds `System.String`.
pub(crate) fn define(b: &mut Builder) {
    let t = b
        .class(ids::STRING)
        .implements(&[
            "IEnumerable<char>",
            "System.Collections.IEnumerable",
            "IComparable",
            "IComparable<string>",
            "IEquatable<string>",
            "ICloneable",
        ])
        .pure("static string Empty", |_| Ok(Value::str("")))
        .pure("new(char c, int count)", repeat)
        .def("new(char[] value)", |c| from_chars(c, 0, None))
        // By way of a span, which `null` becomes an empty one of. Always a text of its own.
        .def("new(string value)", |c| Ok(Value::str(c.arg(0).as_str().unwrap_or_default())))
        .def("new(char[] value, int startIndex, int length)", |c| from_chars(c, 0, Some((1, 2))))
        .pure("int Length", length)
        .pure("char this[int index]", char_at)
        .pure("static bool IsNullOrEmpty(string value)", |c| {
            Ok(Value::Bool(c.arg(0).as_str().is_none_or(str::is_empty)))
        })
        .prepare(string_prepare::is_null_or_empty)
        .pure("static bool IsNullOrWhiteSpace(string value)", |c| {
            Ok(Value::Bool(c.arg(0).as_str().is_none_or(|s| s.chars().all(char::is_whitespace))))
        })
        .prepare(string_prepare::is_null_or_white_space)
        .pure("string ToString()", to_string)
        .pure("string ToString(IFormatProvider provider)", to_string)
        .pure("object Clone()", |c| Ok(c.take(0)))
        .pure("static string Copy(string str)", |c| c.str_arg(0, "str").map(Value::Str))
        .pure("static string Intern(string str)", |c| c.str_arg(0, "str").map(|s| Value::Str(intern::literal(&s))))
        .pure("static string IsInterned(string str)", |c| c.str_arg(0, "str").map(Value::Str))
        .pure("string ToUpper()", |c| cased(c, culture::to_upper))
        .prepare(|k| string_prepare::cased(k, culture::to_upper))
        .pure("string ToUpper(CultureInfo culture)", |c| cased(c, culture::to_upper))
        .pure("string ToUpperInvariant()", |c| cased(c, culture::to_upper))
        .prepare(|k| string_prepare::cased(k, culture::to_upper))
        .pure("string ToLower()", |c| cased(c, culture::to_lower))
        .prepare(|k| string_prepare::cased(k, culture::to_lower))
        .pure("string ToLower(CultureInfo culture)", |c| cased(c, culture::to_lower))
        .pure("string ToLowerInvariant()", |c| cased(c, culture::to_lower))
        .prepare(|k| string_prepare::cased(k, culture::to_lower))
        .def("IEnumerator<char> GetEnumerator()", |c| Ok(new_enumerator(Type::CHAR, c.arg(0).enumerate()?)))
        .def("char[] ToCharArray()", |c| to_char_array(c, None))
        .def("char[] ToCharArray(int startIndex, int length)", |c| to_char_array(c, Some((1, 2))))
        .def("void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count)", copy_to)
        .pure("string Normalize()", |c| normalize(c, 1))
        .pure("string Normalize(NormalizationForm normalizationForm)", |c| {
            let form = arg::number_or(c, 1, 1);
            normalize(c, form)
        })
        .pure("bool IsNormalized()", |c| is_normalized(c, 1))
        .pure("bool IsNormalized(NormalizationForm normalizationForm)", |c| {
            let form = arg::number_or(c, 1, 1);
            is_normalized(c, form)
        });
    comparing(t);
    super::string_search::define(b);
    super::string_edit::define(b);
    super::string_join::define(b);
}

fn comparing(t: TypeBuilder<'_>) {
    t.pure("static bool operator ==(string a, string b)", equals)
        .pure("static bool operator !=(string a, string b)", |c| {
            Ok(Value::Bool(!object::equals(c.arg(0), c.arg(1))))
        })
        .pure("bool Equals(string value)", equals)
        .pure("bool Equals(object obj)", equals)
        .pure("bool Equals(string value, StringComparison comparisonType)", equals_by)
        .pure("static bool Equals(string a, string b)", equals)
        .pure("static bool Equals(string a, string b, StringComparison comparisonType)", equals_by)
        .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))))
        .pure("int GetHashCode(StringComparison comparisonType)", |c| {
            let folded = fold(arg::text(c, 0)?, arg::comparison(c, 1)?);
            Ok(Value::Int32(object::text_hash(folded.bytes())))
        })
        .pure("int CompareTo(string strB)", |c| Ok(compared(c, 0, 1, Comparison::Culture)))
        .pure("int CompareTo(object value)", |c| match c.arg(1) {
            Value::Str(_) | Value::Null => Ok(compared(c, 0, 1, Comparison::Culture)),
            _ => Err(Exception::argument_message("Object must be of type String.")),
        })
        .pure("static int Compare(string strA, string strB)", |c| Ok(compared(c, 0, 1, Comparison::Culture)))
        .pure("static int Compare(string strA, string strB, bool ignoreCase)", |c| {
            let by = by_case(c, 2)?;
            Ok(compared(c, 0, 1, by))
        })
        .pure("static int Compare(string strA, string strB, bool ignoreCase, CultureInfo culture)", |c| {
            let by = by_case(c, 2)?;
            Ok(compared(c, 0, 1, by))
        })
        .pure("static int Compare(string strA, string strB, CultureInfo culture, CompareOptions options)", |c| {
            let by = by_options(arg::number_or(c, 3, 0))?;
            Ok(compared(c, 0, 1, by))
        })
        .pure("static int Compare(string strA, string strB, StringComparison comparisonType)", |c| {
            let by = arg::comparison(c, 2)?;
            Ok(compared(c, 0, 1, by))
        })
        .pure("static int Compare(string strA, int indexA, string strB, int indexB, int length)", |c| {
            compare_parts(c, Comparison::Culture)
        })
        .pure("static int Compare(string strA, int indexA, string strB, int indexB, int length, bool ignoreCase)", |c| {
            let by = by_case(c, 5)?;
            compare_parts(c, by)
        })
        .pure("static int Compare(string strA, int indexA, string strB, int indexB, int length, bool ignoreCase, CultureInfo culture)", |c| {
            let by = by_case(c, 5)?;
            compare_parts(c, by)
        })
        .pure("static int Compare(string strA, int indexA, string strB, int indexB, int length, CultureInfo culture, CompareOptions options)", |c| {
            let by = by_options(arg::number_or(c, 6, 0))?;
            compare_parts(c, by)
        })
        .pure("static int Compare(string strA, int indexA, string strB, int indexB, int length, StringComparison comparisonType)", |c| {
            let by = arg::comparison(c, 5)?;
            compare_parts(c, by)
        })
        .pure("static int CompareOrdinal(string strA, string strB)", |c| Ok(compared(c, 0, 1, Comparison::Ordinal)))
        .pure("static int CompareOrdinal(string strA, int indexA, string strB, int indexB, int length)", |c| {
            compare_parts(c, Comparison::Ordinal)
        });
}

/// The comparison that `CompareOptions` ask for. `StringSort` changes nothing where comparison is ICU's.
pub(super) fn by_options(options: i32) -> Result<Comparison> {
    const IGNORE_CASE: i32 = 1;
    const ORDINAL_IGNORE_CASE: i32 = 0x1000_0000;
    const STRING_SORT: i32 = 0x2000_0000;
    const ORDINAL: i32 = 0x4000_0000;
    const ALL: i32 = 0x1F | STRING_SORT;
    match options & !STRING_SORT {
        _ if options == ORDINAL => Ok(Comparison::Ordinal),
        _ if options == ORDINAL_IGNORE_CASE => Ok(Comparison::OrdinalIgnoreCase),
        _ if options & ORDINAL != 0 => {
            Err(Exception::argument("CompareOption.Ordinal cannot be used with other options.", "options"))
        }
        _ if options & !ALL != 0 => Err(Exception::argument("Value of flags is invalid.", "options")),
        0 => Ok(Comparison::Culture),
        IGNORE_CASE => Ok(Comparison::CultureIgnoreCase),
        more => Ok(Comparison::Options(culture::Ignore {
            case: more & IGNORE_CASE != 0,
            accents: more & 2 != 0,
            symbols: more & 4 != 0,
            kana: more & 8 != 0,
            width: more & 16 != 0,
        })),
    }
}

/// A form of the text that is equal exactly for texts that compare equal.
pub(super) fn fold(text: &str, by: Comparison) -> String {
    match by {
        Comparison::Ordinal => text.to_owned(),
        // Composed and decomposed letters are equal in a culture.
        Comparison::Culture => icu_normalizer::ComposingNormalizer::new_nfc().normalize(text).into_owned(),
        Comparison::CultureIgnoreCase => {
            icu_normalizer::ComposingNormalizer::new_nfc().normalize(text).chars().map(culture::to_upper).collect()
        }
        Comparison::OrdinalIgnoreCase => text.chars().map(culture::to_upper).collect(),
        // One for all: equal texts must agree, and no hash is asked for under these options.
        Comparison::Options(_) => String::new(),
    }
}

fn by_case(c: &Call<'_>, n: usize) -> Result<Comparison> {
    Ok(if c.bool(n)? { Comparison::CultureIgnoreCase } else { Comparison::Culture })
}

/// Three-way comparison of two arguments; null is smallest.
pub(super) fn compared(c: &Call<'_>, a: usize, b: usize, by: Comparison) -> Value {
    Value::Int32(match (c.arg(a).as_str(), c.arg(b).as_str()) {
        (None, None) => 0,
        (None, _) => -1,
        (_, None) => 1,
        (Some(a), Some(b)) => by.compare(a, b),
    })
}

fn compare_parts(c: &mut Call<'_>, by: Comparison) -> Result<Value> {
    let length = c.int(4)?;
    let mut parts = Vec::new();
    for (text, index, name) in [(0, 1, "indexA"), (2, 3, "indexB")] {
        let at = c.int(index)?;
        let Some(s) = c.arg(text).as_str() else {
            parts.push(None);
            continue;
        };
        let whole = utf16::len(s);
        let Some(at) = usize::try_from(at).ok().filter(|at| *at <= whole) else {
            return Err(Exception::argument_range("Index must refer to a location within the string.", name));
        };
        let length = usize::try_from(length)
            .map_err(|_| Exception::argument_range("Length cannot be less than zero.", "length"))?;
        parts.push(utf16::slice(s, at, length.min(whole - at)).map(|p| Value::str(p.into_owned())));
    }
    if let (Comparison::Ordinal, [Some(Value::Str(a)), Some(Value::Str(b))]) = (by, parts.as_slice()) {
        return Ok(Value::Int32(culture::compare_units(a, b)));
    }
    let mut values: Vec<Value> = parts.into_iter().map(Option::unwrap_or_default).collect();
    Ok(compared(&Call { cx: &mut *c.cx, types: &[], args: &mut values }, 0, 1, by))
}

fn equals_by(c: &mut Call<'_>) -> Result<Value> {
    let by = arg::comparison(c, 2)?;
    Ok(Value::Bool(match (c.arg(0).as_str(), c.arg(1).as_str()) {
        (Some(a), Some(b)) => by.equals(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }))
}

fn length(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Int32(super::to_int(utf16::len(arg::text(c, 0)?))))
}

fn char_at(c: &mut Call<'_>) -> Result<Value> {
    let at = usize::try_from(c.int(1)?).ok();
    at.and_then(|at| utf16::unit(arg::text(c, 0).ok()?, at)).map(Value::Char).ok_or_else(Exception::index_out_of_range)
}

fn repeat(c: &mut Call<'_>) -> Result<Value> {
    let count = usize::try_from(c.int(1)?)
        .map_err(|_| Exception::argument_range("Count cannot be less than zero.", "count"))?;
    let unit = arg::char(c, 0)?;
    c.cx.charge_bytes(count.saturating_mul(unit.len_utf8()))?;
    Ok(Value::str(std::iter::repeat_n(unit, count).collect::<String>()))
}

/// Code units of a `char[]`; null gives none.
pub(crate) fn units_of(value: &Value) -> Vec<u16> {
    let items = array::array(value).map(array::ArrayObject::to_vec).unwrap_or_default();
    items.iter().map(|v| if let Value::Char(u) = v { *u } else { 0 }).collect()
}

fn from_chars(c: &mut Call<'_>, n: usize, part: Option<(usize, usize)>) -> Result<Value> {
    let units = units_of(c.arg(n));
    c.cx.charge_bytes(units.len())?;
    let Some((start, length)) = part else { return Ok(Value::str(utf16::text(&units))) };
    if c.arg(n).is_null() {
        return Err(Exception::argument_null("value"));
    }
    let (start, length) = (c.int(start)?, c.int(length)?);
    if start < 0 {
        return Err(Exception::argument_range("StartIndex cannot be less than zero.", "startIndex"));
    }
    if length < 0 {
        return Err(Exception::argument_range("Length cannot be less than zero.", "length"));
    }
    let range = usize::try_from(start).ok().zip(usize::try_from(length).ok());
    let found = range.and_then(|(s, l)| units.get(s..s.checked_add(l)?));
    found.map(|u| Value::str(utf16::text(u))).ok_or_else(|| {
        Exception::argument_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            "startIndex",
        )
    })
}

fn to_char_array(c: &mut Call<'_>, part: Option<(usize, usize)>) -> Result<Value> {
    let units = utf16::units(arg::text(c, 0)?);
    c.cx.charge_bytes(units.len().saturating_mul(size_of::<Value>()))?;
    let chosen = match part {
        None => Some(units.as_slice()),
        Some((s, l)) => {
            let range = usize::try_from(c.int(s)?).ok().zip(usize::try_from(c.int(l)?).ok());
            range.and_then(|(s, l)| units.get(s..s.checked_add(l)?))
        }
    };
    let chosen = chosen.ok_or_else(|| {
        Exception::argument_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            "startIndex",
        )
    })?;
    Ok(array::new_array(Type::CHAR, chosen.iter().map(|u| Value::Char(*u)).collect()))
}

fn copy_to(c: &mut Call<'_>) -> Result<Value> {
    let units = utf16::units(arg::text(c, 0)?);
    if c.arg(2).is_null() {
        return Err(Exception::argument_null("destination"));
    }
    let bad = |name: &str| {
        Exception::argument_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            name,
        )
    };
    let count = usize::try_from(c.int(4)?)
        .map_err(|_| Exception::argument_range("Count cannot be less than zero.", "count"))?;
    let from = usize::try_from(c.int(1)?).map_err(|_| bad("sourceIndex"))?;
    let to = usize::try_from(c.int(3)?).map_err(|_| bad("destinationIndex"))?;
    let chosen = from.checked_add(count).and_then(|end| units.get(from..end)).ok_or_else(|| bad("sourceIndex"))?;
    let target = array::expect_array(c.arg(2))?;
    if to.saturating_add(count) > target.len() {
        return Err(bad("destinationIndex"));
    }
    for (i, unit) in chosen.iter().enumerate() {
        target.put(to + i, Value::Char(*unit));
    }
    Ok(Value::Null)
}

fn cased(c: &mut Call<'_>, f: fn(char) -> char) -> Result<Value> {
    arg::text(c, 0).map(|text| cased_text(text, f))
}

pub(super) fn cased_text(text: &str, f: fn(char) -> char) -> Value {
    if text.is_ascii() { Value::Str(cased_ascii(text, f)) } else { Value::str(text.chars().map(f).collect::<String>()) }
}

/// Writes the text in another case.
pub(super) fn append_cased(text: &str, f: fn(char) -> char, out: &mut String) {
    if !text.is_ascii() {
        out.extend(text.chars().map(f));
        return;
    }
    let start = out.len();
    out.push_str(text);
    match out.get_mut(start..) {
        Some(s) if f('a') == 'A' => s.make_ascii_uppercase(),
        Some(s) => s.make_ascii_lowercase(),
        None => {}
    }
}

fn cased_ascii(text: &str, f: fn(char) -> char) -> Str {
    let mut cased = Str::from(text);
    match Arc::get_mut(&mut cased) {
        Some(s) if f('a') == 'A' => s.make_ascii_uppercase(),
        Some(s) => s.make_ascii_lowercase(),
        None => {}
    }
    cased
}

/// `NormalizationForm`: 1 C, 2 D, 5 KC, 6 KD.
fn normalized(text: &str, form: i32) -> Result<String> {
    use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};
    if utf16::lone(text).is_some() {
        return Err(Exception::argument("String contains invalid Unicode code points.", "strInput"));
    }
    Ok(match form {
        1 => ComposingNormalizer::new_nfc().normalize(text).into_owned(),
        2 => DecomposingNormalizer::new_nfd().normalize(text).into_owned(),
        5 => ComposingNormalizer::new_nfkc().normalize(text).into_owned(),
        6 => DecomposingNormalizer::new_nfkd().normalize(text).into_owned(),
        _ => return Err(Exception::argument("Invalid normalization form.", "normalizationForm")),
    })
}

fn normalize(c: &mut Call<'_>, form: i32) -> Result<Value> {
    normalized(arg::text(c, 0)?, form).map(Value::str)
}

fn is_normalized(c: &mut Call<'_>, form: i32) -> Result<Value> {
    let text = arg::text(c, 0)?;
    Ok(Value::Bool(normalized(text, form)? == text))
}
