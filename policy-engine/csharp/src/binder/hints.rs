//! Advice for mistakes whose remedy can be told from the types involved.
use dotnet::Type;

use crate::ast::{BinaryOp, UnaryOp};

/// A value that does not convert.
pub(super) fn conversion(from: &Type, to: &Type) -> Option<String> {
    match (from, to) {
        (from, &Type::STRING) if from.item() == Some(&Type::BYTE) => {
            Some("bytes are read as text with `Encoding.UTF8.GetString(...)`".into())
        }
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
        (&Type::STRING, to) if to.item() == Some(&Type::BYTE) => {
            Some("the bytes of a text are made with `Encoding.UTF8.GetBytes(...)`".into())
        }
        (&Type::STRING, to) if named(to, "System.Text.StringBuilder") => {
            Some("a text is added with `.Append(...)`".into())
        }
        (&Type::STRING, to) if json_type(to) => Some(format!("read the text with `{to}.Parse(...)`")),
        (from, to) if named(to, "Newtonsoft.Json.Linq.JToken") && !json_type(from) => {
            Some("make a token of it: `JToken.FromObject(...)`".into())
        }
        (from, to) if named(from, "Newtonsoft.Json.Linq.JToken") => {
            Some(format!("read it with `.Value<{to}>()` or `.ToObject<{to}>()`"))
        }
        _ => None,
    }
}

/// A cast that does not exist.
pub(super) fn cast(from: &Type, to: &Type) -> Option<String> {
    (*from == Type::STRING && is_number(to)).then(|| format!("read the text with `{to}.Parse(...)`"))
}

/// Operands that do not go together.
pub(super) fn operands(op: BinaryOp, left: &Type, right: &Type) -> Option<String> {
    if op == BinaryOp::Or && (left, right) == (&Type::STRING, &Type::STRING) {
        return Some("a value for the case of `null` is given with `??`".into());
    }
    let pair = |a: &Type, b: &Type| (left == a && right == b) || (left == b && right == a);
    if pair(&Type::CHAR, &Type::STRING) {
        return Some("a text is written `\"a\"`, a character `'a'`".into());
    }
    if pair(&Type::array(Type::STRING), &Type::STRING) {
        return Some("take one of the texts (`[0]`), or join them with `string.Join(\",\", ...)`".into());
    }
    if let (&Type::STRING, other) | (other, &Type::STRING) = (left, right)
        && matches!(*other, Type::DATE_TIME | Type::DATE_TIME_OFFSET | Type::TIME_SPAN | Type::GUID)
    {
        return Some(format!("read the text with `{other}.Parse(...)`"));
    }
    if pair(&Type::BOOL, &Type::STRING) {
        return Some(
            "write `true` and `false` without quotes, and whole comparisons on both sides of `&&` and `||`".into(),
        );
    }
    match (left, right) {
        (&Type::STRING, &Type::STRING) if op == BinaryOp::BitAnd => Some("texts are joined with `+`".into()),
        (&Type::STRING, &Type::STRING) if op == BinaryOp::And => {
            Some("test for an empty text with `!string.IsNullOrEmpty(...)`".into())
        }
        (&Type::STRING, &Type::STRING)
            if matches!(op, BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::Greater | BinaryOp::GreaterOrEqual) =>
        {
            Some("the order of texts is told by `string.CompareOrdinal(a, b) < 0`".into())
        }
        (&Type::BOOL, n) if is_number(n) && matches!(op, BinaryOp::Less | BinaryOp::Greater) => {
            Some("write both comparisons: `a < b && b < c`".into())
        }
        (&Type::TIME_SPAN, n) | (n, &Type::TIME_SPAN) if is_number(n) => {
            Some("a span of time is compared by `.TotalMilliseconds`, or with `TimeSpan.FromSeconds(...)`".into())
        }
        (&Type::DATE_TIME | &Type::DATE_TIME_OFFSET, n)
            if is_number(n) && matches!(op, BinaryOp::Add | BinaryOp::Subtract) =>
        {
            Some("time is added with `.AddDays(...)`, `.AddSeconds(...)` and their like".into())
        }
        (&Type::STRING, n) | (n, &Type::STRING) if is_number(n) => {
            Some(format!("read the text with `{n}.Parse(...)`, or compare with a text"))
        }
        (l, r) if json_type(l) && r.id().is_some() => Some(format!("cast the JSON value: `({r})...`")),
        (l, r) if json_type(r) && l.id().is_some() => Some(format!("cast the JSON value: `({l})...`")),
        (n, &Type::BOOL) | (&Type::BOOL, n) if is_number(n) => {
            Some("both sides of `&&` and `||` need a whole comparison: `x == 200 || x == 201`".into())
        }
        _ => None,
    }
}

