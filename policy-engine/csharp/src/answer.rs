//! Canonical text of a result, the same as the C# oracle of the expression vectors gives: scalars as .NET writes them, everything else as JSON.
use std::fmt::Write;

use dotnet::collections::grid::{GRID_2, GRID_3};
use dotnet::{Ambient, Call, Exception, Result, Type, TypeId, Value, ids};

use crate::typing;

/// Nesting that is shown.
const MAX_DEPTH: u32 = 12;
/// Items of one sequence that are shown; more is an error.
const MAX_ITEMS: usize = 10_000;

const TOKEN: TypeId = TypeId("Newtonsoft.Json.Linq.JToken");
const FORMATTING: TypeId = TypeId("Newtonsoft.Json.Formatting");

/// C# spelling of the run-time type, and the text (`None` for `null`). A lazy sequence is walked; what it throws is the answer's error.
pub fn render(cx: &mut dyn Ambient, value: &Value, static_type: &Type) -> Result<(String, Option<String>)> {
    if value.is_null() {
        return Ok(("null".into(), None));
    }
    let name = type_name(&value.net_type());
    // A sequence that is an object of the table's own (a list) has its own name; an unknown one that of its static type.
    let name = if name.is_empty() { type_name(static_type) } else { name };
    let text = match scalar(cx, value)? {
        Some(text) => text,
        None => {
            let mut out = String::new();
            json(cx, &mut out, value, 0)?;
            out
        }
    };
    Ok((name, Some(text)))
}

fn type_name(ty: &Type) -> String {
    let list = |items: &[Type]| items.iter().map(type_name).collect::<Vec<_>>().join(", ");
    match ty {
        Type::Array(item) => format!("{}[]", type_name(item)),
        Type::Anonymous(_) => "anonymous".into(),
        Type::Tuple(t) => format!("({})", list(&t.items)),
        Type::Generic(ids::ORDERED_ENUMERABLE_T, args) => format!("IEnumerable<{}>", list(args)),
        Type::Generic(GRID_2, args) => format!("{}[,]", list(args)),
        Type::Generic(GRID_3, args) => format!("{}[,,]", list(args)),
        Type::Generic(ids::NULLABLE, args) => format!("{}?", list(args)),
        Type::Generic(id, args) => format!("{}<{}>", id.simple_name(), list(args)),
        other => other.to_string(),
    }
}

fn is_token(cx: &dyn Ambient, value: &Value) -> bool {
    matches!(value, Value::Object(_)) && typing::is_subtype(cx.types(), &value.net_type(), &Type::Simple(TOKEN))
}

