//! Concatenation and interpolation: one pass into one buffer, formatted as `string.Format` does.
use std::sync::Arc;

use dotnet::format::Compiled;
use dotnet::{Append, Result, Value, utf16};

use super::Lower;
use super::code::{Code, Run, run};
use super::frame::Frame;
use super::int::Operand;
use super::ready::Write;
use crate::binder::tree::Piece;

/// A piece ready to be written.
pub(super) enum Part {
    Text(Arc<str>),
    Slot(usize),
    Int(Operand),
    /// A call without arguments that writes its text.
    Append(Append),
    Write(Write),
    Plain(Run<Value>),
    Formatted {
        value: Run<Value>,
        alignment: i32,
        format: Option<Compiled>,
    },
}

impl<'a> Lower<'_, 'a> {
    pub(super) fn text(&mut self, pieces: &[Piece<'a>]) -> Code {
        let mut parts: Vec<Part> = Vec::new();
        for p in pieces {
            match p {
                Piece::Text(s) => parts.push(Part::Text(s.clone())),
                Piece::Hole { value, alignment, format } => {
                    let code = self.expr(value);
                    if let (Some(Value::Str(s)), 0, None) = (code.constant(), *alignment, format) {
                        parts.push(Part::Text(s.clone()));
                        continue;
                    }
                    parts.push(if *alignment == 0 && format.is_none() {
                        plain(code)
                    } else {
                        let format = format.as_deref().map(dotnet::format::compile);
                        Part::Formatted { value: code.value(), alignment: *alignment, format }
                    });
                }
            }
        }
        let parts = joined(parts);
        if let [Part::Text(s)] = parts.as_slice() {
            let v = Value::Str(s.clone());
            return Code::Const(self.interned(&v));
        }
        Code::Value(run(move |f| {
            let text = dotnet::format::collect(|out| {
                parts.iter().try_for_each(|part| write(f, part, out))?;
                f.cx.charge_bytes(out.len())
            });
            text.map(Value::Str)
        }))
    }
}

/// The cheapest way to write a value without a format.
pub(super) fn plain(code: Code) -> Part {
    match code {
        Code::Slot(n) => Part::Slot(n),
        Code::Int(operand) => Part::Int(operand),
        Code::Text(call) => call.part(),
        other => Part::Plain(other.value()),
    }
}

/// Neighbouring texts become one.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    for p in parts {
        match (out.last_mut(), &p) {
            (Some(Part::Text(a)), Part::Text(b)) => *a = utf16::concat(&[a, b]).into(),
            (_, Part::Text(b)) if b.is_empty() => {}
            _ => out.push(p),
        }
    }
    if out.is_empty() {
        out.push(Part::Text("".into()));
    }
    out
}

fn push(f: &mut Frame<'_>, value: &Value, out: &mut String) -> Result<()> {
    match value {
        Value::Null => {}
        Value::Str(s) => utf16::push(out, s),
        Value::Int32(n) => push_int(*n, out),
        other => utf16::push(out, &dotnet::object::text(&mut *f.cx, other)?),
    }
    Ok(())
}

fn push_int(n: i32, out: &mut String) {
    out.push_str(itoa::Buffer::new().format(n));
}

/// Writes a piece at the end of a text.
#[inline]
pub(super) fn write(f: &mut Frame<'_>, part: &Part, out: &mut String) -> Result<()> {
    match part {
        Part::Text(s) => utf16::push(out, s),
        Part::Append(append) => {
            let start = out.len();
            append(&mut *f.cx, &[], out)?;
            utf16::seam(out, start);
        }
        other => write_value(f, other, out)?,
    }
    Ok(())
}

fn write_value(f: &mut Frame<'_>, part: &Part, out: &mut String) -> Result<()> {
    match part {
        Part::Text(_) | Part::Append(_) => write(f, part, out)?,
        Part::Write(write) => {
            let start = out.len();
            write(f, out)?;
            utf16::seam(out, start);
        }
        Part::Slot(n) => match f.slot(*n) {
            Value::Str(s) => utf16::push(out, s),
            other => {
                let v = other.clone();
                push(f, &v, out)?;
            }
        },
        Part::Int(n) => push_int(n.get(f)?, out),
        Part::Plain(value) => match value(f) {
            Ok(ref v) => push(f, v, out)?,
            Err(e) => return Err(e),
        },
        Part::Formatted { value, alignment, format } => {
            let v = value(f)?;
            let start = out.len();
            match format {
                Some(spec) if !v.is_null() => spec.append(&mut *f.cx, &v, out)?,
                // Not yet joined with the text before it, which does not count for the width.
                _ => match &v {
                    Value::Int32(n) => push_int(*n, out),
                    other => out.push_str(&dotnet::object::text(&mut *f.cx, other)?),
                },
            }
            let width = usize::try_from(alignment.unsigned_abs()).unwrap_or(0);
            f.cx.charge_bytes(width)?;
            dotnet::format::align_from(out, start, width, *alignment < 0);
            utf16::seam(out, start);
        }
    }
    Ok(())
}
