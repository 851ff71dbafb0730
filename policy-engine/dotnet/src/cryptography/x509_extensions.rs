//! Extensions of certificates: what a certificate says of itself beyond names, dates and key.
use std::net::IpAddr;

use super::collection;
use super::der::{self, BIT_STRING, BOOLEAN, INTEGER, Item, Items as DerItems, OBJECT, OCTET_STRING, SEQUENCE, inside};
use super::oid::{self, ASN_DATA, Data, data_of, new_data};
use crate::collections::array;
use crate::collections::enumerator::new_enumerator;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::Value;

const EXTENSION: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509Extension");
const COLLECTION: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509ExtensionCollection");
const BASIC: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509BasicConstraintsExtension");
const USAGE: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509KeyUsageExtension");
const ENHANCED: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509EnhancedKeyUsageExtension");
const KEY_ID: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509SubjectKeyIdentifierExtension");
const USAGE_FLAGS: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509KeyUsageFlags");

/// Tag of the extensions in a certificate.
const EXTENSIONS: u8 = 0xA3;

/// Extensions that have a type of their own.
const TYPES: &[(&str, TypeId)] =
    &[("2.5.29.14", KEY_ID), ("2.5.29.15", USAGE), ("2.5.29.19", BASIC), ("2.5.29.37", ENHANCED)];
const ALTERNATIVE_NAMES: [&str; 2] = ["2.5.29.17", "2.5.29.18"];

/// Bit of a key's usage, its flag, and the words that `Format` has for it.
const USAGES: &[(i32, &str)] = &[
    (0x80, "Digital Signature"),
    (0x40, "Non Repudiation"),
    (0x20, "Key Encipherment"),
    (0x10, "Data Encipherment"),
    (0x08, "Key Agreement"),
    (0x04, "Certificate Sign"),
    (0x02, "CRL Sign"),
    (0x01, "Encipher Only"),
    (0x8000, "Decipher Only"),
];

/// The extensions of a certificate in DER.
pub(super) fn of_certificate(certificate: &[u8]) -> Value {
    let list = |i: Item<'_>| inside(i.content, SEQUENCE).map(|all| all.filter_map(read).collect::<Vec<_>>());
    let mut parts = inside(certificate, SEQUENCE).and_then(|mut parts| inside(parts.next()?.whole, SEQUENCE));
    let found = parts.as_mut().and_then(|parts| parts.find(|i| i.tag == EXTENSIONS)).and_then(list);
    collection::new(COLLECTION, found.unwrap_or_default())
}

/// One extension: number, critical or not, bytes.
fn read(item: Item<'_>) -> Option<Value> {
    let mut parts = DerItems(item.content);
    let number = parts.next().filter(|i| i.tag == OBJECT).and_then(|i| der::oid(i.content))?;
    let mut last = parts.next()?;
    let critical = last.tag == BOOLEAN && last.content.first().is_some_and(|b| *b != 0);
    if last.tag == BOOLEAN {
        last = parts.next()?;
    }
    let raw = (last.tag == OCTET_STRING).then(|| last.content.to_vec())?;
    let known = TYPES.iter().find(|(n, _)| *n == number).map(|(_, id)| *id);
    Some(Value::object(Data { type_id: known.unwrap_or(EXTENSION), oid: Some(oid::of_number(&number)), raw, critical }))
}

/// Algorithm parameters and key of a certificate in DER.
pub(super) fn key_parts(certificate: &[u8]) -> Option<(&[u8], &[u8])> {
    let fields = inside(certificate, SEQUENCE).and_then(|mut parts| inside(parts.next()?.whole, SEQUENCE))?;
    // Version is optional; then serial number, algorithm, issuer, validity, subject.
    let key = fields.filter(|i| i.tag != 0xA0).nth(5)?;
    let mut parts = inside(key.whole, SEQUENCE)?;
    let mut algorithm = inside(parts.next()?.whole, SEQUENCE)?;
    let parameters = algorithm.nth(1).map_or(&[][..], |i| i.whole);
    let bits = parts.next().filter(|i| i.tag == BIT_STRING)?;
    Some((parameters, bits.content.get(1..)?))
}

fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(between)
}

/// Flags of a usage extension.
fn usages(raw: &[u8]) -> i32 {
    let bits = DerItems(raw).next().filter(|i| i.tag == BIT_STRING).map(|i| i.content).unwrap_or_default();
    let byte = |n: usize| i32::from(bits.get(n).copied().unwrap_or(0));
    byte(1) | byte(2) << 8
}

/// Is it an authority, and how long may the chain below it be?
fn constraints(raw: &[u8]) -> (bool, Option<i32>) {
    let parts: Vec<Item<'_>> = inside(raw, SEQUENCE).map(Iterator::collect).unwrap_or_default();
    let authority = parts.iter().find(|i| i.tag == BOOLEAN).and_then(|i| i.content.first()).is_some_and(|b| *b != 0);
    (authority, parts.iter().find(|i| i.tag == INTEGER).and_then(|i| der::int(i.content)))
}

fn enhanced(raw: &[u8]) -> Vec<String> {
    inside(raw, SEQUENCE).map(|all| all.filter_map(|i| der::oid(i.content)).collect()).unwrap_or_default()
}

fn key_identifier(raw: &[u8]) -> &[u8] {
    DerItems(raw).next().filter(|i| i.tag == OCTET_STRING).map(|i| i.content).unwrap_or_default()
}

/// One name of `subjectAltName`, as OpenSSL prints it; `None` for kinds that are not shown.
fn alternative(item: Item<'_>) -> Option<String> {
    let text = || String::from_utf8_lossy(item.content).into_owned();
    match item.tag & 0x1F {
        1 => Some(format!("email:{}", text())),
        2 => Some(format!("DNS:{}", text())),
        6 => Some(format!("URI:{}", text())),
        7 => {
            let shown = match <[u8; 4]>::try_from(item.content) {
                Ok(four) => IpAddr::from(four).to_string(),
                Err(_) => {
                    let groups = <[u8; 16]>::try_from(item.content).ok()?;
                    groups
                        .chunks(2)
                        .map(|g| format!("{:X}", g.iter().fold(0_u32, |n, b| n << 8 | u32::from(*b))))
                        .collect::<Vec<_>>()
                        .join(":")
                }
            };
            Some(format!("IP Address:{shown}"))
        }
        8 => Some(format!("Registered ID:{}", der::oid(item.content)?)),
        _ => None,
    }
}

/// `Format`: what OpenSSL prints, or the bytes in hex.
fn format(number: &str, raw: &[u8]) -> String {
    let words = match number {
        "2.5.29.14" => Some(hex(key_identifier(raw), ":")),
        "2.5.29.15" => {
            let flags = usages(raw);
            Some(USAGES.iter().filter(|(f, _)| flags & f != 0).map(|(_, w)| *w).collect::<Vec<_>>().join(", "))
        }
        "2.5.29.19" => {
            let (authority, length) = constraints(raw);
            let length = length.map(|n| format!(", pathlen:{n}")).unwrap_or_default();
            Some(format!("CA:{}{length}", if authority { "TRUE" } else { "FALSE" }))
        }
        "2.5.29.37" => {
            let names = enhanced(raw).into_iter().map(|n| oid::name_of(&n).unwrap_or(n));
            Some(names.collect::<Vec<_>>().join(", "))
        }
        n if ALTERNATIVE_NAMES.contains(&n) => inside(raw, SEQUENCE)
            .and_then(|all| all.map(alternative).collect::<Option<Vec<_>>>())
            .map(|all| all.join(", ")),
        _ => None,
    };
    words.filter(|w| !w.is_empty()).unwrap_or_else(|| hex(raw, ""))
}

/// `new X509Extension(oid, rawData, critical)`
fn construct(c: &mut Call<'_>) -> Result<Value> {
    let data = new_data(c, Some(0), 1)?;
    Ok(Value::object(Data { type_id: EXTENSION, critical: c.bool(2)?, ..data }))
}

