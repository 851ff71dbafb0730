//! `System.Char` and `System.Boolean`.
use super::arg;
use super::integers::{compare_objects, equals, to_string};
use crate::culture;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{TypeId, ids};
use crate::utf16;
use crate::value::Value;

pub(super) const UNICODE_CATEGORY: TypeId = TypeId("System.Globalization.UnicodeCategory");

/// A test of one character.
type Test = fn(char) -> bool;

/// Adds both types.
pub(crate) fn define(b: &mut Builder) {
    boolean(b);
    super::char_pairs::define(b);
    b.structure(ids::CHAR)
        .implements(&["IComparable", "IComparable<char>", "IEquatable<char>"])
        .pure("static char MinValue", |_| Ok(Value::Char(0)))
        .pure("static char MaxValue", |_| Ok(Value::Char(u16::MAX)))
        .pure("static bool IsDigit(char c)", |c| one(c, is_digit))
        .pure("static bool IsDigit(string s, int index)", |c| at(c, is_digit))
        .pure("static bool IsLetter(char c)", |c| one(c, is_letter))
        .pure("static bool IsLetter(string s, int index)", |c| at(c, is_letter))
        .pure("static bool IsLetterOrDigit(char c)", |c| one(c, |c| is_letter(c) || is_digit(c)))
        .pure("static bool IsLetterOrDigit(string s, int index)", |c| at(c, |c| is_letter(c) || is_digit(c)))
        .pure("static bool IsNumber(char c)", |c| one(c, char::is_numeric))
        .pure("static bool IsNumber(string s, int index)", |c| at(c, char::is_numeric))
        .pure("static bool IsWhiteSpace(char c)", |c| one(c, char::is_whitespace))
        .pure("static bool IsWhiteSpace(string s, int index)", |c| at(c, char::is_whitespace))
        .pure("static bool IsUpper(char c)", |c| one(c, is_upper))
        .pure("static bool IsUpper(string s, int index)", |c| at(c, is_upper))
        .pure("static bool IsLower(char c)", |c| one(c, is_lower))
        .pure("static bool IsLower(string s, int index)", |c| at(c, is_lower))
        .pure("static bool IsControl(char c)", |c| one(c, char::is_control))
        .pure("static bool IsControl(string s, int index)", |c| at(c, char::is_control))
        .pure("static bool IsPunctuation(char c)", |c| one(c, is_punctuation))
        .pure("static bool IsPunctuation(string s, int index)", |c| at(c, is_punctuation))
        .pure("static bool IsSymbol(char c)", |c| one(c, is_symbol))
        .pure("static bool IsSymbol(string s, int index)", |c| at(c, is_symbol))
        .pure("static bool IsSeparator(char c)", |c| one(c, is_separator))
        .pure("static bool IsSeparator(string s, int index)", |c| at(c, is_separator))
        .pure("static char ToUpper(char c)", |c| map(c, culture::to_upper))
        .pure("static char ToUpperInvariant(char c)", |c| map(c, culture::to_upper))
        .pure("static char ToUpper(char c, CultureInfo culture)", |c| map(c, culture::to_upper))
        .pure("static char ToLower(char c)", |c| map(c, culture::to_lower))
        .pure("static char ToLowerInvariant(char c)", |c| map(c, culture::to_lower))
        .pure("static char ToLower(char c, CultureInfo culture)", |c| map(c, culture::to_lower))
        .pure("static double GetNumericValue(char c)", |c| arg::char(c, 0).map(|v| Value::Double(numeric_value(v))))
        .pure("static UnicodeCategory GetUnicodeCategory(char c)", |c| {
            Ok(Value::Enum(UNICODE_CATEGORY, category(arg::char(c, 0)?)))
        })
        .pure("static char Parse(string s)", parse)
        .def("static bool TryParse(string s, out char result)", try_parse)
        .pure("static string ToString(char c)", to_string)
        .pure("string ToString()", to_string)
        .pure("string ToString(IFormatProvider provider)", to_string)
        .pure("bool Equals(char obj)", equals)
        .pure("bool Equals(object obj)", equals)
        .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))))
        .pure("int CompareTo(char value)", |c| {
            Ok(Value::Int32(i32::from(arg::unit(c, 0)?) - i32::from(arg::unit(c, 1)?)))
        })
        .pure("int CompareTo(object value)", |c| match (c.arg(0), c.arg(1)) {
            (Value::Char(a), Value::Char(b)) => Ok(Value::Int32(i32::from(*a) - i32::from(*b))),
            _ => compare_objects(c, "Char"),
        });
}

fn boolean(b: &mut Builder) {
    b.structure(ids::BOOLEAN)
        .implements(&["IComparable", "IComparable<bool>", "IEquatable<bool>"])
        .pure("static string TrueString", |_| Ok(Value::str("True")))
        .pure("static string FalseString", |_| Ok(Value::str("False")))
        .pure("static bool Parse(string value)", |c| {
            let text = c.str_arg(0, "value")?;
            parse_bool(&text).map(Value::Bool).ok_or_else(|| not_boolean(&text))
        })
        .def("static bool TryParse(string value, out bool result)", |c| {
            let v = c.arg(0).as_str().and_then(parse_bool);
            c.set(1, Value::Bool(v.unwrap_or(false)));
            Ok(Value::Bool(v.is_some()))
        })
        .pure("string ToString()", to_string)
        .pure("string ToString(IFormatProvider provider)", to_string)
        .pure("bool Equals(bool obj)", equals)
        .pure("bool Equals(object obj)", equals)
        .pure("int GetHashCode()", |c| Ok(Value::Int32(object::hash_code(c.arg(0)))))
        .pure("int CompareTo(bool value)", |c| compare_objects(c, "Boolean"))
        .pure("int CompareTo(object obj)", |c| compare_objects(c, "Boolean"));
}

