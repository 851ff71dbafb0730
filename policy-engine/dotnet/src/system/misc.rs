//! Small types of `System`: `Environment`, `Version`, `StringComparer`.
use std::any::Any;
use std::cmp::Ordering;

use super::arg::{self, Comparison};
use super::string_type;
use crate::ambient::Ambient;
use crate::collections::comparer::{self, ComparerObject, Rules};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Object, Str, Value};

const VERSION: TypeId = TypeId("System.Version");
const STRING_COMPARER: TypeId = TypeId("System.StringComparer");

/// Adds the types.
pub(crate) fn define(b: &mut Builder) {
    b.static_class(TypeId("System.Environment")).pure("static string NewLine", |_| Ok(Value::str("\n")));
    string_comparer(b);
    version(b);
}

/// The rules of `StringComparer.Ordinal` and its siblings.
struct StringRules(Comparison);

impl Rules for StringRules {
    fn equals(&self, a: &Value, b: &Value) -> bool {
        match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => self.0.equals(a, b),
            _ => object::equals(a, b),
        }
    }
    fn hash(&self, value: &Value) -> i32 {
        match value.as_str() {
            Some(text) => object::text_hash(string_type::fold(text, self.0).bytes()),
            None => object::hash_code(value),
        }
    }
    fn name(&self) -> Option<&'static str> {
        match self.0 {
            Comparison::Ordinal => Some("Ordinal"),
            Comparison::OrdinalIgnoreCase => Some("OrdinalIgnoreCase"),
            Comparison::Culture => Some("InvariantCulture"),
            Comparison::CultureIgnoreCase => Some("InvariantCultureIgnoreCase"),
            Comparison::Options(_) => None,
        }
    }
    fn compare(&self, _: &mut dyn Ambient, a: &Value, b: &Value) -> Result<Ordering> {
        match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => Ok(self.0.compare(a, b).cmp(&0)),
            _ => object::compare(a, b),
        }
    }
}

fn made(by: Comparison) -> Result<Value> {
    Ok(comparer::new_comparer(Type::Simple(STRING_COMPARER), StringRules(by)))
}

fn rules(value: &Value) -> Result<&dyn Rules> {
    value.as_object::<ComparerObject>().map(ComparerObject::rules).ok_or_else(Exception::null_reference)
}

fn string_comparer(b: &mut Builder) {
    b.class(STRING_COMPARER)
        .implements(&[
            "IEqualityComparer<string>",
            "IComparer<string>",
            "System.Collections.IComparer",
            "System.Collections.IEqualityComparer",
        ])
        .def("static StringComparer Ordinal", |_| made(Comparison::Ordinal))
        .def("static StringComparer OrdinalIgnoreCase", |_| made(Comparison::OrdinalIgnoreCase))
        .def("static StringComparer InvariantCulture", |_| made(Comparison::Culture))
        .def("static StringComparer InvariantCultureIgnoreCase", |_| made(Comparison::CultureIgnoreCase))
        .def("static StringComparer CurrentCulture", |_| made(Comparison::Culture))
        .def("static StringComparer CurrentCultureIgnoreCase", |_| made(Comparison::CultureIgnoreCase))
        .def("static StringComparer FromComparison(StringComparison comparisonType)", |c| made(arg::comparison(c, 0)?))
        .def("static StringComparer Create(System.Globalization.CultureInfo culture, bool ignoreCase)", |c| {
            if c.arg(0).is_null() {
                return Err(Exception::argument_null("culture"));
            }
            made(if c.bool(1)? { Comparison::CultureIgnoreCase } else { Comparison::Culture })
        })
        .def(
            "static StringComparer Create(System.Globalization.CultureInfo culture, System.Globalization.CompareOptions options)",
            |c| {
                if c.arg(0).is_null() {
                    return Err(Exception::argument_message("culture"));
                }
                match string_type::by_options(c.int(1)?) {
                    Ok(by) if !matches!(by, Comparison::Ordinal | Comparison::OrdinalIgnoreCase) => made(by),
                    _ => Err(Exception::argument("Value of flags is invalid.", "options")),
                }
            },
        )
        .def("int Compare(object x, object y)", |c| {
            let (by, a, b) = (c.take(0), c.take(1), c.take(2));
            Ok(Value::Int32(rules(&by)?.compare(c.cx, &a, &b)? as i32))
        })
        .def("bool Equals(object x, object y)", |c| Ok(Value::Bool(rules(c.arg(0))?.equals(c.arg(1), c.arg(2)))))
        .def("int GetHashCode(object obj)", |c| {
            if c.arg(1).is_null() {
                return Err(Exception::argument_null("obj"));
            }
            Ok(Value::Int32(rules(c.arg(0))?.hash(c.arg(1))))
        })
        .def("int Compare(string x, string y)", |c| {
            let (by, a, b) = (c.take(0), c.take(1), c.take(2));
            Ok(Value::Int32(rules(&by)?.compare(c.cx, &a, &b)? as i32))
        })
        .def("bool Equals(string x, string y)", |c| Ok(Value::Bool(rules(c.arg(0))?.equals(c.arg(1), c.arg(2)))))
        .def("int GetHashCode(string obj)", |c| {
            if c.arg(1).is_null() {
                return Err(Exception::argument_null("obj"));
            }
            Ok(Value::Int32(rules(c.arg(0))?.hash(c.arg(1))))
        });
}