fn of_number(c: &mut Call<'_>) -> Result<Value> {
    let wanted = oid::resolve(&c.str_arg(1, "oid")?);
    let all = collection::items(c)?;
    let number = |v: &Value| v.as_object::<Data>().and_then(|d| oid::number_in(d.oid.as_ref()?));
    Ok(all.iter().find(|v| number(v).is_some_and(|n| *n == *wanted)).cloned().unwrap_or_default())
}

fn at(c: &mut Call<'_>) -> Result<Value> {
    let index = c.int(1)?;
    if index < 0 {
        return Err(Exception::invalid_operation("Enumeration has not started. Call MoveNext."));
    }
    collection::at(c, index)
}

fn copy_to(c: &mut Call<'_>) -> Result<Value> {
    let target = array::array(c.arg(1)).ok_or_else(|| Exception::argument_null("array"))?;
    let start = usize::try_from(c.int(2)?).map_err(|_| super::out_of_range())?;
    let all = collection::items(c)?;
    if start.saturating_add(all.len()) > target.len() {
        let text = "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.";
        return Err(Exception::argument_message(text));
    }
    for (at, value) in all.iter().enumerate() {
        target.put(start + at, value.clone());
    }
    Ok(Value::Null)
}

/// Adds the types.
pub(super) fn define(b: &mut Builder) {
    b.enumeration(
        USAGE_FLAGS,
        true,
        &[
            ("None", 0),
            ("EncipherOnly", 1),
            ("CrlSign", 2),
            ("KeyCertSign", 4),
            ("KeyAgreement", 8),
            ("DataEncipherment", 16),
            ("KeyEncipherment", 32),
            ("NonRepudiation", 64),
            ("DigitalSignature", 128),
            ("DecipherOnly", 32768),
        ],
    );
    b.extend(ASN_DATA).def("string Format(bool multiLine)", |c| {
        let data = data_of(c)?;
        let number = data.oid.as_ref().and_then(oid::number_in).unwrap_or_default();
        Ok(Value::str(format(&number, &data.raw)))
    });
    b.class(EXTENSION)
        .base("AsnEncodedData")
        .def("new(string oid, byte[] rawData, bool critical)", construct)
        .def("new(Oid oid, byte[] rawData, bool critical)", construct)
        .def("bool Critical", |c| Ok(Value::Bool(data_of(c)?.critical)));
    b.class(BASIC)
        .base("X509Extension")
        .def("bool CertificateAuthority", |c| Ok(Value::Bool(constraints(&data_of(c)?.raw).0)))
        .def("bool HasPathLengthConstraint", |c| Ok(Value::Bool(constraints(&data_of(c)?.raw).1.is_some())))
        .def("int PathLengthConstraint", |c| Ok(Value::Int32(constraints(&data_of(c)?.raw).1.unwrap_or(0))));
    b.class(USAGE)
        .base("X509Extension")
        .def("X509KeyUsageFlags KeyUsages", |c| Ok(Value::Enum(USAGE_FLAGS, usages(&data_of(c)?.raw))));
    b.class(ENHANCED)
        .base("X509Extension")
        .def("OidCollection EnhancedKeyUsages", |c| Ok(oid::collection(enhanced(&data_of(c)?.raw).into_iter())));
    b.class(KEY_ID)
        .base("X509Extension")
        .def("string SubjectKeyIdentifier", |c| Ok(Value::str(hex(key_identifier(&data_of(c)?.raw), ""))));
    b.class(COLLECTION)
        .implements(&["IEnumerable<X509Extension>", "IEnumerable", "ICollection"])
        .def("IEnumerator<X509Extension> GetEnumerator()", |c| {
            Ok(new_enumerator(Type::Simple(EXTENSION), c.arg(0).enumerate()?))
        })
        .def("new()", |_| Ok(collection::new(COLLECTION, Vec::new())))
        .def("int Count", collection::count)
        .def("X509Extension this[int index]", at)
        .def("X509Extension this[string oid]", of_number)
        .def("int Add(X509Extension extension)", |c| {
            let extension = c.take(1);
            if extension.is_null() {
                return Err(Exception::argument_null("extension"));
            }
            collection::add(c, extension)
        })
        .def("void CopyTo(X509Extension[] array, int index)", copy_to);
}
