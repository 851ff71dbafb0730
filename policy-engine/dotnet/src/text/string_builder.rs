//! `System.Text.StringBuilder`.
use std::any::Any;
use std::borrow::Cow;

use parking_lot::Mutex;

use crate::ambient::Ambient;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::format;
use crate::member::Call;
use crate::object;
use crate::system::arg::{self, Comparison};
use crate::system::string_edit;
use crate::system::string_type::units_of;
use crate::system::to_int;
use crate::table::{Builder, TypeBuilder};
use crate::types::{Type, TypeId};
use crate::utf16;
use crate::value::{Object, Str, Value};

pub(super) const ID: TypeId = TypeId("System.Text.StringBuilder");
/// So much of the text is walked through in one step.
const BYTES_PER_STEP: usize = 4096;
const DEFAULT_CAPACITY: usize = 16;
const BAD_INDEX: &str = "Index was out of range. Must be non-negative and less than the size of the collection.";

/// The text, and the capacity that was asked for or has been needed.
struct State {
    text: String,
    capacity: usize,
}

struct StringBuilder(Mutex<State>);

impl Object for StringBuilder {
    fn net_type(&self) -> Type {
        Type::Simple(ID)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, cx: &mut dyn Ambient) -> Result<Str> {
        let state = self.0.lock();
        cx.charge_bytes(state.text.len())?;
        Ok(state.text.as_str().into())
    }
}

/// A builder that holds `text`.
pub(super) fn made(text: &str, capacity: usize) -> Value {
    let capacity = capacity.max(utf16::len(text));
    Value::object(StringBuilder(Mutex::new(State { text: text.to_owned(), capacity })))
}

fn of<'a>(c: &'a Call<'_>) -> Result<&'a StringBuilder> {
    c.arg(0).as_object::<StringBuilder>().ok_or_else(Exception::null_reference)
}

/// Adds the class.
pub(crate) fn define(b: &mut Builder) {
    let t = b
        .class(ID)
        .def("new()", |_| Ok(made("", DEFAULT_CAPACITY)))
        .def("new(int capacity)", |c| {
            let capacity = c.int(0)?;
            let capacity = usize::try_from(capacity)
                .map_err(|_| Exception::argument_range("'capacity' must be greater than zero.", "capacity"))?;
            Ok(made("", if capacity == 0 { DEFAULT_CAPACITY } else { capacity }))
        })
        .def("new(string value)", |c| new_with(c, None))
        .def("new(string value, int capacity)", |c| new_with(c, Some(1)))
        .def("new(int capacity, int maxCapacity)", |c| {
            Ok(made("", usize::try_from(c.int(0)?).unwrap_or(DEFAULT_CAPACITY)))
        })
        .get_set("int Length", length, set_length)
        .get_set("int Capacity", |c| Ok(Value::Int32(to_int(of(c)?.0.lock().capacity))), set_capacity)
        .def("int MaxCapacity", |_| Ok(Value::Int32(i32::MAX)))
        .def("int EnsureCapacity(int capacity)", |c| {
            let wanted = usize::try_from(c.int(1)?)
                .map_err(|_| Exception::argument_range("Capacity must be positive.", "capacity"))?;
            let mut state = of(c)?.0.lock();
            state.capacity = state.capacity.max(wanted);
            Ok(Value::Int32(to_int(state.capacity)))
        })
        .get_set("char this[int index]", char_at, set_char)
        .def("string ToString()", |c| {
            let v = c.take(0);
            object::text(c.cx, &v).map(Value::Str)
        })
        .def("string ToString(int startIndex, int length)", part)
        .def("StringBuilder Clear()", |c| {
            of(c)?.0.lock().text.clear();
            Ok(c.take(0))
        })
        .def("StringBuilder Insert(int index, string value)", insert)
        .def("StringBuilder Insert(int index, char value)", insert)
        .def("StringBuilder Insert(int index, object value)", insert)
        .def("StringBuilder Insert(int index, int value)", insert)
        .def("StringBuilder Insert(int index, long value)", insert)
        .def("StringBuilder Insert(int index, bool value)", insert)
        .def("StringBuilder Insert(int index, double value)", insert)
        .def("StringBuilder Insert(int index, decimal value)", insert)
        .def("StringBuilder Insert(int index, char[] value)", insert)
        .def("StringBuilder Insert(int index, string value, int count)", insert)
        .def("StringBuilder Remove(int startIndex, int length)", remove)
        .def("StringBuilder Replace(string oldValue, string newValue)", |c| replace(c, false))
        .def("StringBuilder Replace(char oldChar, char newChar)", |c| replace(c, false))
        .def("StringBuilder Replace(string oldValue, string newValue, int startIndex, int count)", |c| replace(c, true))
        .def("StringBuilder Replace(char oldChar, char newChar, int startIndex, int count)", |c| replace(c, true))
        .def("bool Equals(StringBuilder sb)", |c| {
            let other = c.arg(1).as_object::<StringBuilder>().map(|o| o.0.lock().text.clone());
            Ok(Value::Bool(other.as_deref() == Some(&*of(c)?.0.lock().text)))
        })
        .def("void CopyTo(int sourceIndex, char[] destination, int destinationIndex, int count)", copy_to);
    appending(t);
}

