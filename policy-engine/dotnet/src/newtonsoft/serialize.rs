//! From .NET values to JSON: `JsonConvert.SerializeObject` and `FromObject`, one walk over the value with two sinks.
use std::sync::Arc;

use super::content;
use super::dates;
use super::load::Builder;
use super::reader::Event;
use super::scalar::Scalar;
use super::settings::Settings;
use super::token::{Payload, Token};
use super::write::{MAX_DEPTH, Writer};
use crate::ambient::Ambient;
use crate::collections::anonymous::AnonymousObject;
use crate::collections::{enumerator, key_value_pair, tuple};
use crate::exception::{Exception, Result};
use crate::member::{Call, MemberKind};
use crate::object;
use crate::table::TypeKind;
use crate::types::{Type, ids};
use crate::value::{DateTime, Str, Value};

/// Where the walk writes to.
trait Sink {
    fn cx(&mut self) -> &mut dyn Ambient;
    fn start(&mut self, is_object: bool) -> Result<()>;
    fn end(&mut self, is_object: bool);
    fn name(&mut self, name: &str) -> Result<()>;
    /// False if the value is no scalar.
    fn scalar(&mut self, value: &Value) -> Result<bool>;
    fn token(&mut self, token: &Arc<Token>) -> Result<()>;
    /// A text that is valid JSON already.
    fn raw(&mut self, json: &str) -> Result<()>;
}

impl Sink for Writer<'_> {
    fn cx(&mut self) -> &mut dyn Ambient {
        Writer::cx(self)
    }
    fn start(&mut self, is_object: bool) -> Result<()> {
        Writer::start(self, if is_object { '{' } else { '[' })
    }
    fn end(&mut self, is_object: bool) {
        Writer::end(self, if is_object { '}' } else { ']' });
    }
    fn name(&mut self, name: &str) -> Result<()> {
        Writer::name(self, name)
    }
    fn scalar(&mut self, value: &Value) -> Result<bool> {
        Writer::scalar(self, value)
    }
    fn token(&mut self, token: &Arc<Token>) -> Result<()> {
        Writer::token(self, token)
    }
    fn raw(&mut self, json: &str) -> Result<()> {
        Writer::raw(self, json)
    }
}

/// Builds a tree.
struct Tree<'a> {
    cx: &'a mut dyn Ambient,
    builder: Builder,
    done: Option<Payload>,
}

impl Tree<'_> {
    fn take(&mut self, event: Event) {
        if let Some(done) = self.builder.take(event) {
            self.done = Some(done);
        }
    }

    fn put(&mut self, payload: Payload) {
        if let Some(done) = self.builder.put(payload) {
            self.done = Some(done);
        }
    }
}

impl Sink for Tree<'_> {
    fn cx(&mut self) -> &mut dyn Ambient {
        self.cx
    }
    fn start(&mut self, is_object: bool) -> Result<()> {
        if self.builder.depth() >= MAX_DEPTH {
            return Err(Exception::limit(format!("JSON may be nested at most {MAX_DEPTH} deep")));
        }
        self.take(if is_object { Event::StartObject } else { Event::StartArray });
        Ok(())
    }
    fn end(&mut self, is_object: bool) {
        self.take(if is_object { Event::EndObject } else { Event::EndArray });
    }
    fn name(&mut self, name: &str) -> Result<()> {
        self.cx.charge_bytes(name.len().saturating_add(size_of::<Payload>()))?;
        self.take(Event::Name(name.into()));
        Ok(())
    }
    fn scalar(&mut self, value: &Value) -> Result<bool> {
        let value = match value {
            Value::Char(c) => Value::str(crate::utf16::text(&[*c])),
            Value::Enum(_, n) => Value::Int32(*n),
            other => other.clone(),
        };
        let Some(scalar) = Scalar::of(value) else { return Ok(false) };
        self.cx.charge_bytes(size_of::<Payload>())?;
        self.put(Payload::Scalar(scalar));
        Ok(true)
    }
    fn token(&mut self, token: &Arc<Token>) -> Result<()> {
        let Some(payload) = token.payload() else {
            return Err(Exception::json_serialization("A JProperty cannot be written without its object."));
        };
        let copy = content::clone_payload(self.cx, &payload, self.builder.depth())?;
        self.put(copy);
        Ok(())
    }
    fn raw(&mut self, json: &str) -> Result<()> {
        self.put(Payload::Scalar(Scalar::new(super::scalar::Kind::Raw, Value::str(json))));
        Ok(())
    }
}

/// What settings change in the walk.
#[derive(Clone, Copy, Default)]
struct Options {
    skip_nulls: bool,
    microsoft_dates: bool,
    /// `DateTimeZoneHandling` if not round-trip.
    zone: Option<i32>,
}

/// `JToken.FromObject`
pub(super) fn to_token(cx: &mut dyn Ambient, value: &Value) -> Result<Arc<Token>> {
    if let Some(token) = Token::of(value) {
        return content::deep_clone(cx, &token);
    }
    let mut tree = Tree { cx, builder: Builder::default(), done: None };
    write(&mut tree, value, Options::default())?;
    let payload = tree.done.unwrap_or(Payload::Scalar(Scalar::NULL));
    Ok(Token::of_payload(&payload))
}

/// `JsonConvert.SerializeObject`
pub(super) fn to_text(cx: &mut dyn Ambient, value: &Value, indented: bool, settings: &Value) -> Result<Str> {
    let settings = Settings::of(settings);
    let mut style = settings.map(Settings::style).unwrap_or_default();
    style.indented |= indented;
    let options = settings.map(options_of).unwrap_or_default();
    let mut writer = Writer::new(cx, style);
    write(&mut writer, value, options)?;
    writer.finish()
}

