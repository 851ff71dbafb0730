//! `CultureInfo` and what hangs on it. There is one culture, the invariant one; naming another fails as .NET does without culture data.
use std::any::Any;

use super::arg;
use super::calendar::{DAYS, MONTHS};
use super::string_type;
use crate::ambient::Ambient;
use crate::collections::array;
use crate::culture;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::utf16;
use crate::value::{Object, Str, Value};

const CULTURE_INFO: TypeId = TypeId("System.Globalization.CultureInfo");
const NUMBER_FORMAT: TypeId = TypeId("System.Globalization.NumberFormatInfo");
const DATE_FORMAT: TypeId = TypeId("System.Globalization.DateTimeFormatInfo");
const TEXT_INFO: TypeId = TypeId("System.Globalization.TextInfo");
const COMPARE_INFO: TypeId = TypeId("System.Globalization.CompareInfo");
const NOT_FOUND: TypeId = TypeId("System.Globalization.CultureNotFoundException");

/// The invariant culture, or one of its parts.
struct Invariant(TypeId);

impl Object for Invariant {
    fn net_type(&self) -> Type {
        Type::Simple(self.0)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        // The name of the invariant culture is empty.
        Ok(if self.0 == CULTURE_INFO { "".into() } else { self.0.0.into() })
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<Invariant>().is_some_and(|o| o.0 == self.0)
    }
    fn hash_code(&self) -> i32 {
        crate::object::text_hash(self.0.0.bytes())
    }
}

fn part(id: TypeId) -> Result<Value> {
    Ok(Value::object(Invariant(id)))
}

/// Adds the types.
pub(crate) fn define(b: &mut Builder) {
    b.class(CULTURE_INFO)
        .implements(&["IFormatProvider"])
        .def("static CultureInfo InvariantCulture", |_| part(CULTURE_INFO))
        .def("static CultureInfo CurrentCulture", |_| part(CULTURE_INFO))
        .def("static CultureInfo CurrentUICulture", |_| part(CULTURE_INFO))
        .def("static CultureInfo GetCultureInfo(string name)", named)
        .def("static CultureInfo CreateSpecificCulture(string name)", named)
        .def("new(string name)", named)
        .def("new(string name, bool useUserOverride)", named)
        .def("string Name", |_| Ok(Value::str("")))
        .def("string DisplayName", |_| Ok(Value::str("Invariant Language (Invariant Country)")))
        .def("string EnglishName", |_| Ok(Value::str("Invariant Language (Invariant Country)")))
        .def("string TwoLetterISOLanguageName", |_| Ok(Value::str("iv")))
        .def("int LCID", |_| Ok(Value::Int32(127)))
        .def("NumberFormatInfo NumberFormat", |_| part(NUMBER_FORMAT))
        .def("DateTimeFormatInfo DateTimeFormat", |_| part(DATE_FORMAT))
        .def("TextInfo TextInfo", |_| part(TEXT_INFO))
        .def("CompareInfo CompareInfo", |_| part(COMPARE_INFO))
        .def("string ToString()", |_| Ok(Value::str("")));
    number_format(b);
    date_format(b);
    b.class(TEXT_INFO)
        .pure("string ToTitleCase(string str)", title_case)
        .pure("string ToUpper(string str)", |c| cased(c, culture::to_upper))
        .pure("string ToLower(string str)", |c| cased(c, culture::to_lower))
        .def("string ListSeparator", |_| Ok(Value::str(",")));
    b.class(COMPARE_INFO)
        .pure("int Compare(string string1, string string2)", |c| {
            Ok(string_type::compared(c, 1, 2, arg::Comparison::Culture))
        })
        .pure("int Compare(string string1, string string2, CompareOptions options)", |c| {
            let by = string_type::by_options(arg::number_or(c, 3, 0))?;
            Ok(string_type::compared(c, 1, 2, by))
        })
        .pure("string Name", |_| Ok(Value::str("")))
        .pure("int IndexOf(string source, string value)", |c| index_of(c, false))
        .pure("int IndexOf(string source, string value, CompareOptions options)", |c| index_of(c, false))
        .pure("int LastIndexOf(string source, string value)", |c| index_of(c, true))
        .pure("int LastIndexOf(string source, string value, CompareOptions options)", |c| index_of(c, true))
        .pure("bool IsPrefix(string source, string prefix)", |c| affix(c, false))
        .pure("bool IsPrefix(string source, string prefix, CompareOptions options)", |c| affix(c, false))
        .pure("bool IsSuffix(string source, string suffix)", |c| affix(c, true))
        .pure("bool IsSuffix(string source, string suffix, CompareOptions options)", |c| affix(c, true));
}