fn appending(t: TypeBuilder<'_>) {
    t.def("StringBuilder Append(string value)", append)
        .def("StringBuilder Append(object value)", append)
        .def("StringBuilder Append(char value)", append)
        .def("StringBuilder Append(bool value)", append)
        .def("StringBuilder Append(sbyte value)", append)
        .def("StringBuilder Append(byte value)", append)
        .def("StringBuilder Append(short value)", append)
        .def("StringBuilder Append(ushort value)", append)
        .def("StringBuilder Append(int value)", append)
        .def("StringBuilder Append(uint value)", append)
        .def("StringBuilder Append(long value)", append)
        .def("StringBuilder Append(ulong value)", append)
        .def("StringBuilder Append(float value)", append)
        .def("StringBuilder Append(double value)", append)
        .def("StringBuilder Append(decimal value)", append)
        .def("StringBuilder Append(StringBuilder value)", append)
        .def("StringBuilder Append(char[] value)", append)
        .def("StringBuilder Append(char value, int repeatCount)", append_repeated)
        .def("StringBuilder Append(string value, int startIndex, int count)", append_part)
        .def("StringBuilder Append(char[] value, int startIndex, int charCount)", append_part)
        .def("StringBuilder AppendLine()", |c| push(c, "\n"))
        .def("StringBuilder AppendLine(string value)", |c| {
            let line = format!("{}\n", c.str_or_null(1).unwrap_or_default());
            push(c, &line)
        })
        .def("StringBuilder AppendFormat(string format, object arg0)", |c| append_format(c, 1))
        .def("StringBuilder AppendFormat(string format, object arg0, object arg1)", |c| append_format(c, 1))
        .def("StringBuilder AppendFormat(string format, object arg0, object arg1, object arg2)", |c| {
            append_format(c, 1)
        })
        .def("StringBuilder AppendFormat(string format, params object[] args)", |c| append_format_list(c, 1))
        .def("StringBuilder AppendFormat(IFormatProvider provider, string format, object arg0)", |c| {
            append_format(c, 2)
        })
        .def("StringBuilder AppendFormat(IFormatProvider provider, string format, object arg0, object arg1)", |c| {
            append_format(c, 2)
        })
        .def("StringBuilder AppendFormat(IFormatProvider provider, string format, params object[] args)", |c| {
            append_format_list(c, 2)
        })
        .def("StringBuilder AppendJoin(string separator, params string[] values)", append_join)
        .def("StringBuilder AppendJoin(string separator, params object[] values)", append_join)
        .def("StringBuilder AppendJoin<T>(string separator, IEnumerable<T> values)", append_join)
        .def("StringBuilder AppendJoin(char separator, params string[] values)", append_join)
        .def("StringBuilder AppendJoin(char separator, params object[] values)", append_join)
        .def("StringBuilder AppendJoin<T>(char separator, IEnumerable<T> values)", append_join);
}

fn new_with(c: &mut Call<'_>, capacity: Option<usize>) -> Result<Value> {
    let text = c.str_or_null(0).unwrap_or_default();
    c.cx.charge_bytes(text.len())?;
    let capacity = capacity.map_or(Ok(16), |n| c.int(n))?;
    Ok(made(&text, usize::try_from(capacity).unwrap_or(DEFAULT_CAPACITY)))
}

/// Adds to a builder what a writer over it gets.
pub(super) fn extend(builder: &Value, text: &str) -> Result<()> {
    let builder = builder.as_object::<StringBuilder>().ok_or_else(Exception::null_reference)?;
    let mut state = builder.0.lock();
    utf16::push(&mut state.text, text);
    grow(&mut state);
    Ok(())
}

/// Appends and gives the builder back.
fn push(c: &mut Call<'_>, text: &str) -> Result<Value> {
    c.cx.charge_bytes(text.len())?;
    let mut state = of(c)?.0.lock();
    utf16::push(&mut state.text, text);
    grow(&mut state);
    drop(state);
    Ok(c.take(0))
}

/// .NET doubles the capacity when it runs out.
fn grow(state: &mut State) {
    if state.text.len() > state.capacity {
        let needed = utf16::len(&state.text);
        if needed > state.capacity {
            state.capacity = needed.max(state.capacity.saturating_mul(2));
        }
    }
}

