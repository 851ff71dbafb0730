//! The parts of `System.IO` that touch no file: readers and writers of text and bytes in memory.
use std::any::Any;

use parking_lot::Mutex;

use super::string_builder;
use crate::ambient::Ambient;
use crate::collections::array;
use crate::collections::from_bytes;
use crate::exception::{Exception, Result};
use crate::format;
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::utf16;
use crate::value::{Object, Str, Value};

const TEXT_READER: TypeId = TypeId("System.IO.TextReader");
const STRING_READER: TypeId = TypeId("System.IO.StringReader");
pub(super) const STREAM_READER: TypeId = TypeId("System.IO.StreamReader");
pub(super) const TEXT_WRITER: TypeId = TypeId("System.IO.TextWriter");
pub(super) const STRING_WRITER: TypeId = TypeId("System.IO.StringWriter");
const STREAM: TypeId = TypeId("System.IO.Stream");
pub(crate) const MEMORY_STREAM: TypeId = TypeId("System.IO.MemoryStream");

/// A text whose characters are single units ([`utf16::apart`]), and how far it was read, in bytes of UTF-8.
struct Reader {
    type_id: TypeId,
    state: Mutex<Option<(Str, usize)>>,
}

/// A `StringBuilder` that grows; open until disposed (its text stays readable, as in .NET).
struct Writer {
    builder: Value,
    is_open: Mutex<bool>,
}

/// Bytes and a position.
struct Stream {
    state: Mutex<StreamState>,
}

#[derive(Default)]
struct StreamState {
    bytes: Vec<u8>,
    at: usize,
    closed: bool,
    /// The array that the stream was made of.
    array: Option<Value>,
}

