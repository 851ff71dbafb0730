//! Settings objects: `JsonSerializerSettings`, `JsonMergeSettings`, `JsonLoadSettings`, and `JsonSerializer`, which has the same
//! properties. One kind of object with named properties serves them all.
use std::any::Any;

use parking_lot::Mutex;

use super::names;
use super::write::{Escape, Style};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::{Builder, TypeBuilder};
use crate::types::{Type, TypeId};
use crate::value::{Object, Value};

/// A settings object.
pub(super) struct Settings {
    ty: TypeId,
    values: Mutex<Vec<(&'static str, Value)>>,
}

impl Settings {
    pub(super) fn of(value: &Value) -> Option<&Settings> {
        value.as_object::<Settings>()
    }

    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.values.lock().iter().find(|(n, _)| *n == name).map(|(_, v)| v.clone())
    }

    /// Number of an enum property.
    pub(super) fn number(&self, name: &str) -> i32 {
        match self.get(name) {
            Some(Value::Enum(_, n)) => n,
            _ => 0,
        }
    }

    /// How these settings write.
    pub(super) fn style(&self) -> Style {
        Style {
            indented: self.number("Formatting") == 1,
            escape: match self.number("StringEscapeHandling") {
                1 => Escape::NonAscii,
                2 => Escape::Html,
                _ => Escape::Default,
            },
            date_format: self.get("DateFormatString").and_then(|v| v.as_str().map(Into::into)),
        }
    }

    pub(super) fn skips_nulls(&self) -> bool {
        self.number("NullValueHandling") == 1
    }
}

impl Object for Settings {
    fn net_type(&self) -> Type {
        Type::Simple(self.ty)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A settings object of the type with nothing set.
pub(super) fn new(ty: TypeId) -> Value {
    Value::object(Settings { ty, values: Mutex::new(Vec::new()) })
}

/// Getter of a property: what was set, else null.
pub(super) fn get(c: &mut Call<'_>, name: &'static str) -> Result<Value> {
    Ok(Settings::of(c.arg(0)).and_then(|s| s.get(name)).unwrap_or_default())
}

/// Getter of an enum property with a default.
pub(super) fn get_enum(c: &mut Call<'_>, name: &'static str, ty: TypeId, default: i32) -> Result<Value> {
    Ok(Settings::of(c.arg(0)).and_then(|s| s.get(name)).unwrap_or(Value::Enum(ty, default)))
}

/// Setter of a property.
pub(super) fn set(c: &mut Call<'_>, name: &'static str) -> Result<Value> {
    let value = c.take(1);
    let settings = Settings::of(c.arg(0)).ok_or_else(Exception::null_reference)?;
    let mut values = settings.values.lock();
    values.retain(|(n, _)| *n != name);
    values.push((name, value));
    Ok(Value::Null)
}

/// Starts the table entry of a settings type.
pub(super) fn define_type(b: &mut Builder, id: TypeId) -> TypeBuilder<'_> {
    b.class(id)
}

macro_rules! enum_properties {
    ($t:ident, $($ty:literal $name:literal $id:ident $default:literal;)*) => {
        $($t = $t.get_set(concat!($ty, " ", $name), |c| get_enum(c, $name, names::$id, $default), |c| set(c, $name));)*
    };
}

fn define_properties(b: &mut Builder, id: TypeId) -> TypeBuilder<'_> {
    let mut t = define_type(b, id);
    enum_properties!(t,
        "Formatting" "Formatting" FORMATTING 0;
        "NullValueHandling" "NullValueHandling" NULL_VALUE_HANDLING 0;
        "DateFormatHandling" "DateFormatHandling" DATE_FORMAT_HANDLING 0;
        "DateParseHandling" "DateParseHandling" DATE_PARSE_HANDLING 1;
        "DateTimeZoneHandling" "DateTimeZoneHandling" DATE_ZONE_HANDLING 3;
        "StringEscapeHandling" "StringEscapeHandling" ESCAPE_HANDLING 0;
    );
    t.get_set("string DateFormatString", |c| get(c, "DateFormatString"), |c| set(c, "DateFormatString")).get_set(
        "int? MaxDepth",
        |c| get(c, "MaxDepth"),
        |c| set(c, "MaxDepth"),
    )
}

pub(super) fn define(b: &mut Builder) {
    b.enumeration(names::FORMATTING, false, &[("None", 0), ("Indented", 1)]);
    b.enumeration(names::NULL_VALUE_HANDLING, false, &[("Include", 0), ("Ignore", 1)]);
    b.enumeration(names::DATE_FORMAT_HANDLING, false, &[("IsoDateFormat", 0), ("MicrosoftDateFormat", 1)]);
    b.enumeration(names::DATE_PARSE_HANDLING, false, &[("None", 0), ("DateTime", 1), ("DateTimeOffset", 2)]);
    let zones = &[("Local", 0), ("Utc", 1), ("Unspecified", 2), ("RoundtripKind", 3)];
    b.enumeration(names::DATE_ZONE_HANDLING, false, zones);
    b.enumeration(names::ESCAPE_HANDLING, false, &[("Default", 0), ("EscapeNonAscii", 1), ("EscapeHtml", 2)]);
    define_properties(b, names::SERIALIZER_SETTINGS).def("new()", |_| Ok(new(names::SERIALIZER_SETTINGS)));
    define_properties(b, names::JSON_SERIALIZER)
        .def("new()", |_| Ok(new(names::JSON_SERIALIZER)))
        .def("static JsonSerializer Create()", |_| Ok(new(names::JSON_SERIALIZER)))
        .def("static JsonSerializer CreateDefault()", |_| Ok(new(names::JSON_SERIALIZER)))
        .def("static JsonSerializer Create(JsonSerializerSettings settings)", |c| Ok(c.take(0)));
    define_type(b, names::MERGE_SETTINGS).def("new()", |_| Ok(new(names::MERGE_SETTINGS)));
    define_type(b, names::LOAD_SETTINGS).def("new()", |_| Ok(new(names::LOAD_SETTINGS)));
}
