//! Strings from many and many from one: `Split`, `Join`, `Concat`, `Format`.
use super::arg;
use super::string_prepare;
use super::string_type::units_of;
use crate::ambient::Ambient;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::format;
use crate::member::{Call, QueryOperator};
use crate::object;
use crate::table::Builder;
use crate::types::{Type, ids};
use crate::utf16;
use crate::value::{Str, Value};

const REMOVE_EMPTY: i32 = 1;
const TRIM_ENTRIES: i32 = 2;

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    split_members(b);
    b.class(ids::STRING)
        .def("static string Join(string separator, params string[] value)", |c| join(c, "value"))
        .def("static string Join(string separator, params object[] values)", |c| join(c, "values"))
        .def("static string Join(string separator, IEnumerable<string> values)", |c| join(c, "values"))
        .prepare(string_prepare::join)
        .query(QueryOperator::Join)
        .def("static string Join<T>(string separator, IEnumerable<T> values)", |c| join(c, "values"))
        .prepare(string_prepare::join)
        .query(QueryOperator::Join)
        .def("static string Join(string separator, string[] value, int startIndex, int count)", join_part)
        .def("static string Join(char separator, string[] value, int startIndex, int count)", join_part)
        .def("static string Join(char separator, params string[] value)", |c| join(c, "value"))
        .def("static string Join(char separator, params object[] values)", |c| join(c, "values"))
        .def("static string Join<T>(char separator, IEnumerable<T> values)", |c| join(c, "values"))
        .prepare(string_prepare::join)
        .query(QueryOperator::Join)
        .pure("static string Concat(object arg0)", concat)
        .def("static string Concat(object arg0, object arg1)", concat)
        .def("static string Concat(object arg0, object arg1, object arg2)", concat)
        .def("static string Concat(params object[] args)", |c| concat_all(c, "args"))
        .pure("static string Concat(string str0, string str1)", concat)
        .pure("static string Concat(string str0, string str1, string str2)", concat)
        .pure("static string Concat(string str0, string str1, string str2, string str3)", concat)
        .def("static string Concat(params string[] values)", |c| concat_all(c, "values"))
        .def("static string Concat(IEnumerable<string> values)", |c| concat_all(c, "values"))
        .def("static string Concat<T>(IEnumerable<T> values)", |c| concat_all(c, "values"))
        .def("static string Format(string format, object arg0)", |c| format_with(c, 0))
        .def("static string Format(string format, object arg0, object arg1)", |c| format_with(c, 0))
        .def("static string Format(string format, object arg0, object arg1, object arg2)", |c| format_with(c, 0))
        .def("static string Format(string format, params object[] args)", |c| format_list(c, 0))
        .def("static string Format(IFormatProvider provider, string format, object arg0)", |c| format_with(c, 1))
        .def("static string Format(IFormatProvider provider, string format, object arg0, object arg1)", |c| {
            format_with(c, 1)
        })
        .def(
            "static string Format(IFormatProvider provider, string format, object arg0, object arg1, object arg2)",
            |c| format_with(c, 1),
        )
        .def("static string Format(IFormatProvider provider, string format, params object[] args)", |c| {
            format_list(c, 1)
        });
}

fn split_members(b: &mut Builder) {
    b.class(ids::STRING)
        .def("string[] Split(params char[] separator)", |c| split(c, None, None))
        .prepare(string_prepare::split)
        .def("string[] Split(char separator, StringSplitOptions options = None)", |c| split(c, None, Some(2)))
        .prepare(string_prepare::split)
        .def("string[] Split(char separator, int count, StringSplitOptions options = None)", |c| {
            split(c, Some(2), Some(3))
        })
        .def("string[] Split(char[] separator, int count)", |c| split(c, Some(2), None))
        .def("string[] Split(char[] separator, StringSplitOptions options)", |c| split(c, None, Some(2)))
        .def("string[] Split(char[] separator, int count, StringSplitOptions options)", |c| split(c, Some(2), Some(3)))
        .def("string[] Split(string separator, StringSplitOptions options = None)", |c| split_by_text(c, None, 2))
        .def("string[] Split(string separator, int count, StringSplitOptions options = None)", |c| {
            split_by_text(c, Some(2), 3)
        })
        .def("string[] Split(string[] separator, StringSplitOptions options)", |c| split(c, None, Some(2)))
        .def("string[] Split(string[] separator, int count, StringSplitOptions options)", |c| {
            split(c, Some(2), Some(3))
        });
}

/// What parts are divided by.
enum Separators {
    White,
    Chars(Vec<char>),
    Texts(Vec<Str>),
}