impl Object for Reader {
    fn net_type(&self) -> Type {
        Type::Simple(self.type_id)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn dispose(&self) {
        *self.state.lock() = None;
    }
}

impl Object for Writer {
    fn net_type(&self) -> Type {
        Type::Simple(STRING_WRITER)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, cx: &mut dyn Ambient) -> Result<Str> {
        object::text(cx, &self.builder)
    }
    fn dispose(&self) {
        *self.is_open.lock() = false;
    }
}

impl Object for Stream {
    fn net_type(&self) -> Type {
        Type::Simple(MEMORY_STREAM)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn dispose(&self) {
        self.state.lock().closed = true;
    }
}

/// The text that a reader of this library still holds, read to its end; for `XDocument.Load(TextReader)` and its kin.
pub(crate) fn read_to_end(value: &Value) -> Result<Str> {
    let reader = value.as_object::<Reader>().ok_or_else(Exception::null_reference)?;
    let mut state = reader.state.lock();
    let (text, at) = state.as_mut().ok_or_else(reader_closed)?;
    let rest = utf16::mend(text.get(*at..).unwrap_or_default().to_owned()).into();
    *at = text.len();
    Ok(rest)
}

/// Adds text to a writer of this library; for `XElement.Save(TextWriter)` and its kin.
pub(crate) fn append(cx: &mut dyn Ambient, writer: &Value, text: &str) -> Result<()> {
    let writer = writer.as_object::<Writer>().ok_or_else(Exception::null_reference)?;
    cx.charge_bytes(text.len())?;
    if !*writer.is_open.lock() {
        return Err(Exception::object_disposed("Cannot write to a closed TextWriter."));
    }
    string_builder::extend(&writer.builder, text)
}

/// The unread rest of a memory stream, which is then read; for hashes of streams.
pub(crate) fn rest_of_stream(value: &Value) -> Result<Vec<u8>> {
    let mut state = stream(value)?.state.lock();
    if state.closed {
        return Err(stream_closed());
    }
    let rest = state.bytes.get(state.at..).unwrap_or_default().to_vec();
    state.at = state.bytes.len();
    Ok(rest)
}

fn reader_closed() -> Exception {
    Exception::object_disposed("Cannot read from a closed TextReader.")
}

fn stream_closed() -> Exception {
    Exception::object_disposed("Cannot access a closed Stream.")
}

/// Works on the unread rest; the function says how many bytes it took.
fn read(c: &mut Call<'_>, take: impl FnOnce(&str) -> (Value, usize)) -> Result<Value> {
    let reader = c.arg(0).as_object::<Reader>().ok_or_else(Exception::null_reference)?;
    let mut state = reader.state.lock();
    let (text, at) = state.as_mut().ok_or_else(reader_closed)?;
    let (value, used) = take(text.get(*at..).unwrap_or_default());
    *at = at.saturating_add(used).min(text.len());
    Ok(value)
}

fn read_line(c: &mut Call<'_>) -> Result<Value> {
    let value = read(c, |rest| {
        if rest.is_empty() {
            return (Value::Null, 0);
        }
        let line = |text: &str| Value::str(utf16::mend(text.to_owned()));
        match rest.find(['\n', '\r']) {
            None => (line(rest), rest.len()),
            Some(end) => {
                let (before, after) = rest.split_at(end);
                let ending = if after.starts_with("\r\n") { 2 } else { 1 };
                (line(before), end + ending)
            }
        }
    })?;
    c.cx.charge_bytes(value.as_str().map_or(0, str::len))?;
    Ok(value)
}

fn unit_of(rest: &str) -> (Value, usize) {
    match rest.chars().next() {
        Some(ch) => (Value::Int32(i32::from(utf16::pair(ch).0)), ch.len_utf8()),
        None => (Value::Int32(-1), 0),
    }
}

/// `Read(char[] buffer, int index, int count)`.
fn read_block(c: &mut Call<'_>) -> Result<Value> {
    let buffer = c.arg(1).clone();
    let (index, count) = (i64::from(c.int(2)?), i64::from(c.int(3)?));
    let target = array::expect_array(&buffer)?;
    let room = i64::try_from(target.len()).unwrap_or(i64::MAX);
    if index < 0 || count < 0 {
        let name = if index < 0 { "index" } else { "count" };
        return Err(Exception::argument_range("Non-negative number required.", name));
    }
    if room - index < count {
        let text = "Offset and length were out of bounds for the array or count is greater than the number of elements from \
                    index to the end of the source collection.";
        return Err(Exception::argument_message(text));
    }
    let mut units = Vec::new();
    read(c, |rest| {
        let mut used = 0;
        for ch in rest.chars().take(usize::try_from(count).unwrap_or(0)) {
            used += ch.len_utf8();
            units.push(utf16::pair(ch).0);
        }
        (Value::Null, used)
    })?;
    for (at, unit) in (index..).zip(&units) {
        target.set(c.cx.types(), at, Value::Char(*unit))?;
    }
    Ok(Value::Int32(i32::try_from(units.len()).unwrap_or(i32::MAX)))
}

fn write_text(c: &mut Call<'_>, newline: bool) -> Result<Value> {
    let value = c.take(1);
    let mut text = match &value {
        Value::Object(_) if let Some(chars) = array::array(&value).filter(|a| *a.item() == Type::CHAR) => {
            let units: Vec<u16> = chars.to_vec().iter().map(|v| if let Value::Char(u) = v { *u } else { 0 }).collect();
            utf16::text(&units)
        }
        other => object::text(c.cx, other)?.to_string(),
    };
    if newline {
        text.push('\n');
    }
    let target = c.arg(0).clone();
    append(c.cx, &target, &text)?;
    Ok(Value::Null)
}

pub(super) fn write(c: &mut Call<'_>) -> Result<Value> {
    write_text(c, false)
}

pub(super) fn write_line(c: &mut Call<'_>) -> Result<Value> {
    write_text(c, true)
}

fn write_list(c: &mut Call<'_>, newline: bool) -> Result<Value> {
    let args = array::array(c.arg(2)).map(array::ArrayObject::to_vec).unwrap_or_default();
    write_format(c, &args, newline)
}

pub(super) fn write_format(c: &mut Call<'_>, args: &[Value], newline: bool) -> Result<Value> {
    let pattern = c.str_arg(1, "format")?;
    let mut text = format::composite(c.cx, &pattern, args)?.to_string();
    if newline {
        text.push('\n');
    }
    let target = c.arg(0).clone();
    append(c.cx, &target, &text)?;
    Ok(Value::Null)
}

fn dispose(c: &mut Call<'_>) -> Result<Value> {
    if let Value::Object(o) = c.arg(0) {
        o.dispose();
    }
    Ok(Value::Null)
}

fn stream(value: &Value) -> Result<&Stream> {
    value.as_object::<Stream>().ok_or_else(Exception::null_reference)
}

fn with_stream<T>(c: &Call<'_>, f: impl FnOnce(&mut StreamState) -> T) -> Result<T> {
    let mut state = stream(c.args.first().unwrap_or(&Value::Null))?.state.lock();
    if state.closed { Err(stream_closed()) } else { Ok(f(&mut state)) }
}

/// Checked `offset` and `count` of a byte array argument.
fn window(c: &Call<'_>, buffer: &[u8]) -> Result<std::ops::Range<usize>> {
    let (offset, count) = (c.int(2)?, c.int(3)?);
    let range = usize::try_from(offset).ok().zip(usize::try_from(count).ok());
    let Some((offset, count)) = range else {
        let name = if offset < 0 { "offset" } else { "count" };
        return Err(Exception::argument_range("Non-negative number required.", name));
    };
    if offset.checked_add(count).is_none_or(|end| end > buffer.len()) {
        return Err(Exception::argument_message(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from index \
             to the end of the source collection.",
        ));
    }
    Ok(offset..offset + count)
}

fn stream_write(c: &mut Call<'_>) -> Result<Value> {
    let bytes = array::bytes(c.arg(1)).ok_or_else(|| Exception::argument_null("buffer"))?;
    let window = window(c, &bytes)?;
    let part = bytes.get(window).unwrap_or_default().to_vec();
    c.cx.charge_bytes(part.len())?;
    store(c, &part)
}

/// Writes at the position. A stream over an array writes into that array and cannot grow.
fn store(c: &mut Call<'_>, part: &[u8]) -> Result<Value> {
    let gap = with_stream(c, |s| s.at.saturating_sub(s.bytes.len()))?;
    c.cx.charge_bytes(gap)?;
    let (at, array) = with_stream(c, |s| {
        let (at, end) = (s.at, s.at.saturating_add(part.len()));
        if s.array.is_some() && end > s.bytes.len() {
            return Err(Exception::not_supported("Memory stream is not expandable."));
        }
        if s.bytes.len() < end {
            s.bytes.resize(end, 0);
        }
        if let Some(target) = s.bytes.get_mut(at..end) {
            target.copy_from_slice(part);
        }
        s.at = end;
        Ok((at, s.array.clone()))
    })??;
    if let Some(array) = array {
        for (at, byte) in (at..).zip(part) {
            array::set(c.cx.types(), &array, i64::try_from(at).unwrap_or(i64::MAX), Value::Byte(*byte))?;
        }
    }
    Ok(Value::Null)
}

fn seek(c: &mut Call<'_>) -> Result<Value> {
    let (offset, origin) = (c.long(1)?, c.int(2)?);
    let base = with_stream(c, |s| match origin {
        0 => Some(0),
        1 => Some(s.at),
        2 => Some(s.bytes.len()),
        _ => None,
    })?;
    let base = base.ok_or_else(|| Exception::argument_message("Invalid seek origin."))?;
    let at = i64::try_from(base).ok().and_then(|b| b.checked_add(offset)).and_then(|at| usize::try_from(at).ok());
    let early = || {
        Exception::new(
            TypeId("System.IO.IOException"),
            "An attempt was made to move the position before the beginning of the stream.",
        )
    };
    let at = at.ok_or_else(early)?;
    if at > i32::MAX as usize {
        let text = "Stream length must be non-negative and less than 2^31 - 1 - origin.";
        return Err(Exception::argument_range(text, "offset"));
    }
    with_stream(c, |s| s.at = at)?;
    Ok(Value::Int64(i64::try_from(at).unwrap_or(i64::MAX)))
}

fn set_length(c: &mut Call<'_>) -> Result<Value> {
    let len = usize::try_from(c.long(1)?).ok().filter(|n| *n <= i32::MAX as usize).ok_or_else(|| {
        Exception::argument_range("Stream length must be non-negative and less than 2^31 - 1 - origin.", "value")
    })?;
    let more = with_stream(c, |s| len.saturating_sub(s.bytes.len()))?;
    c.cx.charge_bytes(more)?;
    with_stream(c, |s| {
        if s.array.is_some() && more > 0 {
            return Err(Exception::not_supported("Memory stream is not expandable."));
        }
        s.bytes.resize(len, 0);
        s.at = s.at.min(len);
        Ok(())
    })??;
    Ok(Value::Null)
}

/// `CopyTo` and `WriteTo`: the rest, or all, into another stream of this library.
fn copy_stream(c: &mut Call<'_>, all: bool) -> Result<Value> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null(if all { "stream" } else { "destination" }));
    }
    let part = with_stream(c, |s| {
        let from = if all { 0 } else { std::mem::replace(&mut s.at, s.bytes.len()) };
        s.bytes.get(from..).unwrap_or_default().to_vec()
    })?;
    c.cx.charge_bytes(part.len())?;
    let target = c.take(1);
    let mut args = [target];
    store(&mut Call { cx: &mut *c.cx, types: &[], args: &mut args }, &part)
}

fn stream_read(c: &mut Call<'_>) -> Result<Value> {
    let buffer = c.arg(1).clone();
    let bytes = array::bytes(&buffer).ok_or_else(|| Exception::argument_null("buffer"))?;
    let window = window(c, &bytes)?;
    let (offset, count) = (window.start, window.len());
    let part = with_stream(c, |s| {
        let end = s.at.saturating_add(count).min(s.bytes.len());
        let part = s.bytes.get(s.at..end).unwrap_or_default().to_vec();
        s.at = end.max(s.at);
        part
    })?;
    for (at, byte) in (offset..).zip(&part) {
        array::set(c.cx.types(), &buffer, i64::try_from(at).unwrap_or(i64::MAX), Value::Byte(*byte))?;
    }
    Ok(Value::Int32(i32::try_from(part.len()).unwrap_or(i32::MAX)))
}

fn write_byte(c: &mut Call<'_>) -> Result<Value> {
    let byte = if let Value::Byte(b) = c.arg(1) { *b } else { 0 };
    c.cx.charge_bytes(1)?;
    store(c, &[byte])
}

fn read_byte(c: &mut Call<'_>) -> Result<Value> {
    let byte = with_stream(c, |s| {
        let byte = s.bytes.get(s.at).copied();
        s.at += usize::from(byte.is_some());
        byte
    })?;
    Ok(Value::Int32(byte.map_or(-1, i32::from)))
}

fn stream_length(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Int64(i64::try_from(with_stream(c, |s| s.bytes.len())?).unwrap_or(i64::MAX)))
}

