//! JSON text: indented as `JToken.ToString()`, or compact.
use std::sync::Arc;

use base64::Engine as _;

use super::dates;
use super::scalar::{BigInteger, Kind, Scalar};
use super::token::{Body, Payload, Token};
use crate::ambient::Ambient;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::format;
use crate::object;
use crate::utf16;
use crate::value::{Str, Value};

/// Deepest nesting that is written; parsed text is bounded by the reader already.
pub(super) const MAX_DEPTH: usize = 256;
/// Texts are charged for when they have grown by so much.
const CHARGE_STEP: usize = 4096;

/// `StringEscapeHandling`
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Escape {
    #[default]
    Default,
    NonAscii,
    Html,
}

/// How text is written.
#[derive(Clone, Default)]
pub(super) struct Style {
    pub(super) indented: bool,
    pub(super) escape: Escape,
    pub(super) date_format: Option<Str>,
}

/// A JSON text in the making.
pub(super) struct Writer<'a> {
    cx: &'a mut dyn Ambient,
    style: Style,
    out: String,
    charged: usize,
    /// For each open container: is something in it?
    open: Vec<bool>,
    after_name: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(cx: &'a mut dyn Ambient, style: Style) -> Writer<'a> {
        Writer { cx, style, out: String::new(), charged: 0, open: Vec::new(), after_name: false }
    }

    pub(super) fn cx(&mut self) -> &mut dyn Ambient {
        self.cx
    }

    pub(super) fn finish(mut self) -> Result<Str> {
        self.charge(0)?;
        Ok(self.out.into())
    }

    fn charge(&mut self, step: usize) -> Result<()> {
        let grown = self.out.len().saturating_sub(self.charged);
        if grown > step {
            self.charged = self.out.len();
            self.cx.charge_bytes(grown.saturating_mul(2))?;
            self.cx.charge_steps(u64::try_from(grown / 16).unwrap_or(u64::MAX))?;
        }
        Ok(())
    }

    /// Comma, line and indentation before an item.
    fn separate(&mut self) {
        if std::mem::take(&mut self.after_name) {
            return;
        }
        if let Some(has_items) = self.open.last_mut() {
            if std::mem::replace(has_items, true) {
                self.out.push(',');
            }
            self.new_line();
        }
    }

    fn new_line(&mut self) {
        if self.style.indented {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", self.open.len()));
        }
    }

    pub(super) fn start(&mut self, bracket: char) -> Result<()> {
        self.separate();
        self.begin(bracket)
    }

    fn start_constructor(&mut self, name: &str) -> Result<()> {
        self.separate();
        self.out.push_str("new ");
        self.out.push_str(name);
        self.begin('(')
    }

    fn begin(&mut self, bracket: char) -> Result<()> {
        self.out.push(bracket);
        self.open.push(false);
        if self.open.len() > MAX_DEPTH {
            return Err(Exception::limit(format!("JSON may be nested at most {MAX_DEPTH} deep")));
        }
        self.charge(CHARGE_STEP)
    }

    pub(super) fn end(&mut self, bracket: char) {
        // Newtonsoft breaks the line of an empty constructor, and only of that.
        if self.open.pop() == Some(true) || bracket == ')' {
            self.new_line();
        }
        self.out.push(bracket);
    }

    pub(super) fn name(&mut self, name: &str) -> Result<()> {
        self.separate();
        self.quote(name);
        self.out.push_str(if self.style.indented { ": " } else { ":" });
        self.after_name = true;
        self.charge(CHARGE_STEP)
    }

    pub(super) fn string(&mut self, text: &str) -> Result<()> {
        self.separate();
        self.quote(text);
        self.charge(CHARGE_STEP)
    }

    pub(super) fn raw(&mut self, text: &str) -> Result<()> {
        self.separate();
        self.out.push_str(text);
        self.charge(CHARGE_STEP)
    }

    fn quote(&mut self, text: &str) {
        self.out.push('"');
        let mut clean = text;
        while let Some(at) = clean.find(|c| needs_escape(c, self.style.escape)) {
            let (before, rest) = clean.split_at(at);
            self.out.push_str(before);
            let Some(c) = rest.chars().next() else { break };
            escape(c, &mut self.out);
            clean = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        self.out.push_str(clean);
        self.out.push('"');
    }

    /// Any scalar by its run-time type; false if it is none.
    pub(super) fn scalar(&mut self, value: &Value) -> Result<bool> {
        match value {
            Value::Null => self.raw("null")?,
            Value::Bool(v) => self.raw(if *v { "true" } else { "false" })?,
            Value::Str(s) => self.string(s)?,
            Value::Char(c) => self.string(&utf16::text(&[*c]))?,
            Value::Enum(_, n) => self.raw(&n.to_string())?,
            Value::Double(_) | Value::Single(_) | Value::Decimal(_) => self.fraction(value)?,
            Value::DateTime(v) => match self.style.date_format.clone() {
                Some(f) => self.formatted(value, &f)?,
                None => self.string(&dates::write_date_time(*v))?,
            },
            Value::DateTimeOffset(v) => match self.style.date_format.clone() {
                Some(f) => self.formatted(value, &f)?,
                None => self.string(&dates::write(v.ticks, Some(v.offset_minutes)))?,
            },
            Value::TimeSpan(_) => self.formatted(value, "c")?,
            Value::Guid(_) => self.formatted(value, "D")?,
            Value::SByte(_) | Value::Byte(_) | Value::Int16(_) | Value::UInt16(_) => self.plain(value)?,
            Value::Int32(v) => self.raw(&v.to_string())?,
            Value::Int64(v) => self.raw(&v.to_string())?,
            Value::UInt32(_) | Value::UInt64(_) => self.plain(value)?,
            Value::Object(_) => return self.object_scalar(value),
            Value::Func(_) | Value::Handle(..) => return Ok(false),
        }
        Ok(true)
    }

    fn object_scalar(&mut self, value: &Value) -> Result<bool> {
        if let Some(big) = value.as_object::<BigInteger>() {
            self.raw(&big.0.clone())?;
        } else if let Some(bytes) = array::bytes(value) {
            self.string(&base64::engine::general_purpose::STANDARD.encode(bytes))?;
        } else if super::scalar::is_uri(value) {
            let text = object::text(self.cx, value)?;
            self.string(&text)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn plain(&mut self, value: &Value) -> Result<()> {
        let text = object::text(self.cx, value)?;
        self.raw(&text)
    }

    fn formatted(&mut self, value: &Value, format: &str) -> Result<()> {
        let text = format::format_value(self.cx, value, format)?;
        self.string(&text)
    }

    /// Always with a fraction or an exponent, so that it is read back as what it was.
    fn fraction(&mut self, value: &Value) -> Result<()> {
        let text = object::text(self.cx, value)?;
        let finite = match value {
            Value::Double(v) => v.is_finite(),
            Value::Single(v) => v.is_finite(),
            _ => true,
        };
        if !finite {
            return self.string(&text);
        }
        let whole = !text.contains(['.', 'E', 'e']);
        self.raw(&if whole { format!("{text}.0") } else { text.to_string() })
    }

    fn scalar_token(&mut self, s: &Scalar) -> Result<()> {
        match (s.kind, &s.value) {
            (Kind::Undefined, _) => self.raw("undefined"),
            (Kind::Comment, Value::Str(text)) => {
                let text = format!("/*{text}*/");
                self.raw(&text)
            }
            (Kind::Raw, Value::Str(text)) => self.raw(&text.clone()),
            (_, value) => self.scalar(value).map(drop),
        }
    }

    pub(super) fn payload(&mut self, payload: &Payload) -> Result<()> {
        match payload {
            Payload::Scalar(s) => self.scalar_token(s),
            Payload::Object(data) => {
                self.start('{')?;
                for member in &data.0.read_recursive().list {
                    self.name(&member.name)?;
                    self.payload(&member.slot.payload)?;
                }
                self.end('}');
                Ok(())
            }
            Payload::Array(data) => {
                let is_constructor = data.is_constructor();
                if is_constructor {
                    self.start_constructor(&data.name().unwrap_or_default())?;
                } else {
                    self.start('[')?;
                }
                for slot in &data.0.read_recursive().list {
                    self.payload(&slot.payload)?;
                }
                self.end(if is_constructor { ')' } else { ']' });
                Ok(())
            }
        }
    }

    pub(super) fn token(&mut self, token: &Arc<Token>) -> Result<()> {
        if let Body::Property { name, .. } = &token.body {
            self.name(name)?;
            return match token.property_value().and_then(|v| v.payload()) {
                Some(payload) => self.payload(&payload),
                None => self.raw("null"),
            };
        }
        match token.payload() {
            Some(payload) => self.payload(&payload),
            None => Ok(()),
        }
    }
}

fn needs_escape(c: char, mode: Escape) -> bool {
    match c {
        '"' | '\\' | '\u{85}' | '\u{2028}' | '\u{2029}' => true,
        c if c < ' ' => true,
        '<' | '>' | '&' | '\'' => mode == Escape::Html,
        c => mode == Escape::NonAscii && !c.is_ascii(),
    }
}

fn escape(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\u{c}' => out.push_str("\\f"),
        '\u{8}' => out.push_str("\\b"),
        c => {
            let (first, second) = utf16::pair(c);
            for unit in std::iter::once(first).chain(second) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
}

/// Text of a token.
pub(super) fn to_text(cx: &mut dyn Ambient, token: &Arc<Token>, indented: bool) -> Result<Str> {
    let mut writer = Writer::new(cx, Style { indented, ..Style::default() });
    writer.token(token)?;
    writer.finish()
}