/// `JToken.ToString(Formatting.None)`.
fn compact(cx: &mut dyn Ambient, value: &Value) -> Result<String> {
    let found = cx.types().get(TOKEN).and_then(|def| {
        let member = def.named("ToString").find(|m| m.params.first().is_some_and(|p| p.ty.id() == Some(FORMATTING)))?;
        Some((member.native?, member.params.len()))
    });
    let Some((native, params)) = found else { return Ok(dotnet::object::text(cx, value)?.to_string()) };
    let mut args = vec![value.clone(), Value::Enum(FORMATTING, 0)];
    args.resize(params.saturating_add(1), Value::Null);
    let text = native(&mut Call { cx, types: &[], args: &mut args })?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

/// Text of what is not shown as JSON.
fn scalar(cx: &mut dyn Ambient, value: &Value) -> Result<Option<String>> {
    if is_token(cx, value) {
        return compact(cx, value).map(Some);
    }
    let format = match value {
        Value::DateTime(_) | Value::DateTimeOffset(_) => "o",
        Value::TimeSpan(_) => "c",
        Value::Single(_) | Value::Double(_) => "R",
        Value::Object(o) => {
            if let Some(bytes) = dotnet::collections::array::bytes(value) {
                return Ok(Some(base64(&bytes)));
            }
            if let Some(e) = o.as_any().downcast_ref::<Exception>() {
                return Ok(Some(e.to_string()));
            }
            return if shown_as_text(cx, value) {
                Ok(Some(dotnet::object::text(cx, value)?.to_string()))
            } else {
                Ok(None)
            };
        }
        Value::Func(_) | Value::Handle(..) | Value::Null => return Ok(None),
        _ => return Ok(Some(dotnet::object::text(cx, value)?.to_string())),
    };
    Ok(Some(dotnet::format::format_value(cx, value, format)?.to_string()))
}

/// Objects whose `ToString` says what they are.
fn shown_as_text(cx: &dyn Ambient, value: &Value) -> bool {
    const BASES: [&str; 8] = [
        "System.Xml.Linq.XObject",
        "System.Text.StringBuilder",
        "System.Uri",
        "System.Text.RegularExpressions.Regex",
        "System.Text.RegularExpressions.Capture",
        "System.Version",
        "System.Type",
        "System.IFormattable",
    ];
    let ty = value.net_type();
    BASES.iter().any(|b| typing::is_subtype(cx.types(), &ty, &Type::Simple(TypeId(b))))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let at = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for (n, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = usize::try_from((bits >> shift) & 63).ok().and_then(|d| DIGITS.get(d)).copied().unwrap_or(b'=');
            out.push(if n <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

fn json(cx: &mut dyn Ambient, out: &mut String, value: &Value, depth: u32) -> Result<()> {
    if depth > MAX_DEPTH {
        out.push_str("\"...\"");
        return Ok(());
    }
    cx.charge_steps(1)?;
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Single(n) if !n.is_finite() => quoted_scalar(cx, out, value)?,
        Value::Double(n) if !n.is_finite() => quoted_scalar(cx, out, value)?,
        Value::SByte(_)
        | Value::Byte(_)
        | Value::Int16(_)
        | Value::UInt16(_)
        | Value::Int32(_)
        | Value::UInt32(_)
        | Value::Int64(_)
        | Value::UInt64(_)
        | Value::Single(_)
        | Value::Double(_)
        | Value::Decimal(_) => out.push_str(&scalar(cx, value)?.unwrap_or_default()),
        _ if is_token(cx, value) => out.push_str(&compact(cx, value)?),
        _ => match scalar(cx, value)? {
            Some(text) => quote(out, &text),
            None => composite(cx, out, value, depth)?,
        },
    }
    Ok(())
}

fn quoted_scalar(cx: &mut dyn Ambient, out: &mut String, value: &Value) -> Result<()> {
    let text = scalar(cx, value)?.unwrap_or_default();
    quote(out, &text);
    Ok(())
}

fn composite(cx: &mut dyn Ambient, out: &mut String, value: &Value, depth: u32) -> Result<()> {
    let inner = depth.saturating_add(1);
    if let Some((key, item)) = dotnet::collections::key_value_pair::parts(value) {
        let pair = [("Key".into(), key.clone()), ("Value".into(), item.clone())];
        return members(cx, out, &pair, inner);
    }
    if let Some(items) = dotnet::collections::tuple::items(value) {
        return list(cx, out, items, inner);
    }
    let Value::Object(o) = value else {
        if matches!(value, Value::Handle(..)) && is_sequence(cx, &value.net_type()) {
            return sequence(cx, out, value, inner);
        }
        let text = dotnet::object::text(cx, value)?;
        quote(out, &text);
        return Ok(());
    };
    let ty = value.net_type();
    if ty.id() == Some(ids::GROUPING_T) {
        let fields = o.fields().unwrap_or_default();
        out.push_str("{\"Key\":");
        let key = fields.first().map(|(_, v)| v.clone()).unwrap_or_default();
        json(cx, out, &key, inner)?;
        out.push_str(",\"Items\":");
        let items = walk(cx, value)?;
        list(cx, out, &items, inner)?;
        out.push('}');
        return Ok(());
    }
    if matches!(ty, Type::Tuple(_)) || ty.id().is_some_and(|id| id.0.starts_with("System.Tuple`")) {
        let items: Vec<Value> = o.fields().unwrap_or_default().into_iter().map(|(_, v)| v).collect();
        return list(cx, out, &items, inner);
    }
    if matches!(ty, Type::Anonymous(_)) {
        return members(cx, out, &o.fields().unwrap_or_default(), inner);
    }
    if o.enumerate(o).is_some() {
        return sequence(cx, out, value, inner);
    }
    let text = dotnet::object::text(cx, value)?;
    quote(out, &text);
    Ok(())
}

/// A sequence as an array, a dictionary as an object.
fn sequence(cx: &mut dyn Ambient, out: &mut String, value: &Value, depth: u32) -> Result<()> {
    let items = walk(cx, value)?;
    if !is_dictionary(cx, &value.net_type()) {
        return list(cx, out, &items, depth);
    }
    let mut pairs = Vec::new();
    for item in &items {
        if let Some((k, v)) = dotnet::collections::key_value_pair::parts(item) {
            pairs.push((dotnet::object::text(cx, k)?, v.clone()));
        }
    }
    members(cx, out, &pairs, depth)
}

fn is_sequence(cx: &dyn Ambient, ty: &Type) -> bool {
    let all = cx.types().interfaces_of(ty);
    std::iter::once(ty).chain(&all).any(|t| matches!(t.id(), Some(ids::ENUMERABLE_T | ids::ENUMERABLE)))
}

fn is_dictionary(cx: &dyn Ambient, ty: &Type) -> bool {
    let all = cx.types().interfaces_of(ty);
    std::iter::once(ty).chain(&all).any(|t| matches!(t.id(), Some(ids::READ_ONLY_DICTIONARY_T | ids::IDICTIONARY_T)))
}

fn walk(cx: &mut dyn Ambient, value: &Value) -> Result<Vec<Value>> {
    let mut items = dotnet::collections::enumerate(cx, value)?;
    let mut all = Vec::new();
    while let Some(v) = items.next(cx)? {
        cx.charge_steps(1)?;
        if all.len() >= MAX_ITEMS {
            return Err(Exception::invalid_operation(format!("a result shows {MAX_ITEMS} items at most")));
        }
        all.push(v);
    }
    Ok(all)
}

fn list(cx: &mut dyn Ambient, out: &mut String, items: &[Value], depth: u32) -> Result<()> {
    out.push('[');
    for (i, v) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        json(cx, out, v, depth)?;
    }
    out.push(']');
    Ok(())
}

fn members(cx: &mut dyn Ambient, out: &mut String, pairs: &[(std::sync::Arc<str>, Value)], depth: u32) -> Result<()> {
    out.push('{');
    for (i, (name, v)) in pairs.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        quote(out, name);
        out.push(':');
        json(cx, out, v, depth)?;
    }
    out.push('}');
    Ok(())
}

/// A JSON string as `JsonConvert.ToString` writes it.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            // Writing to a string cannot fail.
            '\0'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => drop(write!(out, "\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push('"');
}