fn set_position(c: &mut Call<'_>) -> Result<Value> {
    let at = usize::try_from(c.long(1)?).ok().filter(|at| *at <= i32::MAX as usize);
    let at = at.ok_or_else(|| Exception::argument_range("Non-negative number required.", "value"))?;
    with_stream(c, |s| s.at = at)?;
    Ok(Value::Null)
}

fn new_memory_stream(c: &mut Call<'_>) -> Result<Value> {
    let bytes = match c.args.first() {
        None => Vec::new(),
        Some(Value::Int32(n)) if *n < 0 => {
            return Err(Exception::argument_range("Capacity must be non-negative.", "capacity"));
        }
        Some(Value::Int32(_)) => Vec::new(),
        Some(v) => array::bytes(v).ok_or_else(|| Exception::argument_null("buffer"))?,
    };
    c.cx.charge_bytes(bytes.len())?;
    let array = c.args.first().filter(|v| matches!(v, Value::Object(_))).cloned();
    Ok(Value::object(Stream { state: Mutex::new(StreamState { bytes, at: 0, closed: false, array }) }))
}

/// Decodes as UTF-8, which is what `StreamReader` does without another encoding or byte order mark.
fn new_stream_reader(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("stream"));
    }
    let bytes = with_stream(c, |s| {
        let rest = s.bytes.get(s.at..).unwrap_or_default().to_vec();
        s.at = s.bytes.len();
        rest
    })?;
    c.cx.charge_bytes(bytes.len())?;
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes));
    Ok(reader(STREAM_READER, &utf16::arriving(text)))
}

