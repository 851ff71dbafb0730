//! `System.Enum`: names, parsing, flags, and the formats `G D X F`.
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::{Builder, TypeTable};
use crate::types::{Type, TypeId, ids};
use crate::value::{Str, Value};

/// Adds `System.Enum`.
pub(crate) fn define(b: &mut Builder) {
    b.class(ids::ENUM)
        .base("ValueType")
        .implements(&["IComparable", "IFormattable"])
        .pure("bool HasFlag(Enum flag)", has_flag)
        .pure("string ToString(string format)", to_string)
        .pure("string ToString(string format, IFormatProvider provider)", to_string)
        .pure("int CompareTo(object target)", compare_to)
        .def("static string GetName(Type enumType, object value)", get_name)
        .def("static string[] GetNames(Type enumType)", get_names)
        .def("static Array GetValues(Type enumType)", get_values)
        .def("static bool IsDefined(Type enumType, object value)", is_defined)
        .def("static object Parse(Type enumType, string value)", parse)
        .def("static object Parse(Type enumType, string value, bool ignoreCase)", parse)
        .def("static TEnum Parse<TEnum>(string value)", parse_generic)
        .def("static TEnum Parse<TEnum>(string value, bool ignoreCase)", parse_generic)
        .def("static bool TryParse<TEnum>(string value, out TEnum result)", |c| try_parse(c, false))
        .def("static bool TryParse<TEnum>(string value, bool ignoreCase, out TEnum result)", |c| {
            let ignore_case = c.bool(1)?;
            try_parse(c, ignore_case)
        })
        .def("static object ToObject(Type enumType, object value)", to_object)
        .def("static string Format(Type enumType, object value, string format)", static_format);
}

/// `ToString(format)`.
pub(crate) fn format(table: &TypeTable, id: TypeId, value: i32, format: &str) -> Result<Str> {
    Ok(match format {
        "" | "G" | "g" => table.enum_name(id, value).into(),
        "D" | "d" => value.to_string().into(),
        "X" | "x" => format!("{value:08X}").into(),
        "F" | "f" => flags_name(table, id, value).into(),
        _ => {
            return Err(Exception::format(
                "Format String can be only \"G\", \"g\", \"X\", \"x\", \"F\", \"f\", \"D\" or \"d\".",
            ));
        }
    })
}

/// `F` writes combinations even if the type is not marked as flags.
fn flags_name(table: &TypeTable, id: TypeId, value: i32) -> String {
    let exact = table.enum_name(id, value);
    let Some(def) = table.get(id).filter(|_| value != 0 && exact.parse::<i32>().is_ok()) else { return exact };
    let (mut rest, mut names) = (value, Vec::new());
    let mut by_size: Vec<_> = def.enum_values.iter().filter(|(_, v)| *v != 0).collect();
    by_size.sort_by_key(|(_, v)| std::cmp::Reverse(v.cast_unsigned()));
    for (name, v) in by_size {
        if rest & v == *v {
            rest &= !v;
            names.push(&**name);
        }
    }
    names.reverse();
    if rest == 0 { names.join(", ") } else { exact }
}

fn has_flag(c: &mut Call<'_>) -> Result<Value> {
    match (c.arg(0), c.arg(1)) {
        (Value::Enum(a, v), Value::Enum(b, flag)) if a == b => Ok(Value::Bool(v & flag == *flag)),
        (_, Value::Null) => Err(Exception::argument_null("flag")),
        (a, b) => Err(Exception::argument_message(format!(
            "The argument type, '{}', is not the same as the enum type '{}'.",
            b.net_type().clr_name(),
            a.net_type().clr_name()
        ))),
    }
}

fn to_string(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_or_null(1).unwrap_or_default();
    match c.arg(0) {
        Value::Enum(id, v) => format(c.cx.types(), *id, *v, &text).map(Value::Str),
        other => Err(Exception::invalid_cast(&other.net_type(), &Type::Simple(ids::ENUM))),
    }
}

fn compare_to(c: &mut Call<'_>) -> Result<Value> {
    match (c.arg(0), c.arg(1)) {
        (_, Value::Null) => Ok(Value::Int32(1)),
        (Value::Enum(a, x), Value::Enum(b, y)) if a == b => Ok(Value::Int32(x.cmp(y) as i32)),
        (a, b) => Err(Exception::argument_message(format!(
            "Object must be the same type as the enum. The type passed in was '{}'; the enum type was '{}'.",
            b.net_type().clr_name(),
            a.net_type().clr_name()
        ))),
    }
}

/// The enum that a `Type` argument names.
fn enum_type(c: &Call<'_>, n: usize) -> Result<TypeId> {
    let ty = object::as_type(c.arg(n)).ok_or_else(|| Exception::argument_null("enumType"))?;
    enum_id(c, &ty)
}

fn enum_id(c: &Call<'_>, ty: &Type) -> Result<TypeId> {
    match ty {
        Type::Simple(id) if c.cx.types().get(*id).is_some_and(|d| matches!(d.kind, crate::TypeKind::Enum { .. })) => {
            Ok(*id)
        }
        _ => Err(Exception::argument("Type provided must be an Enum.", "enumType")),
    }
}