/// Text of an argument: character arrays are their characters.
pub(super) fn text_of(c: &mut Call<'_>, n: usize) -> Result<Str> {
    let value = c.take(n);
    match array::array(&value) {
        Some(a) if *a.item() == Type::CHAR => Ok(utf16::text(&units_of(&value)).into()),
        _ => object::text(c.cx, &value),
    }
}

fn append(c: &mut Call<'_>) -> Result<Value> {
    let text = text_of(c, 1)?;
    push(c, &text)
}

fn append_repeated(c: &mut Call<'_>) -> Result<Value> {
    let count = usize::try_from(c.int(2)?)
        .map_err(|_| Exception::argument_range("Non-negative number required.", "repeatCount"))?;
    let unit = arg::char(c, 1)?;
    c.cx.charge_bytes(count.saturating_mul(unit.len_utf8()))?;
    let text: String = std::iter::repeat_n(unit, count).collect();
    push(c, &text)
}

pub(super) fn append_part(c: &mut Call<'_>) -> Result<Value> {
    let range = usize::try_from(c.int(2)?).ok().zip(usize::try_from(c.int(3)?).ok());
    if c.arg(1).is_null() {
        return match range {
            Some((0, 0)) => Ok(c.take(0)),
            _ => Err(Exception::argument_null("value")),
        };
    }
    let text = text_of(c, 1)?;
    let part = range
        .and_then(|(s, l)| utf16::slice(&text, s, l))
        .ok_or_else(|| Exception::argument_range(BAD_INDEX, "startIndex"))?;
    push(c, &part)
}

pub(super) fn append_format(c: &mut Call<'_>, first: usize) -> Result<Value> {
    let format = c.str_arg(first, "format")?;
    let args: Vec<Value> = (first + 1..c.args.len()).map(|n| c.take(n)).collect();
    let text = format::composite(c.cx, &format, &args)?;
    push(c, &text)
}

fn append_format_list(c: &mut Call<'_>, first: usize) -> Result<Value> {
    let format = c.str_arg(first, "format")?;
    if c.arg(first + 1).is_null() {
        return Err(Exception::argument_null("args"));
    }
    let args = array::expect_array(c.arg(first + 1))?.to_vec();
    let text = format::composite(c.cx, &format, &args)?;
    push(c, &text)
}

fn append_join(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(2).is_null() {
        return Err(Exception::argument_null("values"));
    }
    let separator = text_of(c, 1)?;
    let mut items = c.take(2).enumerate()?;
    let mut out = String::new();
    let mut first = true;
    while let Some(item) = items.next(c.cx)? {
        let part = object::text(c.cx, &item)?;
        c.cx.charge_bytes(part.len().saturating_add(separator.len()))?;
        if !first {
            utf16::push(&mut out, &separator);
        }
        first = false;
        utf16::push(&mut out, &part);
    }
    push(c, &out)
}

/// Pays for a walk through the text, so that the clock is looked at in time.
fn pay(c: &mut Call<'_>) -> Result<()> {
    let steps = of(c)?.0.lock().text.len() / BYTES_PER_STEP;
    c.cx.charge_steps(u64::try_from(steps).unwrap_or(u64::MAX))
}

fn length(c: &mut Call<'_>) -> Result<Value> {
    pay(c)?;
    Ok(Value::Int32(to_int(utf16::len(&of(c)?.0.lock().text))))
}

fn set_length(c: &mut Call<'_>) -> Result<Value> {
    pay(c)?;
    let length = usize::try_from(c.int(1)?)
        .map_err(|_| Exception::argument_range("Length cannot be less than zero.", "value"))?;
    c.cx.charge_bytes(length)?;
    let mut state = of(c)?.0.lock();
    let now = utf16::len(&state.text);
    if length <= now {
        state.text = utf16::slice(&state.text, 0, length).unwrap_or_default().into_owned();
    } else {
        state.text.extend(std::iter::repeat_n('\0', length - now));
        grow(&mut state);
    }
    Ok(Value::Null)
}

fn set_capacity(c: &mut Call<'_>) -> Result<Value> {
    let wanted = usize::try_from(c.int(1)?).ok();
    let mut state = of(c)?.0.lock();
    match wanted.filter(|w| *w >= utf16::len(&state.text)) {
        Some(w) => state.capacity = w,
        None => return Err(Exception::argument_range("capacity was less than the current size.", "value")),
    }
    Ok(Value::Null)
}

fn char_at(c: &mut Call<'_>) -> Result<Value> {
    pay(c)?;
    let at = usize::try_from(c.int(1)?).ok();
    let state = of(c)?.0.lock();
    at.and_then(|at| utf16::unit(&state.text, at)).map(Value::Char).ok_or_else(Exception::index_out_of_range)
}