/// A writer over a `StringBuilder`.
pub(super) fn writer(builder: Value) -> Value {
    Value::object(Writer { builder, is_open: Mutex::new(true) })
}

/// `GetStringBuilder()`
pub(super) fn builder_of(c: &mut Call<'_>) -> Result<Value> {
    c.arg(0).as_object::<Writer>().map(|w| w.builder.clone()).ok_or_else(Exception::null_reference)
}

/// A memory stream at its beginning.
pub(super) fn stream_of(bytes: Vec<u8>) -> Value {
    Value::object(Stream { state: Mutex::new(StreamState { bytes, ..StreamState::default() }) })
}

/// All that a memory stream holds.
pub(super) fn bytes_of(value: &Value) -> Result<Vec<u8>> {
    Ok(stream(value)?.state.lock().bytes.clone())
}

/// Adds bytes at the position of a stream, for `XElement.Save(Stream)` and its kin.
pub(crate) fn append_bytes(cx: &mut dyn Ambient, target: &Value, bytes: &[u8]) -> Result<()> {
    cx.charge_bytes(bytes.len())?;
    let mut state = stream(target)?.state.lock();
    if state.closed {
        return Err(stream_closed());
    }
    let (at, end) = (state.at, state.at.saturating_add(bytes.len()));
    if state.bytes.len() < end {
        state.bytes.resize(end, 0);
    }
    if let Some(room) = state.bytes.get_mut(at..end) {
        room.copy_from_slice(bytes);
    }
    state.at = end;
    Ok(())
}

