//! Forms that RSA keys come and go in: PKCS #1, PKCS #8, `SubjectPublicKeyInfo`, and the XML of .NET.
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use openssl::bn::{BigNum, BigNumRef};
use openssl::pkey::PKey;
use openssl::rsa::Rsa;

use super::hash;
use super::rsa::{ASYMMETRIC, Key, RSA, replace, with_private, with_public};
use crate::collections::from_bytes;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::system::convert_text::from_base64;
use crate::table::Builder;
use crate::value::Value;

/// Names of the numbers in .NET's XML, in its order; the first two make a public key.
const NAMES: [&str; 8] = ["Modulus", "Exponent", "P", "Q", "DP", "DQ", "InverseQ", "D"];

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    b.class(RSA)
        .def("byte[] ExportRSAPublicKey()", |c| {
            with_public(c, |key| key.rsa().and_then(|r| r.public_key_to_der_pkcs1()).map_err(super::failed))
                .map(from_bytes)
        })
        .def("byte[] ExportRSAPrivateKey()", |c| {
            with_private(c, |key| key.rsa().and_then(|r| r.private_key_to_der()).map_err(super::failed)).map(from_bytes)
        })
        .def("void ImportRSAPublicKey(byte[] source, out int bytesRead)", |c| {
            import(c, |der| Rsa::public_key_from_der_pkcs1(der).and_then(PKey::from_rsa).ok().map(Key::Public))
        })
        .def("void ImportSubjectPublicKeyInfo(byte[] source, out int bytesRead)", |c| {
            import(c, |der| Rsa::public_key_from_der(der).and_then(PKey::from_rsa).ok().map(Key::Public))
        })
        .def("void ImportRSAPrivateKey(byte[] source, out int bytesRead)", |c| {
            import(c, |der| Rsa::private_key_from_der(der).and_then(PKey::from_rsa).ok().map(Key::Private))
        })
        .def("void ImportPkcs8PrivateKey(byte[] source, out int bytesRead)", |c| {
            import(c, |der| {
                let key = PKey::private_key_from_pkcs8(der).ok()?;
                key.rsa().is_ok().then_some(Key::Private(key))
            })
        });
    b.class(ASYMMETRIC)
        .def("byte[] ExportSubjectPublicKeyInfo()", |c| {
            with_public(c, |key| key.public_key_to_der().map_err(super::failed)).map(from_bytes)
        })
        .def("byte[] ExportPkcs8PrivateKey()", |c| {
            with_private(c, |key| key.private_key_to_pkcs8().map_err(super::failed)).map(from_bytes)
        })
        .def("string ToXmlString(bool includePrivateParameters)", to_xml)
        .def("void FromXmlString(string xmlString)", from_xml);
}

/// Takes a key in DER; what follows it does not count.
fn import(c: &mut Call<'_>, read: fn(&[u8]) -> Option<Key>) -> Result<Value> {
    let bytes = hash::bytes_arg(c, 1, "source")?;
    let bad = || Exception::cryptographic("ASN1 corrupted data.");
    let first = super::der::Items(&bytes).next().ok_or_else(bad)?;
    let key = read(first.whole).ok_or_else(bad)?;
    replace(c, key)?;
    c.set(2, Value::Int32(i32::try_from(first.whole.len()).unwrap_or(i32::MAX)));
    Ok(Value::Null)
}

fn to_xml(c: &mut Call<'_>) -> Result<Value> {
    let numbers: Vec<Vec<u8>> = if c.bool(1)? {
        with_private(c, |key| {
            let rsa = key.rsa().map_err(super::failed)?;
            let (size, half) = (i32::try_from(rsa.size()).unwrap_or(0), i32::try_from(rsa.size() / 2).unwrap_or(0));
            let padded = |n: Option<&BigNumRef>, length: i32| {
                n.and_then(|n| n.to_vec_padded(length).ok())
                    .ok_or_else(|| Exception::cryptographic("Key does not exist."))
            };
            Ok(vec![
                rsa.n().to_vec(),
                rsa.e().to_vec(),
                padded(rsa.p(), half)?,
                padded(rsa.q(), half)?,
                padded(rsa.dmp1(), half)?,
                padded(rsa.dmq1(), half)?,
                padded(rsa.iqmp(), half)?,
                padded(Some(rsa.d()), size)?,
            ])
        })?
    } else {
        with_public(c, |key| {
            let rsa = key.rsa().map_err(super::failed)?;
            Ok(vec![rsa.n().to_vec(), rsa.e().to_vec()])
        })?
    };
    let mut out = "<RSAKeyValue>".to_owned();
    for (name, number) in NAMES.iter().zip(&numbers) {
        out.push_str(&format!("<{name}>{}</{name}>", BASE64_STANDARD.encode(number)));
    }
    Ok(Value::str(out + "</RSAKeyValue>"))
}

fn from_xml(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_arg(1, "xmlString")?;
    c.cx.charge_bytes(text.len())?;
    let bad = |name: &str| {
        Exception::cryptographic(format!(
            "Input string does not contain a valid encoding of the 'RSA' '{name}' parameter."
        ))
    };
    let number = |name: &str| -> Result<Option<BigNum>> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let inside = text.split_once(&*open).and_then(|(_, rest)| rest.split_once(&*close)).map(|(inside, _)| inside);
        let Some(inside) = inside else { return Ok(None) };
        let bytes = from_base64(inside)?;
        BigNum::from_slice(&bytes).map(Some).map_err(super::failed)
    };
    let mut all = Vec::new();
    for name in NAMES {
        all.push(number(name)?);
    }
    let Ok([n, e, p, q, dp, dq, qi, d]) = <[Option<BigNum>; 8]>::try_from(all) else { return Err(bad("Modulus")) };
    let (n, e) = (n.ok_or_else(|| bad("Modulus"))?, e.ok_or_else(|| bad("Exponent"))?);
    let key = match (d, p, q, dp, dq, qi) {
        (Some(d), Some(p), Some(q), Some(dp), Some(dq), Some(qi)) => {
            let rsa = Rsa::from_private_components(n, e, d, p, q, dp, dq, qi);
            Key::Private(rsa.and_then(PKey::from_rsa).map_err(super::failed)?)
        }
        _ => Key::Public(Rsa::from_public_components(n, e).and_then(PKey::from_rsa).map_err(super::failed)?),
    };
    replace(c, key)
}