impl Separators {
    fn read(value: &Value) -> Separators {
        match value {
            Value::Char(u) => Separators::Chars(vec![utf16::char_of(*u)]),
            // An empty separator text divides nothing; it is not the white space of an empty list.
            Value::Str(s) if s.is_empty() => Separators::Texts(Vec::new()),
            Value::Str(s) => Separators::Texts(vec![s.clone()]),
            other => {
                let items = array::array(other).map(array::ArrayObject::to_vec).unwrap_or_default();
                match items.first() {
                    None => Separators::White,
                    Some(Value::Char(_)) => {
                        let units = units_of(other);
                        Separators::Chars(units.into_iter().map(utf16::char_of).collect())
                    }
                    Some(_) => {
                        let texts = items.iter().filter_map(Value::as_str).filter(|s| !s.is_empty());
                        Separators::Texts(texts.map(Str::from).collect())
                    }
                }
            }
        }
    }

    /// May one of them stand in the middle of a character?
    fn are_ragged(&self) -> bool {
        match self {
            Separators::White => false,
            Separators::Chars(set) => set.iter().any(|c| utf16::is_half(*c)),
            Separators::Texts(texts) => texts.iter().any(|t| utf16::is_ragged(t)),
        }
    }

    /// Byte ranges of all separators, in order and apart.
    fn places(&self, text: &str) -> Vec<(usize, usize)> {
        let by_char = |test: &dyn Fn(char) -> bool| {
            text.char_indices().filter(|(_, c)| test(*c)).map(|(at, c)| (at, at + c.len_utf8())).collect()
        };
        match self {
            Separators::White => by_char(&char::is_whitespace),
            Separators::Chars(set) => by_char(&|c| set.contains(&c)),
            Separators::Texts(texts) => match texts.as_slice() {
                [] => Vec::new(),
                [one] => text.match_indices(&**one).map(|(at, _)| (at, at + one.len())).collect(),
                many => {
                    let mut found = Vec::new();
                    let mut next = 0;
                    for (at, _) in text.char_indices() {
                        let rest = text.get(at..).unwrap_or_default();
                        // The first of the list wins, not the longest.
                        if at >= next
                            && let Some(s) = many.iter().find(|s| rest.starts_with(&***s))
                        {
                            next = at + s.len();
                            found.push((at, next));
                        }
                    }
                    found
                }
            },
        }
    }
}

/// By one text; `null` divides nothing, as an empty one.
fn split_by_text(c: &mut Call<'_>, count: Option<usize>, options: usize) -> Result<Value> {
    if c.arg(1).is_null() {
        c.set(1, Value::str(""));
    }
    split(c, count, Some(options))
}

fn split(c: &mut Call<'_>, count: Option<usize>, options: Option<usize>) -> Result<Value> {
    let options = options.map_or(0, |n| arg::number_or(c, n, 0));
    if !(0..=REMOVE_EMPTY | TRIM_ENTRIES).contains(&options) {
        return Err(Exception::argument(&format!("Illegal enum value: {options}."), "options"));
    }
    let count = match count {
        Some(n) => usize::try_from(c.int(n)?)
            .map_err(|_| Exception::argument_range("Count cannot be less than zero.", "count"))?,
        None => usize::MAX,
    };
    let text = c.str_arg(0, "this")?;
    if let (Some(separator), usize::MAX, 0) = (single(c.arg(1)), count, options) {
        return split_plainly(c.cx, &text, separator);
    }
    let separators = Separators::read(c.arg(1));
    let ragged = separators.are_ragged() && !text.is_ascii();
    let text = if ragged { utf16::apart(&text).into() } else { text };
    let places = separators.places(&text);
    c.cx.charge_bytes(places.len().saturating_add(1).saturating_mul(size_of::<Value>()).saturating_add(text.len()))?;
    let parts = parts(&text, &places, count, options);
    // One part that is all of the text needs no copy.
    if let [one] = parts.as_slice()
        && one.len() == text.len()
        && !ragged
    {
        return Ok(array::from_strings([text]));
    }
    if ragged {
        return Ok(array::from_strings(parts.into_iter().map(|part| utf16::mend(part.to_owned()))));
    }
    Ok(array::from_strings(parts))
}

/// The one character that a text is divided by, as a `char` or as a list of one. Not half a character: that may be inside another.
pub(super) fn single(separator: &Value) -> Option<char> {
    let unit = match separator {
        Value::Char(u) => *u,
        other => match array::array(other)?.sole()? {
            Value::Char(u) => u,
            _ => return None,
        },
    };
    char::from_u32(u32::from(unit))
}

/// `Split` without count or options: what nearly every policy means.
pub(super) fn split_plainly(cx: &mut dyn Ambient, text: &Str, separator: char) -> Result<Value> {
    // A byte of ASCII stands for nothing else, which is cheaper to look for.
    let byte = u8::try_from(separator).ok().filter(u8::is_ascii);
    let places = match byte {
        Some(byte) => text.bytes().filter(|b| *b == byte).count(),
        None => text.matches(separator).count(),
    };
    cx.charge_bytes(places.saturating_add(1).saturating_mul(size_of::<Value>()).saturating_add(text.len()))?;
    if places == 0 {
        return Ok(array::from_strings([text.clone()]));
    }
    let value = |part: &str| Value::Str(if part.is_empty() { Str::default() } else { part.into() });
    let mut parts = Vec::with_capacity(places.saturating_add(1));
    match byte {
        Some(byte) => {
            let mut from = 0_usize;
            parts.extend(text.as_bytes().split(|b| *b == byte).map(|part| {
                let to = from.saturating_add(part.len());
                let part = text.get(from..to).unwrap_or_default();
                from = to.saturating_add(1);
                value(part)
            }));
        }
        None => parts.extend(text.split(separator).map(value)),
    }
    Ok(array::new_array(Type::STRING, parts))
}

