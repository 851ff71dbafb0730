//! Advice for mistakes whose remedy can be told from the types involved.
use dotnet::Type;

use crate::ast::UnaryOp;

/// A value that does not convert.
pub(super) fn conversion(from: &Type, to: &Type) -> Option<String> {
    let is_json = from.id().is_some_and(|id| id.0.starts_with("Newtonsoft.Json.Linq."));
    match (from, to) {
        (&Type::STRING, &Type::CHAR) => Some("a character is written with single quotes: `'a'`".into()),
        (&Type::CHAR, &Type::STRING) => Some("a string is written with double quotes".into()),
        (&Type::STRING, &Type::BOOL) => Some("compare it with something, or read it with `bool.Parse(...)`".into()),
        (&Type::STRING, to) if is_number(to) => Some(format!("read the text with `{to}.Parse(...)`")),
        (&Type::Void, _) => None,
        (from, &Type::STRING) if from.id().is_some() || matches!(from, Type::Array(_)) => {
            if from.item() == Some(&Type::STRING) {
                return Some("take one of the texts (`[0]`), or join them with `string.Join(\",\", ...)`".into());
            }
            Some("write it as text with `.ToString()`".into())
        }
        (from, &Type::BOOL) if is_number(from) => Some("compare it with something: `... != 0`".into()),
        (_, to) if is_json => Some(format!("read it with `.Value<{to}>()` or `.ToObject<{to}>()`")),
        _ => None,
    }
}

/// Operands that do not go together.
pub(super) fn operands(left: &Type, right: &Type) -> Option<String> {
    let pair = |a: &Type, b: &Type| (left == a && right == b) || (left == b && right == a);
    let json = |t: &Type| t.id().is_some_and(|id| id.0.starts_with("Newtonsoft.Json.Linq."));
    if pair(&Type::CHAR, &Type::STRING) {
        return Some("a character is written with single quotes: `'a'`".into());
    }
    if pair(&Type::BOOL, &Type::STRING) {
        return Some(
            "write `true` and `false` without quotes, and whole comparisons on both sides of `&&` and `||`".into(),
        );
    }
    match (left, right) {
        (&Type::STRING, n) | (n, &Type::STRING) if is_number(n) => {
            Some(format!("read the text with `{n}.Parse(...)`, or compare with a text"))
        }
        (l, r) if json(l) && r.id().is_some() => Some(format!("cast the JSON value: `({r})...`")),
        (l, r) if json(r) && l.id().is_some() => Some(format!("cast the JSON value: `({l})...`")),
        (n, &Type::BOOL) | (&Type::BOOL, n) if is_number(n) => {
            Some("both sides of `&&` and `||` need a whole comparison: `x == 200 || x == 201`".into())
        }
        _ => None,
    }
}

/// A member that nothing resembles.
pub(super) fn member(ty: &Type, name: &str, on_type: bool) -> Option<String> {
    if *ty == Type::OBJECT && !on_type {
        return Some(format!("cast the `object` to the type that it holds: `((string)...).{name}`"));
    }
    if on_type && matches!(name, "Serialize" | "Deserialize") {
        return Some("JSON is written with `JsonConvert.SerializeObject(...)` and read with `JsonConvert.DeserializeObject<...>(...)`".into());
    }
    let json = ty.id().is_some_and(|id| matches!(id.0, "Newtonsoft.Json.Linq.JToken" | "Newtonsoft.Json.Linq.JObject"));
    (json && !on_type).then(|| format!("a property of JSON is read with `[\"{name}\"]`"))
}

/// A method for sequences on what is none.
pub(super) fn no_sequence(ty: &Type, method: &str, untyped: bool) -> String {
    if untyped {
        return format!("name the type of the items first: `.Cast<...>().{method}(...)`");
    }
    if *ty == Type::OBJECT {
        return format!("cast the `object` to a sequence: `((IEnumerable<string>)...).{method}(...)`");
    }
    format!("`{method}` is for sequences such as arrays and lists; a single value becomes one with `new[] {{ ... }}`")
}

/// An operand that an operator does not take.
pub(super) fn operand(op: UnaryOp, ty: &Type) -> Option<String> {
    let json = ty.id().is_some_and(|id| id.0.starts_with("Newtonsoft.Json.Linq."));
    match (op, ty) {
        (UnaryOp::Not, &Type::STRING) => Some("test for an empty text with `string.IsNullOrEmpty(...)`".into()),
        (UnaryOp::Not, ty) if is_number(ty) => Some("`!` is for `bool`: write `... == 0`".into()),
        (UnaryOp::Not, &Type::OBJECT) => Some("cast the `object` to `bool` first: `!(bool)...`".into()),
        (UnaryOp::Not, _) if json => Some("cast the JSON value first: `!(bool)...`".into()),
        (UnaryOp::Not, ty) if ty.id().is_some() => Some("test for nothing with `... == null`".into()),
        (UnaryOp::Minus | UnaryOp::Plus, &Type::STRING) => Some("read the text with `int.Parse(...)` first".into()),
        _ => None,
    }
}

/// Names that other libraries have for reading JSON.
pub(super) fn unknown_name(name: &str) -> Option<&'static str> {
    matches!(name, "Json" | "JSON" | "json" | "JsonParser" | "JsonNode" | "JsonDocument")
        .then_some("JSON is read with `JObject.Parse(...)`, `JArray.Parse(...)` or `JToken.Parse(...)`")
}

/// A type that nothing resembles.
pub(super) fn unknown_type(name: &str) -> Option<String> {
    matches!(name, "let" | "const" | "val" | "auto" | "Dim" | "dim")
        .then(|| "a variable is declared with `var`".to_owned())
}

fn is_number(ty: &Type) -> bool {
    super::conversion::is_numeric(ty) && *ty != Type::CHAR
}