pub(super) fn reader(type_id: TypeId, text: &str) -> Value {
    Value::object(Reader { type_id, state: Mutex::new(Some((utf16::apart(text).into(), 0))) })
}

/// Adds the readers, writers and streams.
pub(crate) fn define(b: &mut Builder) {
    b.class(TEXT_READER)
        .implements(&["IDisposable"])
        .def("string ReadLine()", read_line)
        .def("string ReadToEnd()", |c| {
            let rest = read_to_end(c.arg(0))?;
            c.cx.charge_bytes(rest.len())?;
            Ok(Value::Str(rest))
        })
        .def("int Read()", |c| read(c, unit_of))
        .def("int Read(char[] buffer, int index, int count)", read_block)
        .def("int ReadBlock(char[] buffer, int index, int count)", read_block)
        .def("int Peek()", |c| read(c, |rest| (unit_of(rest).0, 0)))
        .def("void Close()", dispose)
        .def("void Dispose()", dispose);
    b.class(STRING_READER).base("TextReader").def("new(string s)", |c| {
        let text = c.str_arg(0, "s")?;
        Ok(reader(STRING_READER, &text))
    });
    b.class(STREAM_READER)
        .base("TextReader")
        .def("new(Stream stream)", new_stream_reader)
        .def("bool EndOfStream", |c| read(c, |rest| (Value::Bool(rest.is_empty()), 0)));
    define_writers(b);
    define_streams(b);
}

