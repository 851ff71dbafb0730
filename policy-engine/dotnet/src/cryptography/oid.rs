//! `System.Security.Cryptography.Oid`, its collection, and `AsnEncodedData`: numbers of algorithms and extensions, with their names.
use std::any::Any;

use openssl::asn1::Asn1Object;

use super::{collection, hash};
use crate::collections::enumerator::new_enumerator;
use crate::collections::from_bytes;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Object, Str, Value};

const OID: TypeId = TypeId("System.Security.Cryptography.Oid");
const OID_COLLECTION: TypeId = TypeId("System.Security.Cryptography.OidCollection");
const OID_GROUP: TypeId = TypeId("System.Security.Cryptography.OidGroup");
pub(super) const ASN_DATA: TypeId = TypeId("System.Security.Cryptography.AsnEncodedData");

/// Names that .NET knows itself, sorted by number; OpenSSL is asked for the others.
const NAMES: &[(&str, &str)] = &[
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.10040.4.3", "sha1DSA"),
    ("1.2.840.10045.2.1", "ECC"),
    ("1.2.840.10045.4.1", "sha1ECDSA"),
    ("1.2.840.10045.4.3.2", "sha256ECDSA"),
    ("1.2.840.10045.4.3.3", "sha384ECDSA"),
    ("1.2.840.10045.4.3.4", "sha512ECDSA"),
    ("1.2.840.113549.1.1.1", "RSA"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.2.840.113549.1.1.11", "sha256RSA"),
    ("1.2.840.113549.1.1.12", "sha384RSA"),
    ("1.2.840.113549.1.1.13", "sha512RSA"),
    ("1.2.840.113549.1.1.4", "md5RSA"),
    ("1.2.840.113549.1.1.5", "sha1RSA"),
    ("1.2.840.113549.1.1.7", "RSAES_OAEP"),
    ("1.2.840.113549.1.9.1", "E"),
    ("1.2.840.113549.2.5", "md5"),
    ("1.2.840.113549.3.7", "3des"),
    ("1.3.14.3.2.26", "sha1"),
    ("1.3.14.3.2.7", "des"),
    ("2.16.840.1.101.3.4.1.2", "aes128"),
    ("2.16.840.1.101.3.4.1.22", "aes192"),
    ("2.16.840.1.101.3.4.1.42", "aes256"),
    ("2.16.840.1.101.3.4.2.1", "sha256"),
    ("2.16.840.1.101.3.4.2.2", "sha384"),
    ("2.16.840.1.101.3.4.2.3", "sha512"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "T"),
    ("2.5.4.13", "Description"),
    ("2.5.4.17", "PostalCode"),
    ("2.5.4.18", "POBox"),
    ("2.5.4.20", "Phone"),
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.42", "G"),
    ("2.5.4.43", "I"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.5", "SERIALNUMBER"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "S"),
    ("2.5.4.9", "STREET"),
];

/// The name of a number, if it has one.
pub(super) fn name_of(number: &str) -> Option<String> {
    if let Ok(at) = NAMES.binary_search_by_key(&number, |(n, _)| n) {
        return NAMES.get(at).map(|(_, name)| (*name).to_owned());
    }
    let is_number = number.starts_with(|c: char| c.is_ascii_digit()) && number.contains('.');
    let object = is_number.then(|| Asn1Object::from_str(number).ok()).flatten()?;
    object.nid().long_name().ok().filter(|n| *n != "undefined").map(str::to_owned)
}

/// The number of a name; case does not count.
fn number_of(name: &str) -> Option<String> {
    if let Some((number, _)) = NAMES.iter().find(|(_, n)| n.eq_ignore_ascii_case(name)) {
        return Some((*number).to_owned());
    }
    let object = Asn1Object::from_str(name).ok()?;
    super::der::oid(object.as_slice())
}

/// A number and its name, either of which may be missing.
#[derive(Clone)]
struct Oid {
    value: Option<Str>,
    name: Option<Str>,
}

impl Object for Oid {
    fn net_type(&self) -> Type {
        Type::Simple(OID)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// An `Oid` of a number; its name is looked up.
pub(super) fn of_number(number: &str) -> Value {
    Value::object(Oid { value: Some(number.into()), name: name_of(number).map(Into::into) })
}

fn this<'a>(c: &'a Call<'_>, n: usize) -> Result<&'a Oid> {
    c.args.get(n).and_then(Value::as_object::<Oid>).ok_or_else(Exception::null_reference)
}

fn text(text: Option<Str>) -> Value {
    text.map_or(Value::Null, Value::Str)
}

/// By number or by name.
fn read(text: Str) -> Value {
    match number_of(&text) {
        Some(number) if *number != *text => Value::object(Oid { value: Some(number.into()), name: Some(text) }),
        _ => of_number(&text),
    }
}

fn from_name(c: &Call<'_>) -> Result<Value> {
    let name = c.str_arg(0, "friendlyName")?;
    let number = number_of(&name).filter(|n| **n != *name);
    let number = number.ok_or_else(|| Exception::cryptographic("No OID value matches this name."))?;
    Ok(Value::object(Oid { value: Some(number.into()), name: Some(name) }))
}

/// An `OidCollection`.
pub(super) fn collection(numbers: impl Iterator<Item = String>) -> Value {
    collection::new(OID_COLLECTION, numbers.map(|n| of_number(&n)).collect())
}

/// Bytes in ASN.1 and what they are; extensions of certificates too.
pub(super) struct Data {
    pub(super) type_id: TypeId,
    pub(super) oid: Option<Value>,
    pub(super) raw: Vec<u8>,
    pub(super) critical: bool,
}

impl Object for Data {
    fn net_type(&self) -> Type {
        Type::Simple(self.type_id)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// An `AsnEncodedData`.
pub(super) fn data(number: Option<&str>, raw: &[u8]) -> Value {
    Value::object(Data { type_id: ASN_DATA, oid: number.map(of_number), raw: raw.to_vec(), critical: false })
}

/// From an `Oid` or the text of one, and bytes.
pub(super) fn new_data(c: &Call<'_>, oid: Option<usize>, bytes: usize) -> Result<Data> {
    let raw = hash::bytes_arg(c, bytes, "rawData")?;
    let oid = match oid.map(|n| c.arg(n)) {
        Some(Value::Str(number)) => Some(read(number.clone())),
        Some(other) if !other.is_null() => Some(other.clone()),
        _ => None,
    };
    Ok(Data { type_id: ASN_DATA, oid, raw, critical: false })
}

pub(super) fn data_of<'a>(c: &'a Call<'_>) -> Result<&'a Data> {
    c.args.first().and_then(Value::as_object::<Data>).ok_or_else(Exception::null_reference)
}

/// Adds the types.
pub(super) fn define(b: &mut Builder) {
    b.enumeration(
        OID_GROUP,
        false,
        &[
            ("All", 0),
            ("HashAlgorithm", 1),
            ("EncryptionAlgorithm", 2),
            ("PublicKeyAlgorithm", 3),
            ("SignatureAlgorithm", 4),
            ("Attribute", 5),
            ("ExtensionOrAttribute", 6),
            ("EnhancedKeyUsage", 7),
            ("Policy", 8),
            ("Template", 9),
            ("KeyDerivationFunction", 10),
        ],
    );
    b.class(OID)
        .def("new()", |_| Ok(Value::object(Oid { value: None, name: None })))
        .def("new(string oid)", |c| c.str_arg(0, "oid").map(read))
        .def("new(string value, string friendlyName)", |c| {
            Ok(Value::object(Oid { value: c.str_or_null(0), name: c.str_or_null(1) }))
        })
        .def("new(Oid oid)", |c| {
            let other = c.arg(0).as_object::<Oid>().ok_or_else(|| Exception::argument_null("oid"))?;
            Ok(Value::object(other.clone()))
        })
        .def("static Oid FromFriendlyName(string friendlyName, OidGroup group)", |c| from_name(c))
        .def("static Oid FromOidValue(string oidValue, OidGroup group)", |c| {
            let number = c.str_arg(0, "oidValue")?;
            let name = name_of(&number).ok_or_else(|| Exception::cryptographic("The OID value is invalid."))?;
            Ok(Value::object(Oid { value: Some(number), name: Some(name.into()) }))
        })
        .def("string Value", |c| Ok(text(this(c, 0)?.value.clone())))
        .def("string FriendlyName", |c| Ok(text(this(c, 0)?.name.clone())));
    b.class(OID_COLLECTION)
        .implements(&["IEnumerable<Oid>", "IEnumerable", "ICollection"])
        .def("IEnumerator<Oid> GetEnumerator()", |c| Ok(new_enumerator(Type::Simple(OID), c.arg(0).enumerate()?)))
        .def("new()", |_| Ok(collection(std::iter::empty())))
        .def("int Count", collection::count)
        .def("int Add(Oid oid)", |c| {
            let oid = c.take(1);
            collection::add(c, oid)
        })
        .def("Oid this[int index]", |c| collection::at(c, c.int(1)?))
        .def("Oid this[string oid]", |c| {
            let wanted = c.str_arg(1, "oid")?;
            let number = number_of(&wanted).map_or(wanted, Into::into);
            let all = collection::items(c)?;
            let is_it = |v: &&Value| v.as_object::<Oid>().is_some_and(|o| o.value.as_ref() == Some(&number));
            Ok(all.iter().find(is_it).cloned().unwrap_or_default())
        });
    b.class(ASN_DATA)
        .def("new(byte[] rawData)", |c| new_data(c, None, 0).map(Value::object))
        .def("new(string oid, byte[] rawData)", |c| new_data(c, Some(0), 1).map(Value::object))
        .def("new(Oid oid, byte[] rawData)", |c| new_data(c, Some(0), 1).map(Value::object))
        .def("Oid Oid", |c| Ok(data_of(c)?.oid.clone().unwrap_or_default()))
        .def("byte[] RawData", |c| Ok(from_bytes(data_of(c)?.raw.clone())));
}

/// The text of an `Oid` value's number, for what is found by it.
pub(super) fn number_in(value: &Value) -> Option<Str> {
    value.as_object::<Oid>()?.value.clone()
}

/// The number that a text stands for: itself, or that of a name.
pub(super) fn resolve(text: &str) -> String {
    number_of(text).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_by_number() {
        assert!(NAMES.is_sorted_by_key(|(n, _)| *n));
    }

    #[test]
    fn names_and_numbers() {
        assert_eq!(name_of("2.5.29.17").as_deref(), Some("X509v3 Subject Alternative Name"));
        assert_eq!(name_of("1.2.840.113549.1.1.11").as_deref(), Some("sha256RSA"));
        assert_eq!(name_of("1.2.3.4.5"), None);
        assert_eq!(resolve("SHA256"), "2.16.840.1.101.3.4.2.1");
        assert_eq!(resolve("2.5.29.17"), "2.5.29.17");
        assert_eq!(resolve("no such thing"), "no such thing");
    }
}
