//! The overloads of `StringBuilder` that few expressions need.
use super::string_builder::{ID, append_format, append_part, insert, made, text_of};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::utf16;
use crate::value::Value;

const BAD_INDEX: &str = "Index was out of range. Must be non-negative and less than the size of the collection.";

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    b.class(ID)
        .def("new(string value, int startIndex, int length, int capacity)", new_part)
        .def("StringBuilder Append(StringBuilder value, int startIndex, int count)", append_part)
        .def(
            "StringBuilder AppendFormat(IFormatProvider provider, string format, object arg0, object arg1, object arg2)",
            |c| append_format(c, 2),
        )
        .def("StringBuilder Insert(int index, sbyte value)", insert)
        .def("StringBuilder Insert(int index, byte value)", insert)
        .def("StringBuilder Insert(int index, short value)", insert)
        .def("StringBuilder Insert(int index, ushort value)", insert)
        .def("StringBuilder Insert(int index, uint value)", insert)
        .def("StringBuilder Insert(int index, ulong value)", insert)
        .def("StringBuilder Insert(int index, float value)", insert)
        .def("StringBuilder Insert(int index, char[] value, int startIndex, int charCount)", insert_part);
}

/// A window of a text, checked.
fn window(c: &Call<'_>, text: &str, start: usize, name: &str) -> Result<String> {
    let range = usize::try_from(c.int(start)?).ok().zip(usize::try_from(c.int(start + 1)?).ok());
    let part = range.and_then(|(from, length)| utf16::slice(text, from, length));
    part.map(std::borrow::Cow::into_owned).ok_or_else(|| Exception::argument_range(BAD_INDEX, name))
}

fn new_part(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_or_null(0).unwrap_or_default();
    c.cx.charge_bytes(text.len())?;
    let part = window(c, &text, 1, "length")?;
    Ok(made(&part, usize::try_from(c.int(3)?).unwrap_or(0)))
}

fn insert_part(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(2).is_null() {
        return Err(Exception::argument_null("value"));
    }
    let text = text_of(c, 2)?;
    let part = window(c, &text, 3, "startIndex")?;
    let mut args = [c.take(0), c.take(1), Value::str(part)];
    insert(&mut Call { cx: &mut *c.cx, types: &[], args: &mut args })
}