fn define_writers(b: &mut Builder) {
    b.class(TEXT_WRITER)
        .implements(&["IDisposable"])
        .def("void Write(char value)", write)
        .def("void Write(char[] buffer)", write)
        .def("void Write(string value)", write)
        .def("void Write(bool value)", write)
        .def("void Write(int value)", write)
        .def("void Write(long value)", write)
        .def("void Write(double value)", write)
        .def("void Write(decimal value)", write)
        .def("void Write(object value)", write)
        .def("void Write(string format, params object[] arg)", |c| write_list(c, false))
        .def("void WriteLine()", |c| {
            let target = c.arg(0).clone();
            append(c.cx, &target, "\n")?;
            Ok(Value::Null)
        })
        .def("void WriteLine(char value)", write_line)
        .def("void WriteLine(char[] buffer)", write_line)
        .def("void WriteLine(string value)", write_line)
        .def("void WriteLine(bool value)", write_line)
        .def("void WriteLine(int value)", write_line)
        .def("void WriteLine(long value)", write_line)
        .def("void WriteLine(double value)", write_line)
        .def("void WriteLine(decimal value)", write_line)
        .def("void WriteLine(object value)", write_line)
        .def("void WriteLine(string format, params object[] arg)", |c| write_list(c, true))
        .def("void Flush()", |_| Ok(Value::Null))
        .def("void Close()", dispose)
        .def("void Dispose()", dispose)
        .def("string NewLine", |_| Ok(Value::str("\n")));
    b.class(STRING_WRITER).base("TextWriter").def("new()", |_| Ok(writer(string_builder::made("", 16)))).def(
        "string ToString()",
        |c| {
            let this = c.arg(0).clone();
            Ok(Value::Str(object::text(c.cx, &this)?))
        },
    );
}

fn define_streams(b: &mut Builder) {
    b.enumeration(TypeId("System.IO.SeekOrigin"), false, &[("Begin", 0), ("Current", 1), ("End", 2)]);
    b.class(STREAM)
        .implements(&["IDisposable"])
        .def("long Length", stream_length)
        .get_set(
            "long Position",
            |c| Ok(Value::Int64(i64::try_from(with_stream(c, |s| s.at)?).unwrap_or(i64::MAX))),
            set_position,
        )
        .def("bool CanRead", |c| Ok(Value::Bool(!stream(c.arg(0))?.state.lock().closed)))
        .def("bool CanSeek", |c| Ok(Value::Bool(!stream(c.arg(0))?.state.lock().closed)))
        .def("bool CanWrite", |c| Ok(Value::Bool(!stream(c.arg(0))?.state.lock().closed)))
        .def("int Read(byte[] buffer, int offset, int count)", stream_read)
        .def("int ReadByte()", read_byte)
        .def("void Write(byte[] buffer, int offset, int count)", stream_write)
        .def("void WriteByte(byte value)", write_byte)
        .def("long Seek(long offset, System.IO.SeekOrigin origin)", seek)
        .def("void SetLength(long value)", set_length)
        .def("void CopyTo(Stream destination)", |c| copy_stream(c, false))
        .def("void Flush()", |_| Ok(Value::Null))
        .def("void Close()", dispose)
        .def("void Dispose()", dispose);
    b.class(MEMORY_STREAM)
        .base("Stream")
        .def("new()", new_memory_stream)
        .def("new(int capacity)", new_memory_stream)
        .def("new(byte[] buffer)", new_memory_stream)
        .def("void WriteTo(Stream stream)", |c| copy_stream(c, true))
        .def("byte[] ToArray()", |c| {
            // .NET answers this even after Dispose.
            let bytes = stream(c.arg(0))?.state.lock().bytes.clone();
            c.cx.charge_bytes(bytes.len())?;
            Ok(from_bytes(bytes))
        });
}