fn number_format(b: &mut Builder) {
    b.class(NUMBER_FORMAT)
        .implements(&["IFormatProvider"])
        .def("static NumberFormatInfo InvariantInfo", |_| part(NUMBER_FORMAT))
        .def("static NumberFormatInfo CurrentInfo", |_| part(NUMBER_FORMAT))
        .def("string NumberDecimalSeparator", |_| Ok(Value::str(".")))
        .def("string NumberGroupSeparator", |_| Ok(Value::str(",")))
        .def("string CurrencyDecimalSeparator", |_| Ok(Value::str(".")))
        .def("string CurrencyGroupSeparator", |_| Ok(Value::str(",")))
        .def("string CurrencySymbol", |_| Ok(Value::str("¤")))
        .def("string PercentSymbol", |_| Ok(Value::str("%")))
        .def("string PerMilleSymbol", |_| Ok(Value::str("‰")))
        .def("string NegativeSign", |_| Ok(Value::str("-")))
        .def("string PositiveSign", |_| Ok(Value::str("+")))
        .def("string NaNSymbol", |_| Ok(Value::str("NaN")))
        .def("string PositiveInfinitySymbol", |_| Ok(Value::str("Infinity")))
        .def("string NegativeInfinitySymbol", |_| Ok(Value::str("-Infinity")))
        .def("int NumberDecimalDigits", |_| Ok(Value::Int32(2)))
        .def("int CurrencyDecimalDigits", |_| Ok(Value::Int32(2)))
        .def("int PercentDecimalDigits", |_| Ok(Value::Int32(2)));
}

fn date_format(b: &mut Builder) {
    b.class(DATE_FORMAT)
        .implements(&["IFormatProvider"])
        .def("static DateTimeFormatInfo InvariantInfo", |_| part(DATE_FORMAT))
        .def("static DateTimeFormatInfo CurrentInfo", |_| part(DATE_FORMAT))
        .def("string[] DayNames", |_| Ok(array::from_strings(DAYS)))
        .def("string[] AbbreviatedDayNames", |_| Ok(array::from_strings(DAYS.map(|d| d.get(..3).unwrap_or(d)))))
        .def("string[] ShortestDayNames", |_| Ok(array::from_strings(DAYS.map(|d| d.get(..2).unwrap_or(d)))))
        // The thirteenth month of other calendars has no name here.
        .def("string[] MonthNames", |_| Ok(array::from_strings(MONTHS.into_iter().chain([""]))))
        .def("string[] AbbreviatedMonthNames", |_| {
            Ok(array::from_strings(MONTHS.into_iter().map(|m| m.get(..3).unwrap_or(m)).chain([""])))
        })
        .def("string AMDesignator", |_| Ok(Value::str("AM")))
        .def("string PMDesignator", |_| Ok(Value::str("PM")))
        .def("DayOfWeek FirstDayOfWeek", |_| Ok(Value::Enum(TypeId("System.DayOfWeek"), 0)))
        .def("string FullDateTimePattern", |_| Ok(Value::str("dddd, dd MMMM yyyy HH:mm:ss")))
        .def("string MonthDayPattern", |_| Ok(Value::str("MMMM dd")))
        .def("string YearMonthPattern", |_| Ok(Value::str("yyyy MMMM")))
        .def("string DateSeparator", |_| Ok(Value::str("/")))
        .def("string TimeSeparator", |_| Ok(Value::str(":")))
        .def("string ShortDatePattern", |_| Ok(Value::str("MM/dd/yyyy")))
        .def("string LongDatePattern", |_| Ok(Value::str("dddd, dd MMMM yyyy")))
        .def("string ShortTimePattern", |_| Ok(Value::str("HH:mm")))
        .def("string LongTimePattern", |_| Ok(Value::str("HH:mm:ss")))
        .def("string RFC1123Pattern", |_| Ok(Value::str("ddd, dd MMM yyyy HH':'mm':'ss 'GMT'")))
        .def("string SortableDateTimePattern", |_| Ok(Value::str("yyyy'-'MM'-'dd'T'HH':'mm':'ss")))
        .def("string UniversalSortableDateTimePattern", |_| Ok(Value::str("yyyy'-'MM'-'dd HH':'mm':'ss'Z'")))
        .def("string GetMonthName(int month)", |c| name_of(c, &MONTHS, 1, None))
        .def("string GetAbbreviatedMonthName(int month)", |c| name_of(c, &MONTHS, 1, Some(3)))
        .def("string GetDayName(DayOfWeek dayofweek)", |c| name_of(c, &DAYS, 0, None))
        .def("string GetAbbreviatedDayName(DayOfWeek dayofweek)", |c| name_of(c, &DAYS, 0, Some(3)));
}