/// Major, minor, build, revision; -1 for what was not given.
struct Version([i32; 4]);

impl Object for Version {
    fn net_type(&self) -> Type {
        Type::Simple(VERSION)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.0.iter().filter(|n| **n >= 0).map(i32::to_string).collect::<Vec<_>>().join(".").into())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<Version>().is_some_and(|o| o.0 == self.0)
    }
    fn hash_code(&self) -> i32 {
        let [a, b, c, d] = self.0;
        (a & 0xf) << 28 | (b & 0xff) << 20 | (c & 0xff) << 12 | (d & 0xfff)
    }
    fn compare(&self, other: &Value) -> Option<Ordering> {
        other.as_object::<Version>().map(|o| self.0.cmp(&o.0))
    }
}

fn parts_of(c: &Call<'_>, n: usize) -> Result<[i32; 4]> {
    c.arg(n).as_object::<Version>().map(|v| v.0).ok_or_else(|| Exception::argument_null("v1"))
}

fn parse_version(text: &str) -> Result<[i32; 4]> {
    let parts: Vec<&str> = text.split('.').collect();
    if !(2..=4).contains(&parts.len()) {
        return Err(Exception::argument("Version string portion was too short or too long.", "input"));
    }
    let mut out = [-1; 4];
    for (slot, part) in out.iter_mut().zip(parts) {
        let n: i32 = super::integers::parse_as(part, crate::number::parse::style::INTEGER)
            .map_err(|f| f.exception("an Int32"))?;
        if n < 0 {
            return Err(Exception::argument_range(
                "Version's parameters must be greater than or equal to zero.",
                "input",
            ));
        }
        *slot = n;
    }
    Ok(out)
}

fn new_version(c: &Call<'_>, count: usize) -> Result<Value> {
    let mut out = [-1; 4];
    for (n, slot) in out.iter_mut().enumerate().take(count) {
        *slot = c.int(n)?;
        if *slot < 0 {
            return Err(Exception::argument_range(
                "Version's parameters must be greater than or equal to zero.",
                "major",
            ));
        }
    }
    Ok(Value::object(Version(out)))
}

fn part(c: &Call<'_>, n: usize) -> Result<Value> {
    Ok(Value::Int32(parts_of(c, 0)?.get(n).copied().unwrap_or(-1)))
}

/// Order of two versions that may be null.
fn order(c: &Call<'_>) -> Ordering {
    let at = |n: usize| c.arg(n).as_object::<Version>().map(|v| v.0);
    at(0).cmp(&at(1))
}

fn version(b: &mut Builder) {
    b.class(VERSION)
        .implements(&["IComparable", "IComparable<Version>", "IEquatable<Version>"])
        .def("new(string version)", |c| Ok(Value::object(Version(parse_version(&c.str_arg(0, "version")?)?))))
        .def("new(int major, int minor)", |c| new_version(c, 2))
        .def("new(int major, int minor, int build)", |c| new_version(c, 3))
        .def("new(int major, int minor, int build, int revision)", |c| new_version(c, 4))
        .def("static Version Parse(string input)", |c| {
            Ok(Value::object(Version(parse_version(&c.str_arg(0, "input")?)?)))
        })
        .def("static bool TryParse(string input, out Version result)", |c| {
            let found = c.arg(0).as_str().and_then(|t| parse_version(t).ok());
            c.set(1, found.map_or(Value::Null, |v| Value::object(Version(v))));
            Ok(Value::Bool(found.is_some()))
        })
        .def("int Major", |c| part(c, 0))
        .def("int Minor", |c| part(c, 1))
        .def("int Build", |c| part(c, 2))
        .def("int Revision", |c| part(c, 3))
        .def("int CompareTo(Version value)", |c| Ok(Value::Int32(order(c) as i32)))
        .def("bool Equals(Version obj)", |c| Ok(Value::Bool(order(c).is_eq())))
        .def("string ToString()", |c| {
            let v = c.take(0);
            object::text(c.cx, &v).map(Value::Str)
        })
        .def("static bool operator ==(Version v1, Version v2)", |c| Ok(Value::Bool(order(c).is_eq())))
        .def("static bool operator !=(Version v1, Version v2)", |c| Ok(Value::Bool(order(c).is_ne())))
        .def("static bool operator <(Version v1, Version v2)", |c| Ok(Value::Bool(order(c).is_lt())))
        .def("static bool operator <=(Version v1, Version v2)", |c| Ok(Value::Bool(order(c).is_le())))
        .def("static bool operator >(Version v1, Version v2)", |c| Ok(Value::Bool(order(c).is_gt())))
        .def("static bool operator >=(Version v1, Version v2)", |c| Ok(Value::Bool(order(c).is_ge())));
}
