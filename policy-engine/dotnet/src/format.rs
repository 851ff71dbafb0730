//! Format strings: one value with one format, and composite format strings (`{0,-8:N2}`).
pub mod compiled;

use std::cell::Cell;

use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::value::{Str, Value};
use crate::{number, object, system, utf16};
pub(crate) use compiled::prepare_to_string;
pub use compiled::{Compiled, compile};

/// Widest alignment that .NET accepts in a composite format.
const WIDTH_LIMIT: usize = 1_000_000;
const BAD_FORMAT: &str = "Input string was not in a correct format.";
const BAD_INDEX: &str =
    "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.";

/// Room of the scratch text that is kept for the next one.
const KEPT: usize = 16 * 1024;

thread_local! {
    static SCRATCH: Cell<String> = const { Cell::new(String::new()) };
}

/// A text from what `write` adds to an empty one; only the result is allocated.
pub fn collect(write: impl FnOnce(&mut String) -> Result<()>) -> Result<Str> {
    let mut out = SCRATCH.take();
    let text = write(&mut out).map(|()| Str::from(out.as_str()));
    if out.capacity() <= KEPT {
        out.clear();
        SCRATCH.set(out);
    }
    text
}

/// `IFormattable.ToString(format)` in the invariant culture; what is not formattable ignores the format.
pub fn format_value(cx: &mut dyn Ambient, value: &Value, format: &str) -> Result<Str> {
    let text = formatted(cx, value, format)?;
    // Quoted parts of a format may be halves of one character.
    Ok(if utf16::has_halves(format) { utf16::mend((*text).to_owned()).into() } else { text })
}

fn formatted(cx: &mut dyn Ambient, value: &Value, format: &str) -> Result<Str> {
    match value {
        Value::Null => Ok("".into()),
        Value::Bool(v) => Ok(crate::intern::bool_text(*v)),
        Value::Char(v) => Ok(Str::from(&*utf16::char_of(*v).encode_utf8(&mut [0; 4]))),
        Value::Str(s) => Ok(s.clone()),
        Value::DateTime(v) => system::date_format::date_time(*v, format),
        Value::DateTimeOffset(v) => system::date_format::date_time_offset(*v, format),
        Value::TimeSpan(v) => system::time_span_format::format(*v, format),
        Value::Guid(v) => system::guid::format(v, format),
        Value::Enum(id, v) => system::enumeration::format(cx.types(), *id, *v, format),
        Value::Object(o) => o.format_text(cx, format),
        Value::Func(_) | Value::Handle(..) => object::text(cx, value),
        number => number::format(cx, number, format),
    }
}

/// `string.Format(format, args)`; also what interpolated strings mean.
pub fn composite(cx: &mut dyn Ambient, format: &str, args: &[Value]) -> Result<Str> {
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        let (plain, tail) = rest.split_at(at);
        utf16::push(&mut out, plain);
        if let Some(after) = tail.strip_prefix("{{").or_else(|| tail.strip_prefix("}}")) {
            out.push_str(tail.get(..1).unwrap_or_default());
            rest = after;
            continue;
        }
        let body = tail.strip_prefix('{').ok_or_else(|| Exception::format(BAD_FORMAT))?;
        let (hole, after) = Hole::read(body)?;
        let value = args.get(hole.index).ok_or_else(|| Exception::format(BAD_INDEX))?;
        let text = format_value(cx, value, &hole.format)?;
        cx.charge_bytes(text.len().saturating_add(hole.width))?;
        let start = out.len();
        out.push_str(&text);
        align_from(&mut out, start, hole.width, hole.left);
        utf16::seam(&mut out, start);
        rest = after;
    }
    utf16::push(&mut out, rest);
    Ok(out.into())
}

/// Pads what was written from byte `start` on to `width` UTF-16 units, as `{0,5}` and `{0,-5}` do.
pub fn align_from(out: &mut String, start: usize, width: usize, left: bool) {
    let written = out.get(start..).map_or(0, utf16::len);
    let fill = width.saturating_sub(written);
    if fill == 0 {
        return;
    }
    if left {
        out.extend(std::iter::repeat_n(' ', fill));
    } else {
        out.insert_str(start, &" ".repeat(fill));
    }
}

struct Hole {
    index: usize,
    width: usize,
    left: bool,
    format: String,
}

impl Hole {
    /// Reads `0,-8:format}`; gives what follows it.
    fn read(text: &str) -> Result<(Hole, &str)> {
        let bad = || Exception::format(BAD_FORMAT);
        let (index, mut rest) = digits(text).ok_or_else(bad)?;
        rest = rest.trim_start_matches(' ');
        let (mut width, mut left) = (0, false);
        if let Some(after) = rest.strip_prefix(',') {
            let after = after.trim_start_matches(' ');
            let unsigned = after.strip_prefix('-');
            left = unsigned.is_some();
            let (n, after) = digits(unsigned.unwrap_or(after)).ok_or_else(bad)?;
            (width, rest) = (n, after.trim_start_matches(' '));
        }
        let mut format = String::new();
        if let Some(after) = rest.strip_prefix(':') {
            // The first `}` ends the item; braces cannot be escaped inside.
            let (inside, tail) = after.split_at(after.find(['{', '}']).ok_or_else(bad)?);
            format.push_str(inside);
            rest = tail;
        }
        let rest = rest.strip_prefix('}').ok_or_else(bad)?;
        Ok((Hole { index, width, left, format }, rest))
    }
}

fn digits(text: &str) -> Option<(usize, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let n = number.parse().ok().filter(|n| *n < WIDTH_LIMIT)?;
    Some((n, rest))
}