/// Members that other languages and libraries have for what a type offers under another name.
pub(super) fn foreign_member(ty: &Type, name: &str, is_sequence: bool, has_entries: bool) -> Option<&'static str> {
    let is_text = *ty == Type::STRING;
    let in_xml = ty.id().is_some_and(|id| id.0.starts_with("System.Xml."));
    let known = match name.to_lowercase().as_str() {
        "text" | "innertext" | "innerxml" if in_xml => "did you mean `Value`?",
        "get" | "getvalue" | "item" if has_entries => "an entry is read with `GetValueOrDefault(\"name\", ...)`",
        "map" if is_sequence => "`Select(...)` makes a sequence of another",
        "filter" if is_sequence => "`Where(...)` chooses items",
        "find" if is_sequence => "`FirstOrDefault(...)` finds an item",
        "some" if is_sequence => "`Any(...)` tells whether there is such an item",
        "every" if is_sequence => "`All(...)` tells whether all items are such",
        "reduce" if is_sequence => "`Aggregate(...)` folds a sequence",
        "push" if is_sequence => "a `List<...>` takes items with `Add(...)`",
        "foreach" if is_sequence => "write a `foreach` statement, or `Select(...)`",
        "size" | "len" if is_text => "did you mean `Length`?",
        "includes" if is_text || is_sequence => "did you mean `Contains`?",
        "tolowercase" | "lower" if is_text => "did you mean `ToLower`?",
        "touppercase" | "upper" if is_text => "did you mean `ToUpper`?",
        "substr" | "slice" if is_text => "did you mean `Substring`?",
        "charat" if is_text => "a character is read with `[0]`",
        "match" | "matches" | "test" if is_text => "a pattern is tested with `Regex.IsMatch(text, pattern)`",
        "isempty" | "isnullorempty" if is_text => "an empty text is found with `string.IsNullOrEmpty(...)`",
        "equalsignorecase" if is_text => "write `.Equals(..., StringComparison.OrdinalIgnoreCase)`",
        "tounixtimeseconds" | "tounixtimemilliseconds" if *ty == Type::DATE_TIME => {
            "a `DateTimeOffset` has it: `new DateTimeOffset(...)`, `DateTimeOffset.UtcNow`"
        }
        "haskey" | "has" | "hasownproperty" if has_entries => "did you mean `ContainsKey`?",
        _ => return None,
    };
    Some(known)
}

/// A member of texts on what is none.
pub(super) fn member_of_text(ty: &Type, name: &str) -> Option<String> {
    if *ty == Type::OBJECT {
        return None;
    }
    if ty.item() == Some(&Type::STRING) {
        return Some(format!("take one of the texts, `[0].{name}`, or join them with `string.Join(\",\", ...)`"));
    }
    let id = ty.id()?;
    if id.0.starts_with("Newtonsoft.Json.Linq.") {
        return Some(format!("cast the JSON value: `((string)...).{name}`"));
    }
    id.0.starts_with("System.").then(|| format!("write it as text first: `.ToString().{name}`"))
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
        (UnaryOp::Complement, &Type::STRING) => Some("a pattern is tested with `Regex.IsMatch(text, pattern)`".into()),
        (UnaryOp::Minus | UnaryOp::Plus, &Type::STRING) => Some("read the text with `int.Parse(...)` first".into()),
        _ => None,
    }
}

/// Names that other languages and libraries have.
pub(super) fn unknown_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "Json" | "json" | "JsonParser" | "JsonNode" | "JsonDocument" => {
            "JSON is read with `JObject.Parse(...)`, `JArray.Parse(...)` or `JToken.Parse(...)`"
        }
        "JSON" => "JSON is read with `JObject.Parse(...)` and written with `JsonConvert.SerializeObject(...)`",
        "parseInt" | "parseFloat" | "Number" => "a number is read with `int.Parse(...)` or `double.Parse(...)`",
        "encodeURIComponent" | "encodeURI" | "urlencode" => {
            "a text is escaped for URLs with `Uri.EscapeDataString(...)`"
        }
        "decodeURIComponent" | "decodeURI" => "a text from a URL is read with `Uri.UnescapeDataString(...)`",
        "btoa" => "write `Convert.ToBase64String(Encoding.UTF8.GetBytes(...))`",
        "atob" => "write `Encoding.UTF8.GetString(Convert.FromBase64String(...))`",
        "console" | "Console" | "Log" | "log" | "logger" | "Trace" | "print" => {
            "`context.Trace(...)` writes to the trace"
        }
        "HttpUtility" => "did you mean `WebUtility`?",
        "undefined" | "None" | "nil" | "nothing" | "Nothing" => "write `null`",
        "True" | "TRUE" => "write `true`",
        "False" | "FALSE" => "write `false`",
        _ => return None,
    })
}

/// A type that nothing resembles.
pub(super) fn unknown_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "let" | "const" | "val" | "auto" | "Dim" | "dim" => "a variable is declared with `var`",
        "function" | "func" | "def" | "fn" => "a function begins with the type of its result: `int f(int x) { ... }`",
        "Json" | "JSON" | "JsonObject" | "JsonNode" | "JsonElement" | "JsonDocument" => {
            "JSON objects are of type `JObject`, any JSON is a `JToken`"
        }
        "Error" => "exceptions are of type `Exception` and those below it",
        "Integer" | "integer" | "Int" | "number" | "Number" => "whole numbers are of type `int`",
        "boolean" | "Bool" => "did you mean `bool`?",
        "Map" | "HashMap" | "Hashtable" => "did you mean `Dictionary`?",
        _ => return None,
    })
}

fn named(ty: &Type, name: &str) -> bool {
    ty.id().is_some_and(|id| id.0 == name)
}

fn json_type(ty: &Type) -> bool {
    ty.id().is_some_and(|id| id.0.starts_with("Newtonsoft.Json.Linq."))
}

fn is_number(ty: &Type) -> bool {
    super::conversion::is_numeric(ty) && *ty != Type::CHAR
}
