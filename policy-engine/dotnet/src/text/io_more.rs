//! The overloads of readers, writers and streams that few expressions need.
use super::encoding;
use super::io::{
    MEMORY_STREAM, STREAM_READER, STRING_WRITER, TEXT_WRITER, append, reader, rest_of_stream, stream_of, write,
    write_format, write_line, writer,
};
use super::string_builder;
use crate::collections::{array, from_bytes};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::system::string_type::units_of;
use crate::table::Builder;
use crate::utf16;
use crate::value::Value;

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    b.class(TEXT_WRITER)
        .def("void Write(float value)", write)
        .def("void Write(uint value)", write)
        .def("void Write(ulong value)", write)
        .def("void Write(System.Text.StringBuilder value)", write)
        .def("void Write(char[] buffer, int index, int count)", |c| part(c, ""))
        .def("void WriteLine(float value)", write_line)
        .def("void WriteLine(uint value)", write_line)
        .def("void WriteLine(ulong value)", write_line)
        .def("void WriteLine(System.Text.StringBuilder value)", write_line)
        .def("void WriteLine(char[] buffer, int index, int count)", |c| part(c, "\n"))
        .def("void Write(string format, object arg0)", |c| some(c, false))
        .def("void Write(string format, object arg0, object arg1)", |c| some(c, false))
        .def("void Write(string format, object arg0, object arg1, object arg2)", |c| some(c, false))
        .def("void WriteLine(string format, object arg0)", |c| some(c, true))
        .def("void WriteLine(string format, object arg0, object arg1)", |c| some(c, true))
        .def("void WriteLine(string format, object arg0, object arg1, object arg2)", |c| some(c, true))
        .def("System.Text.Encoding Encoding", |_| encoding::utf16());
    b.class(STRING_WRITER)
        .def("new(IFormatProvider formatProvider)", |_| Ok(writer(string_builder::made("", 16))))
        .def("new(System.Text.StringBuilder sb)", on_builder)
        .def("new(System.Text.StringBuilder sb, IFormatProvider formatProvider)", on_builder)
        .def("System.Text.StringBuilder GetStringBuilder()", super::io::builder_of);
    b.class(STREAM_READER)
        .def("new(Stream stream, System.Text.Encoding encoding)", new_reader)
        .def("new(Stream stream, bool detectEncodingFromByteOrderMarks)", new_reader)
        .def("new(Stream stream, System.Text.Encoding encoding, bool detectEncodingFromByteOrderMarks)", new_reader);
    b.class(MEMORY_STREAM)
        .def("new(byte[] buffer, bool writable)", |c| {
            let bytes = array::bytes(c.arg(0)).ok_or_else(|| Exception::argument_null("buffer"))?;
            c.cx.charge_bytes(bytes.len())?;
            Ok(stream_of(bytes))
        })
        .def("new(byte[] buffer, int index, int count)", new_window)
        .def("byte[] GetBuffer()", |c| {
            // The room beyond what was written is nobody's business.
            let bytes = super::io::bytes_of(c.arg(0))?;
            c.cx.charge_bytes(bytes.len())?;
            Ok(from_bytes(bytes))
        });
}

/// A part of an array of characters.
fn part(c: &mut Call<'_>, end: &str) -> Result<Value> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("buffer"));
    }
    let units = units_of(c.arg(1));
    let place = |n: usize, name: &str| {
        usize::try_from(c.int(n)?).map_err(|_| Exception::argument_range("Non-negative number required.", name))
    };
    let (index, count) = (place(2, "index")?, place(3, "count")?);
    let chosen = index.checked_add(count).and_then(|end| units.get(index..end)).ok_or_else(|| {
        Exception::argument_message("Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.")
    })?;
    let text = utf16::text(chosen) + end;
    let target = c.arg(0).clone();
    append(c.cx, &target, &text)?;
    Ok(Value::Null)
}

/// One to three arguments of a format.
fn some(c: &mut Call<'_>, newline: bool) -> Result<Value> {
    let args: Vec<Value> = (2..c.args.len()).map(|n| c.take(n)).collect();
    write_format(c, &args, newline)
}

fn on_builder(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("sb"));
    }
    Ok(writer(c.take(0)))
}

/// Decodes by the given encoding, unless a byte order mark says otherwise.
fn new_reader(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("stream"));
    }
    let stream = c.take(0);
    let bytes = rest_of_stream(&stream)?;
    c.cx.charge_bytes(bytes.len().saturating_mul(3))?;
    let chosen = match c.arg(1) {
        Value::Bool(_) => None,
        Value::Null => return Err(Exception::argument_null("encoding")),
        other => Some(other.clone()),
    };
    let text = encoding::decode_stream(&bytes, chosen.as_ref())?;
    Ok(reader(STREAM_READER, &text))
}

fn new_window(c: &mut Call<'_>) -> Result<Value> {
    let bytes = array::bytes(c.arg(0)).ok_or_else(|| Exception::argument_null("buffer"))?;
    let place = |n: usize, name: &str| {
        usize::try_from(c.int(n)?).map_err(|_| Exception::argument_range("Non-negative number required.", name))
    };
    let (index, count) = (place(1, "index")?, place(2, "count")?);
    let chosen = index.checked_add(count).and_then(|end| bytes.get(index..end)).ok_or_else(|| {
        Exception::argument_message("Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.")
    })?;
    c.cx.charge_bytes(chosen.len())?;
    Ok(stream_of(chosen.to_vec()))
}