/// `True` or `False` in any case, white space and NULs around.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    let word = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if word.eq_ignore_ascii_case("true") {
        Some(true)
    } else if word.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// `FormatException` of `bool.Parse`.
pub(crate) fn not_boolean(text: &str) -> Exception {
    Exception::format(format!("String '{text}' was not recognized as a valid Boolean."))
}

fn one(c: &mut Call<'_>, test: Test) -> Result<Value> {
    // A lone surrogate is none of these.
    Ok(Value::Bool(char::from_u32(u32::from(arg::unit(c, 0)?)).is_some_and(test)))
}

fn at(c: &mut Call<'_>, test: Test) -> Result<Value> {
    let text = c.str_arg(0, "s")?;
    let index = usize::try_from(c.int(1)?).ok().filter(|i| *i < utf16::len(&text));
    let Some(index) = index else {
        return Err(Exception::argument_range("Specified argument was out of the range of valid values.", "index"));
    };
    // A pair of surrogates counts as its character at its first half.
    let found = utf16::byte_index(&text, index).and_then(|b| text.get(b..)?.chars().next());
    Ok(Value::Bool(found.is_some_and(test)))
}

fn map(c: &mut Call<'_>, f: fn(char) -> char) -> Result<Value> {
    let unit = arg::unit(c, 0)?;
    let mapped = char::from_u32(u32::from(unit)).map(f).and_then(|c| u16::try_from(u32::from(c)).ok());
    Ok(Value::Char(mapped.unwrap_or(unit)))
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && category(c) == DECIMAL_DIGIT)
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || (!c.is_ascii() && (0..=4).contains(&category(c)))
}

fn is_upper(c: char) -> bool {
    c.is_ascii_uppercase() || (!c.is_ascii() && category(c) == 0)
}

fn is_lower(c: char) -> bool {
    c.is_ascii_lowercase() || (!c.is_ascii() && category(c) == 1)
}

fn is_punctuation(c: char) -> bool {
    (18..=24).contains(&category(c))
}

fn is_symbol(c: char) -> bool {
    (25..=28).contains(&category(c))
}

fn is_separator(c: char) -> bool {
    (11..=13).contains(&category(c))
}

const DECIMAL_DIGIT: i32 = 8;
const SURROGATE: i32 = 16;

/// `UnicodeCategory` number.
pub(crate) fn category(c: char) -> i32 {
    use icu_properties::props::GeneralCategory as G;
    if utf16::is_half(c) {
        return SURROGATE;
    }
    match icu_properties::CodePointMapData::<G>::new().get(c) {
        G::UppercaseLetter => 0,
        G::LowercaseLetter => 1,
        G::TitlecaseLetter => 2,
        G::ModifierLetter => 3,
        G::OtherLetter => 4,
        G::NonspacingMark => 5,
        G::SpacingMark => 6,
        G::EnclosingMark => 7,
        G::DecimalNumber => DECIMAL_DIGIT,
        G::LetterNumber => 9,
        G::OtherNumber => 10,
        G::SpaceSeparator => 11,
        G::LineSeparator => 12,
        G::ParagraphSeparator => 13,
        G::Control => 14,
        G::Format => 15,
        G::Surrogate => SURROGATE,
        G::PrivateUse => 17,
        G::ConnectorPunctuation => 18,
        G::DashPunctuation => 19,
        G::OpenPunctuation => 20,
        G::ClosePunctuation => 21,
        G::InitialPunctuation => 22,
        G::FinalPunctuation => 23,
        G::OtherPunctuation => 24,
        G::MathSymbol => 25,
        G::CurrencySymbol => 26,
        G::ModifierSymbol => 27,
        G::OtherSymbol => 28,
        G::Unassigned => 29,
    }
}

/// Digits, Roman numerals, and the common fractions; -1 for what is no number.
pub(super) fn numeric_value(c: char) -> f64 {
    match c {
        '0'..='9' => f64::from(u32::from(c) - u32::from('0')),
        'Ⅰ'..='Ⅻ' => f64::from(u32::from(c) - u32::from('Ⅰ') + 1),
        'ⅰ'..='ⅻ' => f64::from(u32::from(c) - u32::from('ⅰ') + 1),
        '¼' => 0.25,
        '½' => 0.5,
        '¾' => 0.75,
        '²' => 2.0,
        '³' => 3.0,
        '¹' => 1.0,
        _ => -1.0,
    }
}

fn single_unit(text: &str) -> Option<u16> {
    let mut units = utf16::iter(text);
    units.next().filter(|_| units.next().is_none())
}

fn parse(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_arg(0, "s")?;
    single_unit(&text).map(Value::Char).ok_or_else(|| Exception::format("String must be exactly one character long."))
}

fn try_parse(c: &mut Call<'_>) -> Result<Value> {
    let unit = c.arg(0).as_str().and_then(single_unit);
    c.set(1, Value::Char(unit.unwrap_or(0)));
    Ok(Value::Bool(unit.is_some()))
}
