//! Concatenation and interpolation: one pass into one buffer, formatted as `string.Format` does.
use std::sync::Arc;

use dotnet::{Result, Value};

use super::Lower;
use super::code::{Code, Run, run};
use super::frame::Frame;
use crate::binder::tree::Piece;

/// A piece ready to be written.
enum Part {
    Text(Arc<str>),
    Plain(Run<Value>),
    Formatted { value: Run<Value>, alignment: i32, format: Option<Arc<str>> },
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
                    let value = code.value();
                    parts.push(if *alignment == 0 && format.is_none() {
                        Part::Plain(value)
                    } else {
                        Part::Formatted { value, alignment: *alignment, format: format.clone() }
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
            let mut out = String::new();
            for part in &parts {
                write(f, part, &mut out)?;
            }
            f.cx.charge_bytes(out.len())?;
            Ok(Value::str(out))
        }))
    }
}

/// Neighbouring texts become one.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    for p in parts {
        match (out.last_mut(), &p) {
            (Some(Part::Text(a)), Part::Text(b)) => *a = format!("{a}{b}").into(),
            (_, Part::Text(b)) if b.is_empty() => {}
            _ => out.push(p),
        }
    }
    if out.is_empty() {
        out.push(Part::Text("".into()));
    }
    out
}

fn write(f: &mut Frame<'_>, part: &Part, out: &mut String) -> Result<()> {
    use std::fmt::Write;
    match part {
        Part::Text(s) => out.push_str(s),
        Part::Plain(value) => match value(f)? {
            Value::Null => {}
            Value::Str(s) => out.push_str(&s),
            // Writing to a string cannot fail.
            Value::Int32(n) => drop(write!(out, "{n}")),
            other => out.push_str(&dotnet::object::text(&mut *f.cx, &other)?),
        },
        Part::Formatted { value, alignment, format } => {
            let v = value(f)?;
            let text = match format {
                Some(spec) if !v.is_null() => dotnet::format::format_value(&mut *f.cx, &v, spec)?,
                _ => dotnet::object::text(&mut *f.cx, &v)?,
            };
            let width = usize::try_from(alignment.unsigned_abs()).unwrap_or(0);
            f.cx.charge_bytes(width)?;
            dotnet::format::align(out, &text, width, *alignment < 0);
        }
    }
    Ok(())
}