/// Number of an enum value or of an integer of any width.
fn number(value: &Value) -> Option<i32> {
    match value {
        Value::Enum(_, v) | Value::Int32(v) => Some(*v),
        Value::SByte(v) => Some(i32::from(*v)),
        Value::Byte(v) => Some(i32::from(*v)),
        Value::Int16(v) => Some(i32::from(*v)),
        Value::UInt16(v) => Some(i32::from(*v)),
        Value::Int64(v) => i32::try_from(*v).ok(),
        Value::UInt32(v) => i32::try_from(*v).ok(),
        Value::UInt64(v) => i32::try_from(*v).ok(),
        _ => None,
    }
}

fn get_name(c: &mut Call<'_>) -> Result<Value> {
    let id = enum_type(c, 0)?;
    let n = number(c.arg(1)).ok_or_else(|| Exception::argument_null("value"))?;
    let found = c.cx.types().get(id).and_then(|d| d.enum_values.iter().find(|(_, v)| *v == n));
    Ok(found.map_or(Value::Null, |(name, _)| Value::Str(name.clone())))
}

/// .NET lists members by unsigned number.
fn sorted(c: &Call<'_>, id: TypeId) -> Vec<(Str, i32)> {
    let mut all = c.cx.types().get(id).map(|d| d.enum_values.clone()).unwrap_or_default();
    all.sort_by_key(|(_, v)| v.cast_unsigned());
    all
}

fn get_names(c: &mut Call<'_>) -> Result<Value> {
    let id = enum_type(c, 0)?;
    Ok(crate::collections::array::from_strings(sorted(c, id).into_iter().map(|(name, _)| name)))
}

fn get_values(c: &mut Call<'_>) -> Result<Value> {
    let id = enum_type(c, 0)?;
    let values = sorted(c, id).into_iter().map(|(_, v)| Value::Enum(id, v)).collect();
    Ok(crate::collections::array::new_array(Type::Simple(id), values))
}

fn is_defined(c: &mut Call<'_>) -> Result<Value> {
    let id = enum_type(c, 0)?;
    let def = c.cx.types().get(id);
    let values = def.map(|d| d.enum_values.as_slice()).unwrap_or_default();
    Ok(Value::Bool(match c.arg(1) {
        Value::Str(s) => values.iter().any(|(name, _)| name == s),
        other => number(other).is_some_and(|n| values.iter().any(|(_, v)| *v == n)),
    }))
}

fn to_object(c: &mut Call<'_>) -> Result<Value> {
    let id = enum_type(c, 0)?;
    let n = number(c.arg(1)).ok_or_else(|| {
        Exception::argument(
            "The value passed in must be an enum base or an underlying type for an enum, such as an Int32.",
            "value",
        )
    })?;
    Ok(Value::Enum(id, n))
}

fn static_format(c: &mut Call<'_>) -> Result<Value> {
    let id = enum_type(c, 0)?;
    let n = number(c.arg(1)).ok_or_else(|| Exception::argument_null("value"))?;
    let text = c.str_arg(2, "format")?;
    format(c.cx.types(), id, n, &text).map(Value::Str)
}

fn parse(c: &mut Call<'_>) -> Result<Value> {
    let id = enum_type(c, 0)?;
    let text = c.str_arg(1, "value")?;
    let ignore_case = matches!(c.arg(2), Value::Bool(true));
    read(c.cx.types(), id, &text, ignore_case)
}

fn parse_generic(c: &mut Call<'_>) -> Result<Value> {
    let id = enum_id(c, &c.ty(0))?;
    let text = c.str_arg(0, "value")?;
    let ignore_case = matches!(c.arg(1), Value::Bool(true));
    read(c.cx.types(), id, &text, ignore_case)
}

fn try_parse(c: &mut Call<'_>, ignore_case: bool) -> Result<Value> {
    let id = enum_id(c, &c.ty(0))?;
    let text = c.str_or_null(0);
    let read = text.and_then(|t| read(c.cx.types(), id, &t, ignore_case).ok());
    let out = c.args.len().saturating_sub(1);
    let ok = read.is_some();
    c.set(out, read.unwrap_or(Value::Enum(id, 0)));
    Ok(Value::Bool(ok))
}

/// Names joined by commas, or one number.
fn read(table: &TypeTable, id: TypeId, text: &str, ignore_case: bool) -> Result<Value> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Exception::argument("Must specify valid information for parsing in the string.", "value"));
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+') {
        return match text.parse::<i64>() {
            Ok(n) => i32::try_from(n)
                .map(|n| Value::Enum(id, n))
                .map_err(|_| Exception::overflow_message("Value was either too large or too small for an Int32.")),
            Err(_) => Err(missing(text)),
        };
    }
    let def = table.get(id);
    let values = def.map(|d| d.enum_values.as_slice()).unwrap_or_default();
    let mut sum = 0;
    for part in text.split(',') {
        let part = part.trim();
        let same = |name: &str| if ignore_case { name.eq_ignore_ascii_case(part) } else { name == part };
        let (_, v) = values.iter().find(|(name, _)| same(name)).ok_or_else(|| missing(text))?;
        sum |= v;
    }
    Ok(Value::Enum(id, sum))
}

fn missing(text: &str) -> Exception {
    Exception::argument_message(format!("Requested value '{text}' was not found."))
}
