//! `XName` and `XNamespace`: expanded names. Equal when namespace and local name are.
use std::any::Any;

use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object::text_hash;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Object, Str, Value};

pub(super) const X_NAME: TypeId = TypeId("System.Xml.Linq.XName");
pub(super) const X_NAMESPACE: TypeId = TypeId("System.Xml.Linq.XNamespace");

/// Namespace of the prefix `xml`.
pub(super) const XML_URI: &str = "http://www.w3.org/XML/1998/namespace";
/// Namespace of namespace declarations.
pub(super) const XMLNS_URI: &str = "http://www.w3.org/2000/xmlns/";

/// An expanded name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct XName {
    /// Namespace URI; empty for none.
    pub uri: Str,
    /// Local part.
    pub local: Str,
}

struct XNamespace(Str);

impl XName {
    /// A name in no namespace, unchecked.
    pub(super) fn local(local: impl Into<Str>) -> XName {
        XName { uri: "".into(), local: local.into() }
    }

    /// A name read from a document, unchecked.
    pub(super) fn new(uri: impl Into<Str>, local: impl Into<Str>) -> XName {
        XName { uri: uri.into(), local: local.into() }
    }

    /// `{uri}local` or `local`, checked.
    pub(super) fn expanded(text: &str) -> Result<XName> {
        if text.is_empty() {
            return Err(Exception::argument_message(format!("'{text}' is an invalid expanded name.")));
        }
        let Some(rest) = text.strip_prefix('{') else { return XName::checked("".into(), text) };
        match rest.rsplit_once('}') {
            Some((uri, local)) if !uri.is_empty() && !local.is_empty() => XName::checked(uri.into(), local),
            _ => Err(Exception::argument_message(format!("'{text}' is an invalid expanded name."))),
        }
    }

    fn checked(uri: Str, local: &str) -> Result<XName> {
        check_nc_name(local)?;
        Ok(XName { uri, local: local.into() })
    }

    /// Is it `xmlns` or `xmlns:p`?
    pub(super) fn is_declaration(&self) -> bool {
        if self.uri.is_empty() { &*self.local == "xmlns" } else { &*self.uri == XMLNS_URI }
    }

    fn text(&self) -> Str {
        if self.uri.is_empty() { self.local.clone() } else { format!("{{{}}}{}", self.uri, self.local).into() }
    }
}

impl Object for XName {
    fn net_type(&self) -> Type {
        Type::Simple(X_NAME)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.text())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<XName>() == Some(self)
    }
    fn hash_code(&self) -> i32 {
        text_hash(self.uri.bytes().chain(self.local.bytes()))
    }
}

impl Object for XNamespace {
    fn net_type(&self) -> Type {
        Type::Simple(X_NAMESPACE)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.0.clone())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<XNamespace>().is_some_and(|o| o.0 == self.0)
    }
    fn hash_code(&self) -> i32 {
        text_hash(self.0.bytes())
    }
}

/// May the character start a name (without colon)?
pub(super) fn is_name_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

/// May the character stand in a name (without colon)?
pub(super) fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}' | '\u{2040}')
        || c.is_numeric()
}

/// `XmlConvert.VerifyNCName`
pub(super) fn check_nc_name(text: &str) -> Result<()> {
    for (i, c) in text.chars().enumerate() {
        let good = if i == 0 { is_name_start(c) } else { is_name_char(c) };
        if !good {
            let code = u32::from(c);
            return Err(Exception::xml(if i == 0 && is_name_char(c) {
                format!("Name cannot begin with the '{c}' character, hexadecimal value 0x{code:02X}.")
            } else {
                format!("The '{c}' character, hexadecimal value 0x{code:02X}, cannot be included in a name.")
            }));
        }
    }
    if text.is_empty() {
        return Err(Exception::argument("The value cannot be null or empty.", "name"));
    }
    Ok(())
}

/// A name argument that may be null; strings were converted before.
pub(super) fn name_arg(c: &Call<'_>, n: usize) -> Option<XName> {
    c.arg(n).as_object::<XName>().cloned()
}

/// A name argument that must be given.
pub(super) fn need_name(c: &Call<'_>, n: usize) -> Result<XName> {
    name_arg(c, n).ok_or_else(|| Exception::argument_null("name"))
}

pub(super) fn namespace(uri: impl Into<Str>) -> Value {
    Value::object(XNamespace(uri.into()))
}

fn this(c: &Call<'_>) -> Result<XName> {
    name_arg(c, 0).ok_or_else(Exception::null_reference)
}

fn same(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(crate::object::equals(c.arg(0), c.arg(1))))
}

fn different(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(!crate::object::equals(c.arg(0), c.arg(1))))
}

fn from_text(c: &mut Call<'_>) -> Result<Value> {
    match c.str_or_null(0) {
        Some(text) => Ok(Value::object(XName::expanded(&text)?)),
        None => Ok(Value::Null),
    }
}

fn combine(c: &mut Call<'_>) -> Result<Value> {
    let local = c.str_arg(1, "localName")?;
    let uri = c.arg(0).as_object::<XNamespace>().ok_or_else(|| Exception::argument_null("ns"))?.0.clone();
    Ok(Value::object(XName::checked(uri, &local)?))
}

/// Adds both types.
pub(super) fn define(b: &mut Builder) {
    b.class(X_NAME)
        .implements(&["IEquatable<XName>"])
        .pure("string LocalName", |c| Ok(Value::Str(this(c)?.local)))
        .pure("string NamespaceName", |c| Ok(Value::Str(this(c)?.uri)))
        .pure("XNamespace Namespace", |c| Ok(namespace(this(c)?.uri)))
        .pure("static XName Get(string expandedName)", |c| {
            let text = c.str_arg(0, "expandedName")?;
            Ok(Value::object(XName::expanded(&text)?))
        })
        .pure("static XName Get(string localName, string namespaceName)", |c| {
            let (local, uri) = (c.str_arg(0, "localName")?, c.str_arg(1, "namespaceName")?);
            Ok(Value::object(XName::checked(uri, &local)?))
        })
        .pure("static implicit operator XName(string expandedName)", from_text)
        .pure("static bool operator ==(XName left, XName right)", same)
        .pure("static bool operator !=(XName left, XName right)", different)
        .pure("string ToString()", |c| Ok(Value::Str(this(c)?.text())));
    b.class(X_NAMESPACE)
        .pure("string NamespaceName", |c| {
            let ns = c.arg(0).as_object::<XNamespace>().ok_or_else(Exception::null_reference)?;
            Ok(Value::Str(ns.0.clone()))
        })
        .pure("static XNamespace None", |_| Ok(namespace("")))
        .pure("static XNamespace Xml", |_| Ok(namespace(XML_URI)))
        .pure("static XNamespace Xmlns", |_| Ok(namespace(XMLNS_URI)))
        .pure("static XNamespace Get(string namespaceName)", |c| Ok(namespace(c.str_arg(0, "namespaceName")?)))
        .pure("XName GetName(string localName)", combine)
        .pure("static XName operator +(XNamespace ns, string localName)", combine)
        .pure("static implicit operator XNamespace(string namespaceName)", |c| {
            Ok(c.str_or_null(0).map_or(Value::Null, namespace))
        })
        .pure("static bool operator ==(XNamespace left, XNamespace right)", same)
        .pure("static bool operator !=(XNamespace left, XNamespace right)", different)
        .pure("string ToString()", |c| {
            let ns = c.arg(0).as_object::<XNamespace>().ok_or_else(Exception::null_reference)?;
            Ok(Value::Str(ns.0.clone()))
        });
}