/// Is the value a culture or part of one? (Providers that are passed to `ToString` and `Parse`.)
fn named(c: &mut Call<'_>) -> Result<Value> {
    let name = c.str_arg(0, "name")?;
    if name.is_empty() {
        return part(CULTURE_INFO);
    }
    let message = format!(
        "Only the invariant culture is supported. (Parameter 'name')\n{name} is an invalid culture identifier."
    );
    Err(Exception::new(NOT_FOUND, message).with_parameter("name"))
}

fn name_of(c: &mut Call<'_>, names: &[&'static str], first: i32, short: Option<usize>) -> Result<Value> {
    let n = arg::number_or(c, 1, -1);
    let name = usize::try_from(n.saturating_sub(first)).ok().and_then(|n| names.get(n).copied());
    match name {
        Some(name) => Ok(Value::str(short.and_then(|n| name.get(..n)).unwrap_or(name))),
        // The thirteenth month exists for calendars that have one.
        None if first == 1 && n == 13 => Ok(Value::str("")),
        None => Err(Exception::argument_range(
            &format!("Valid values are between {first} and {}, inclusive.", if first == 1 { 13 } else { 6 }),
            if first == 1 { "month" } else { "dayofweek" },
        )),
    }
}

fn cased(c: &mut Call<'_>, f: fn(char) -> char) -> Result<Value> {
    Ok(Value::str(c.str_arg(1, "str")?.chars().map(f).collect::<String>()))
}

/// The first letter of each word upper, the rest lower; words all in capitals (acronyms) stay.
fn title_case(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_arg(1, "str")?;
    let mut out = String::new();
    let mut rest = &*text;
    let in_word = |x: char| x.is_alphanumeric() || x == '\'' || x == '’';
    while let Some(start) = rest.find(char::is_alphabetic) {
        let (before, tail) = rest.split_at(start);
        out.push_str(before);
        let end = tail.find(|x: char| !in_word(x)).unwrap_or(tail.len());
        let (word, after) = tail.split_at(end);
        if word.chars().any(char::is_lowercase) || !word.chars().any(char::is_uppercase) || word.chars().count() == 1 {
            let mut chars = word.chars();
            out.extend(chars.next().map(culture::to_upper));
            out.extend(chars.map(culture::to_lower));
        } else {
            out.push_str(word);
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(Value::str(out))
}

fn index_of(c: &mut Call<'_>, last: bool) -> Result<Value> {
    let (source, value) = (c.str_arg(1, "source")?, c.str_arg(2, "value")?);
    let by = string_type::by_options(arg::number_or(c, 3, 0))?;
    let units = utf16::len(&source);
    let at = super::string_search::find(c.cx, (&source, &value), 0, units, by, last)?;
    Ok(Value::Int32(at.map_or(-1, super::to_int)))
}

fn affix(c: &mut Call<'_>, end: bool) -> Result<Value> {
    let by = string_type::by_options(arg::number_or(c, 3, 0))?;
    super::string_search::affix(c, by, end)
}