fn set_char(c: &mut Call<'_>) -> Result<Value> {
    pay(c)?;
    let (at, unit) = (usize::try_from(c.int(1)?).ok(), arg::unit(c, 2)?);
    let mut state = of(c)?.0.lock();
    let mut units = utf16::units(&state.text);
    match at.and_then(|at| units.get_mut(at)) {
        Some(slot) => *slot = unit,
        None => return Err(Exception::argument_range(BAD_INDEX, "index")),
    }
    state.text = utf16::text(&units);
    Ok(Value::Null)
}

fn part(c: &mut Call<'_>) -> Result<Value> {
    pay(c)?;
    let range = usize::try_from(c.int(1)?).ok().zip(usize::try_from(c.int(2)?).ok());
    let state = of(c)?.0.lock();
    let found = range.and_then(|(s, l)| utf16::slice(&state.text, s, l));
    found.map(|t| Value::str(&*t)).ok_or_else(|| {
        Exception::argument_range("Index and length must refer to a location within the string.", "length")
    })
}

/// What stands before a range, in it, and after it; `None` if it is not inside the text.
fn around(text: &str, start: usize, length: usize) -> Option<[Cow<'_, str>; 3]> {
    let end = start.checked_add(length)?;
    let rest = utf16::len(text).checked_sub(end)?;
    Some([utf16::slice(text, 0, start)?, utf16::slice(text, start, length)?, utf16::slice(text, end, rest)?])
}

pub(super) fn insert(c: &mut Call<'_>) -> Result<Value> {
    pay(c)?;
    let count = match c.arg(3) {
        Value::Int32(n) => {
            usize::try_from(*n).map_err(|_| Exception::argument_range("Non-negative number required.", "count"))?
        }
        _ => 1,
    };
    let text = text_of(c, 2)?;
    c.cx.charge_bytes(text.len().saturating_mul(count))?;
    let at = usize::try_from(c.int(1)?).ok();
    let mut state = of(c)?.0.lock();
    let around = at.and_then(|at| around(&state.text, at, 0));
    let [head, _, tail] = around.ok_or_else(|| Exception::argument_range(BAD_INDEX, "index"))?;
    state.text = utf16::concat(&[&head, &utf16::mend(text.repeat(count)), &tail]);
    grow(&mut state);
    drop(state);
    Ok(c.take(0))
}

fn remove(c: &mut Call<'_>) -> Result<Value> {
    pay(c)?;
    let range = usize::try_from(c.int(1)?).ok().zip(usize::try_from(c.int(2)?).ok());
    let mut state = of(c)?.0.lock();
    let around = range.and_then(|(s, l)| around(&state.text, s, l));
    let [head, _, tail] = around.ok_or_else(|| Exception::argument_range(BAD_INDEX, "index"))?;
    state.text = utf16::concat(&[&head, &tail]);
    drop(state);
    Ok(c.take(0))
}

fn replace(c: &mut Call<'_>, part: bool) -> Result<Value> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("oldValue"));
    }
    let (old, new) = (text_of(c, 1)?, text_of(c, 2)?);
    if old.is_empty() {
        return Err(Exception::argument("Empty name is not legal.", "oldValue"));
    }
    let range = if part { usize::try_from(c.int(3)?).ok().zip(usize::try_from(c.int(4)?).ok()) } else { None };
    let before = of(c)?.0.lock().text.clone();
    let [head, middle, tail] = if part {
        let parts = range.and_then(|(s, l)| around(&before, s, l));
        parts.ok_or_else(|| Exception::argument_range(BAD_INDEX, "startIndex"))?
    } else {
        ["".into(), before.as_str().into(), "".into()]
    };
    let replaced = string_edit::replaced(c, &middle, &old, &new, Comparison::Ordinal)?;
    c.cx.charge_bytes(before.len())?;
    let mut state = of(c)?.0.lock();
    state.text = utf16::concat(&[&head, replaced.as_deref().unwrap_or(&middle), &tail]);
    grow(&mut state);
    drop(state);
    Ok(c.take(0))
}

fn copy_to(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(2).is_null() {
        return Err(Exception::argument_null("destination"));
    }
    let place = |n: usize| {
        usize::try_from(c.int(n)?).map_err(|_| Exception::argument_range("Non-negative number required.", "count"))
    };
    let (from, to, count) = (place(1)?, place(3)?, place(4)?);
    let units = utf16::units(&of(c)?.0.lock().text);
    let chosen = from
        .checked_add(count)
        .and_then(|end| units.get(from..end))
        .ok_or_else(|| Exception::argument_range(BAD_INDEX, "sourceIndex"))?;
    let target = array::expect_array(c.arg(2))?;
    if to.saturating_add(count) > target.len() {
        return Err(Exception::argument_message(
            "Either offset did not refer to a position in the string, or there is an insufficient length of destination character array.",
        ));
    }
    for (i, unit) in chosen.iter().enumerate() {
        target.put(to + i, Value::Char(*unit));
    }
    Ok(Value::Null)
}