fn parts<'a>(text: &'a str, places: &[(usize, usize)], count: usize, options: i32) -> Vec<&'a str> {
    let trim = |part: &'a str| if options & TRIM_ENTRIES != 0 { part.trim() } else { part };
    let skip_empty = options & REMOVE_EMPTY != 0;
    // One part is asked for: the text is not looked into.
    if count == 1 {
        return Some(trim(text)).filter(|part| !(skip_empty && part.is_empty())).into_iter().collect();
    }
    let mut out = Vec::new();
    let mut at = 0;
    if count == 0 {
        return out;
    }
    for (from, to) in places {
        if out.len() + 1 >= count {
            // Only the rest is left; separators in front of it belong to empty parts.
            if !skip_empty || (*from != at && !trim(text.get(at..*from).unwrap_or_default()).is_empty()) {
                break;
            }
        } else {
            let part = trim(text.get(at..*from).unwrap_or_default());
            if !skip_empty || !part.is_empty() {
                out.push(part);
            }
        }
        at = *to;
    }
    let last = trim(text.get(at..).unwrap_or_default());
    if !skip_empty || !last.is_empty() {
        out.push(last);
    }
    out
}

/// Joins everything that `items` yields.
pub(super) fn join_items(cx: &mut dyn Ambient, separator: &str, items: &Value) -> Result<Value> {
    let mut items = items.enumerate()?;
    let text = format::collect(|out| {
        let mut first = true;
        while let Some(item) = items.next(cx)? {
            let start = out.len();
            if !first {
                utf16::push(out, separator);
            }
            first = false;
            match &item {
                Value::Str(part) => utf16::push(out, part),
                other => utf16::push(out, &object::text(cx, other)?),
            }
            cx.charge_bytes(out.len().saturating_sub(start))?;
        }
        Ok(())
    });
    text.map(Value::Str)
}

/// A separator, which may be a character or `null`.
pub(super) fn separator(value: &Value) -> Str {
    match value {
        Value::Char(u) => Str::from(&*utf16::char_of(*u).encode_utf8(&mut [0; 4])),
        Value::Str(s) => s.clone(),
        _ => Str::default(),
    }
}

fn join(c: &mut Call<'_>, parameter: &str) -> Result<Value> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null(parameter));
    }
    let (separator, items) = (separator(c.arg(0)), c.take(1));
    join_items(c.cx, &separator, &items)
}

fn join_part(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("value"));
    }
    let items = array::expect_array(c.arg(1))?.to_vec();
    let start = usize::try_from(c.int(2)?)
        .map_err(|_| Exception::argument_range("StartIndex cannot be less than zero.", "startIndex"))?;
    let count = usize::try_from(c.int(3)?)
        .map_err(|_| Exception::argument_range("Count cannot be less than zero.", "count"))?;
    let chosen = start.checked_add(count).and_then(|end| items.get(start..end)).ok_or_else(|| {
        Exception::argument_range("Index and count must refer to a location within the buffer.", "startIndex")
    })?;
    let (separator, chosen) = (separator(c.arg(0)), array::new_array(crate::Type::STRING, chosen.to_vec()));
    join_items(c.cx, &separator, &chosen)
}

fn concat(c: &mut Call<'_>) -> Result<Value> {
    let mut out = String::new();
    for n in 0..c.args.len() {
        let item = c.take(n);
        let part = object::text(c.cx, &item)?;
        c.cx.charge_bytes(part.len())?;
        utf16::push(&mut out, &part);
    }
    Ok(Value::str(out))
}

fn concat_all(c: &mut Call<'_>, parameter: &str) -> Result<Value> {
    match c.take(0) {
        Value::Null => Err(Exception::argument_null(parameter)),
        items => join_items(c.cx, "", &items),
    }
}

fn format_with(c: &mut Call<'_>, first: usize) -> Result<Value> {
    let format = c.str_arg(first, "format")?;
    let args: Vec<Value> = (first + 1..c.args.len()).map(|n| c.take(n)).collect();
    format::composite(c.cx, &format, &args).map(Value::Str)
}

fn format_list(c: &mut Call<'_>, first: usize) -> Result<Value> {
    let format = c.str_arg(first, "format")?;
    if c.arg(first + 1).is_null() {
        return Err(Exception::argument_null("args"));
    }
    let args = array::expect_array(c.arg(first + 1))?.to_vec();
    format::composite(c.cx, &format, &args).map(Value::Str)
}