fn options_of(s: &Settings) -> Options {
    let zone = s.get("DateTimeZoneHandling").map(|_| s.number("DateTimeZoneHandling")).filter(|z| *z != 3);
    Options { skip_nulls: s.skips_nulls(), microsoft_dates: s.number("DateFormatHandling") == 1, zone }
}

fn write(sink: &mut dyn Sink, value: &Value, options: Options) -> Result<()> {
    sink.cx().charge_steps(1)?;
    if let Some(token) = Token::of(value) {
        return sink.token(&token);
    }
    if let Value::DateTime(v) = value {
        return write_date(sink, *v, options);
    }
    if sink.scalar(value)? {
        return Ok(());
    }
    sink.cx().enter()?;
    let written = write_composite(sink, value, options);
    sink.cx().leave();
    written
}

/// Local time and UTC are the same here, so only the kind changes.
fn write_date(sink: &mut dyn Sink, mut v: DateTime, options: Options) -> Result<()> {
    v.kind = match options.zone {
        Some(0) => 2,
        Some(1) => 1,
        Some(2) => 0,
        _ => v.kind,
    };
    if options.microsoft_dates {
        return sink.raw(&dates::write_microsoft(v));
    }
    sink.scalar(&Value::DateTime(v)).map(drop)
}

fn write_composite(sink: &mut dyn Sink, value: &Value, options: Options) -> Result<()> {
    if let Some(fields) = value.as_object::<AnonymousObject>() {
        return write_fields(sink, fields.iter().map(|(n, v)| (n.clone(), v.clone())).collect(), options);
    }
    if let Some((key, item)) = key_value_pair::parts(value) {
        return write_fields(sink, vec![("Key".into(), key.clone()), ("Value".into(), item.clone())], options);
    }
    if let Some(items) = tuple::items(value) {
        let name = |i: usize| Str::from(format!("Item{}", i.saturating_add(1)));
        return write_fields(sink, items.iter().enumerate().map(|(i, v)| (name(i), v.clone())).collect(), options);
    }
    if matches!(value, Value::Func(_)) {
        return Err(Exception::json_serialization("A delegate cannot be written as JSON."));
    }
    let ty = value.net_type();
    let interfaces = sink.cx().types().interfaces_of(&ty);
    let has = |wanted| interfaces.iter().chain([&ty]).any(|i| i.id() == Some(wanted));
    if has(ids::IDICTIONARY_T) || has(ids::READ_ONLY_DICTIONARY_T) {
        return write_dictionary(sink, value, options);
    }
    if has(ids::ENUMERABLE) || has(ids::ENUMERABLE_T) || matches!(ty, Type::Array(_)) {
        return write_sequence(sink, value, options);
    }
    let fields = properties(sink.cx(), value, &ty)?;
    write_fields(sink, fields, options)
}

fn write_fields(sink: &mut dyn Sink, fields: Vec<(Str, Value)>, options: Options) -> Result<()> {
    sink.start(true)?;
    for (name, value) in fields {
        if value.is_null() && options.skip_nulls {
            continue;
        }
        sink.name(&name)?;
        write(sink, &value, options)?;
    }
    sink.end(true);
    Ok(())
}

fn write_sequence(sink: &mut dyn Sink, value: &Value, options: Options) -> Result<()> {
    let mut source = enumerator::enumerate(sink.cx(), value)?;
    sink.start(false)?;
    while let Some(item) = source.next(sink.cx())? {
        write(sink, &item, options)?;
    }
    sink.end(false);
    Ok(())
}

fn write_dictionary(sink: &mut dyn Sink, value: &Value, options: Options) -> Result<()> {
    let mut source = enumerator::enumerate(sink.cx(), value)?;
    sink.start(true)?;
    while let Some(item) = source.next(sink.cx())? {
        let Some((key, item)) = key_value_pair::parts(&item) else { continue };
        let name = match key {
            Value::Str(s) => s.clone(),
            Value::DateTime(v) => dates::write_date_time(*v).into(),
            Value::DateTimeOffset(v) => dates::write(v.ticks, Some(v.offset_minutes)).into(),
            other => object::text(sink.cx(), other)?,
        };
        sink.name(&name)?;
        write(sink, item, options)?;
    }
    sink.end(true);
    Ok(())
}

/// Public properties of any other object, read through the type table; the base's come after its own.
fn properties(cx: &mut dyn Ambient, value: &Value, ty: &Type) -> Result<Vec<(Str, Value)>> {
    let mut found: Vec<(Str, crate::member::Native, Vec<Type>)> = Vec::new();
    let mut at = Some(ty.clone());
    while let Some(t) = at {
        if let Some(def) =
            t.id().and_then(|id| cx.types().get(id)).filter(|d| d.kind != TypeKind::Interface || t == *ty)
        {
            for m in &def.members {
                let Some(native) = m.native.filter(|_| m.kind == MemberKind::Property && !m.is_static) else {
                    continue;
                };
                if !found.iter().any(|(n, ..)| *n == m.name) {
                    found.push((m.name.clone(), native, t.args().to_vec()));
                }
            }
        }
        at = cx.types().base_of(&t);
    }
    let mut fields = Vec::new();
    for (name, native, types) in found {
        let mut args = [value.clone()];
        fields.push((name, native(&mut Call { cx, types: &types, args: &mut args })?));
    }
    Ok(fields)
}
