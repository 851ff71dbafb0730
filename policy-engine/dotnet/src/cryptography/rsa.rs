//! `RSA` and what its methods take: `HashAlgorithmName`, paddings, `RSAParameters`. The run-time type is `RSACng`, as on the gateway.
use std::any::Any;

use openssl::bn::BigNum;
use openssl::encrypt::{Decrypter, Encrypter};
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer, Verifier};
use parking_lot::Mutex;

use super::hash::{self, Digest};
use super::symmetric;
use crate::ambient::Ambient;
use crate::collections::{array, from_bytes};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::text::io;
use crate::types::{Type, TypeId};
use crate::value::{Object, Str, Value};

pub(super) const ASYMMETRIC: TypeId = TypeId("System.Security.Cryptography.AsymmetricAlgorithm");
pub(super) const RSA: TypeId = TypeId("System.Security.Cryptography.RSA");
const RSA_CNG: TypeId = TypeId("System.Security.Cryptography.RSACng");
const PARAMETERS: TypeId = TypeId("System.Security.Cryptography.RSAParameters");
const HASH_NAME: TypeId = TypeId("System.Security.Cryptography.HashAlgorithmName");
const SIGNATURE_PADDING: TypeId = TypeId("System.Security.Cryptography.RSASignaturePadding");
const SIGNATURE_MODE: TypeId = TypeId("System.Security.Cryptography.RSASignaturePaddingMode");
const ENCRYPTION_MODE: TypeId = TypeId("System.Security.Cryptography.RSAEncryptionPaddingMode");
const ENCRYPTION_PADDING: TypeId = TypeId("System.Security.Cryptography.RSAEncryptionPadding");

/// Steps that one private-key operation costs; it takes about a millisecond.
const PRIVATE_STEPS: u64 = 20_000;
/// Steps that making a key costs.
const GENERATE_STEPS: u64 = 400_000;
const DEFAULT_BITS: u32 = 2048;
const MAX_BITS: u32 = 4096;

pub(super) enum Key {
    /// Made on first use.
    Pending(u32),
    Private(PKey<Private>),
    Public(PKey<Public>),
    Disposed,
}

struct RsaObject(Mutex<Key>);

impl Object for RsaObject {
    fn net_type(&self) -> Type {
        Type::Simple(RSA_CNG)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn dispose(&self) {
        *self.0.lock() = Key::Disposed;
    }
}

/// A value of one of the small named types.
#[derive(PartialEq, Eq)]
struct Named {
    type_id: TypeId,
    name: Str,
    /// Hash of OAEP.
    digest: Option<Digest>,
}

impl Object for Named {
    fn net_type(&self) -> Type {
        Type::Simple(self.type_id)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(self.name.clone())
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<Named>() == Some(self)
    }
    fn hash_code(&self) -> i32 {
        crate::object::text_hash(self.name.bytes())
    }
}

#[derive(Default)]
struct Parameters(Mutex<[Option<Vec<u8>>; 8]>);

impl Object for Parameters {
    fn net_type(&self) -> Type {
        Type::Simple(PARAMETERS)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// An `RSA` over a private key.
pub(super) fn private(key: PKey<Private>) -> Value {
    Value::object(RsaObject(Mutex::new(Key::Private(key))))
}

/// An `RSA` over a public key.
pub(super) fn public(key: PKey<Public>) -> Value {
    Value::object(RsaObject(Mutex::new(Key::Public(key))))
}

fn this(value: &Value) -> Result<&RsaObject> {
    value.as_object::<RsaObject>().ok_or_else(Exception::null_reference)
}

fn disposed() -> Exception {
    Exception::object_disposed("Cannot access a disposed object.\nObject name: 'RSACng'.")
}

/// Puts another key in the place of the receiver's.
pub(super) fn replace(c: &mut Call<'_>, key: Key) -> Result<Value> {
    *this(c.arg(0))?.0.lock() = key;
    Ok(Value::Null)
}

/// Makes the pending key.
fn settle(cx: &mut dyn Ambient, key: &mut Key) -> Result<()> {
    if let Key::Pending(bits) = key {
        cx.charge_steps(GENERATE_STEPS)?;
        let made = Rsa::generate(*bits).and_then(PKey::from_rsa).map_err(super::failed)?;
        *key = Key::Private(made);
    }
    Ok(())
}

pub(super) fn with_private<T>(c: &mut Call<'_>, f: impl FnOnce(&PKey<Private>) -> Result<T>) -> Result<T> {
    let receiver = c.arg(0).clone();
    let mut key = this(&receiver)?.0.lock();
    c.cx.charge_steps(PRIVATE_STEPS)?;
    settle(c.cx, &mut key)?;
    match &*key {
        Key::Private(key) => f(key),
        Key::Disposed => Err(disposed()),
        _ => Err(Exception::cryptographic("Key does not exist.")),
    }
}

pub(super) fn with_public<T>(c: &mut Call<'_>, f: impl FnOnce(&PKey<Public>) -> Result<T>) -> Result<T> {
    let receiver = c.arg(0).clone();
    let mut key = this(&receiver)?.0.lock();
    c.cx.charge_steps(PRIVATE_STEPS / 20)?;
    settle(c.cx, &mut key)?;
    match &*key {
        Key::Public(key) => f(key),
        Key::Private(key) => {
            let public =
                key.public_key_to_der().and_then(|der| PKey::public_key_from_der(&der)).map_err(super::failed)?;
            f(&public)
        }
        _ => Err(disposed()),
    }
}

pub(super) fn digest_arg(c: &Call<'_>, n: usize) -> Result<Digest> {
    let name = c.arg(n).as_object::<Named>().map(|n| n.name.clone()).unwrap_or_else(|| "".into());
    if name.is_empty() {
        return Err(Exception::argument("The hash algorithm name cannot be null or empty.", "hashAlgorithm"));
    }
    Digest::named(&name).ok_or_else(|| Exception::cryptographic(format!("'{name}' is not a known hash algorithm.")))
}

fn is_pss(c: &Call<'_>, n: usize) -> Result<bool> {
    let padding = c.arg(n).as_object::<Named>().ok_or_else(|| Exception::argument_null("padding"))?;
    Ok(&*padding.name == "Pss")
}

fn sign(c: &mut Call<'_>) -> Result<Value> {
    let data = hash::bytes_arg(c, 1, "data")?;
    let (data, at) = if c.args.len() > 4 { (hash::window(c, &data, 2)?, 4) } else { (data, 2) };
    let (digest, pss) = (digest_arg(c, at)?, is_pss(c, at + 1)?);
    hash::charge(c.cx, data.len())?;
    let signature = with_private(c, |key| {
        let mut signer = Signer::new(digest.openssl(), key).map_err(super::failed)?;
        if pss {
            signer.set_rsa_padding(Padding::PKCS1_PSS).map_err(super::failed)?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).map_err(super::failed)?;
        }
        signer.sign_oneshot_to_vec(&data).map_err(super::failed)
    })?;
    Ok(from_bytes(signature))
}

fn verify(c: &mut Call<'_>) -> Result<Value> {
    let (data, signature) = (hash::bytes_arg(c, 1, "data")?, hash::bytes_arg(c, 2, "signature")?);
    let (digest, pss) = (digest_arg(c, 3)?, is_pss(c, 4)?);
    hash::charge(c.cx, data.len())?;
    let good = with_public(c, |key| {
        let mut verifier = Verifier::new(digest.openssl(), key).map_err(super::failed)?;
        if pss {
            verifier.set_rsa_padding(Padding::PKCS1_PSS).map_err(super::failed)?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).map_err(super::failed)?;
        }
        Ok(verifier.verify_oneshot(&signature, &data).unwrap_or(false))
    })?;
    Ok(Value::Bool(good))
}

fn sign_hash(c: &mut Call<'_>) -> Result<Value> {
    let hash = hash::bytes_arg(c, 1, "hash")?;
    let (digest, pss) = (digest_arg(c, 2)?, is_pss(c, 3)?);
    let signature = with_private(c, |key| {
        let mut ctx = openssl::pkey_ctx::PkeyCtx::new(key).map_err(super::failed)?;
        ctx.sign_init().map_err(super::failed)?;
        ctx.set_rsa_padding(if pss { Padding::PKCS1_PSS } else { Padding::PKCS1 }).map_err(super::failed)?;
        let md = openssl::md::Md::from_nid(digest.openssl().type_());
        ctx.set_signature_md(md.ok_or_else(|| Exception::cryptographic("unknown hash algorithm"))?)
            .map_err(super::failed)?;
        let mut out = Vec::new();
        ctx.sign_to_vec(&hash, &mut out).map_err(super::failed)?;
        Ok(out)
    })?;
    Ok(from_bytes(signature))
}

fn verify_hash(c: &mut Call<'_>) -> Result<Value> {
    let (hash, signature) = (hash::bytes_arg(c, 1, "hash")?, hash::bytes_arg(c, 2, "signature")?);
    let (digest, pss) = (digest_arg(c, 3)?, is_pss(c, 4)?);
    let good = with_public(c, |key| {
        let mut ctx = openssl::pkey_ctx::PkeyCtx::new(key).map_err(super::failed)?;
        ctx.verify_init().map_err(super::failed)?;
        ctx.set_rsa_padding(if pss { Padding::PKCS1_PSS } else { Padding::PKCS1 }).map_err(super::failed)?;
        let md = openssl::md::Md::from_nid(digest.openssl().type_());
        ctx.set_signature_md(md.ok_or_else(|| Exception::cryptographic("unknown hash algorithm"))?)
            .map_err(super::failed)?;
        Ok(ctx.verify(&hash, &signature).unwrap_or(false))
    })?;
    Ok(Value::Bool(good))
}

/// OAEP's hash, or `None` for PKCS #1.
fn encryption_padding(c: &Call<'_>, n: usize) -> Result<Option<Digest>> {
    let padding = c.arg(n).as_object::<Named>().ok_or_else(|| Exception::argument_null("padding"))?;
    Ok(padding.digest)
}

fn encrypt(c: &mut Call<'_>) -> Result<Value> {
    let (data, oaep) = (hash::bytes_arg(c, 1, "data")?, encryption_padding(c, 2)?);
    let out = with_public(c, |key| {
        let mut e = Encrypter::new(key).map_err(super::failed)?;
        e.set_rsa_padding(if oaep.is_some() { Padding::PKCS1_OAEP } else { Padding::PKCS1 }).map_err(super::failed)?;
        if let Some(digest) = oaep {
            e.set_rsa_oaep_md(digest.openssl()).map_err(super::failed)?;
            e.set_rsa_mgf1_md(digest.openssl()).map_err(super::failed)?;
        }
        let mut out = vec![0; e.encrypt_len(&data).map_err(super::failed)?];
        let len = e.encrypt(&data, &mut out).map_err(super::failed)?;
        out.truncate(len);
        Ok(out)
    })?;
    Ok(from_bytes(out))
}

fn decrypt(c: &mut Call<'_>) -> Result<Value> {
    let (data, oaep) = (hash::bytes_arg(c, 1, "data")?, encryption_padding(c, 2)?);
    let out = with_private(c, |key| {
        let mut d = Decrypter::new(key).map_err(super::failed)?;
        d.set_rsa_padding(if oaep.is_some() { Padding::PKCS1_OAEP } else { Padding::PKCS1 }).map_err(super::failed)?;
        if let Some(digest) = oaep {
            d.set_rsa_oaep_md(digest.openssl()).map_err(super::failed)?;
            d.set_rsa_mgf1_md(digest.openssl()).map_err(super::failed)?;
        }
        let mut out = vec![0; d.decrypt_len(&data).map_err(super::failed)?];
        let len = d.decrypt(&data, &mut out).map_err(super::failed)?;
        out.truncate(len);
        Ok(out)
    })?;
    Ok(from_bytes(out))
}

fn export(c: &mut Call<'_>) -> Result<Value> {
    let include_private = c.bool(1)?;
    let parts: [Option<Vec<u8>>; 8] = if include_private {
        with_private(c, |key| {
            let rsa = key.rsa().map_err(super::failed)?;
            let (size, half) = (i32::try_from(rsa.size()).unwrap_or(0), i32::try_from(rsa.size() / 2).unwrap_or(0));
            let padded = |n: &openssl::bn::BigNumRef, len: i32| n.to_vec_padded(len).ok();
            Ok([
                padded(rsa.n(), size),
                Some(rsa.e().to_vec()),
                padded(rsa.d(), size),
                rsa.p().and_then(|n| padded(n, half)),
                rsa.q().and_then(|n| padded(n, half)),
                rsa.dmp1().and_then(|n| padded(n, half)),
                rsa.dmq1().and_then(|n| padded(n, half)),
                rsa.iqmp().and_then(|n| padded(n, half)),
            ])
        })?
    } else {
        with_public(c, |key| {
            let rsa = key.rsa().map_err(super::failed)?;
            Ok([Some(rsa.n().to_vec()), Some(rsa.e().to_vec()), None, None, None, None, None, None])
        })?
    };
    Ok(Value::object(Parameters(Mutex::new(parts))))
}

fn import(value: &Value) -> Result<Key> {
    let parameters = value.as_object::<Parameters>().ok_or_else(|| Exception::argument_null("parameters"))?;
    let parts = parameters.0.lock().clone();
    let invalid = || {
        Exception::cryptographic(
            "The specified RSA parameters are not valid; both Exponent and Modulus are required fields.",
        )
    };
    let number =
        |n: usize| parts.get(n).cloned().flatten().map(|b| BigNum::from_slice(&b).map_err(super::failed)).transpose();
    let (n, e) = (number(0)?.ok_or_else(invalid)?, number(1)?.ok_or_else(invalid)?);
    let Some(d) = number(2)? else {
        let rsa = Rsa::from_public_components(n, e).map_err(super::failed)?;
        return Ok(Key::Public(PKey::from_rsa(rsa).map_err(super::failed)?));
    };
    let mut all = Vec::new();
    for i in 3..8 {
        all.push(number(i)?.ok_or_else(invalid)?);
    }
    let Ok([p, q, dp, dq, qi]) = <[BigNum; 5]>::try_from(all) else { return Err(invalid()) };
    let rsa = Rsa::from_private_components(n, e, d, p, q, dp, dq, qi).map_err(super::failed)?;
    Ok(Key::Private(PKey::from_rsa(rsa).map_err(super::failed)?))
}

fn create(c: &mut Call<'_>) -> Result<Value> {
    let key = match c.args.first() {
        None => Key::Pending(DEFAULT_BITS),
        Some(Value::Int32(bits)) => match u32::try_from(*bits) {
            Ok(bits) if (512..=MAX_BITS).contains(&bits) && bits % 8 == 0 => Key::Pending(bits),
            _ => return Err(Exception::cryptographic("Specified key is not a valid size for this algorithm.")),
        },
        Some(other) => import(other)?,
    };
    Ok(Value::object(RsaObject(Mutex::new(key))))
}

/// What .NET registers under the names of RSA starts with 1024 bits.
fn create_named(c: &mut Call<'_>) -> Result<Value> {
    let name = c.str_arg(0, "name")?;
    let short = name.strip_prefix("System.Security.Cryptography.").unwrap_or(&name);
    let known = short.eq_ignore_ascii_case("RSA");
    Ok(if known { Value::object(RsaObject(Mutex::new(Key::Pending(1024)))) } else { Value::Null })
}

fn key_size(c: &mut Call<'_>) -> Result<Value> {
    let bits = match &*this(c.arg(0))?.0.lock() {
        Key::Pending(bits) => *bits,
        Key::Private(key) => key.bits(),
        Key::Public(key) => key.bits(),
        Key::Disposed => return Err(disposed()),
    };
    Ok(Value::Int32(i32::try_from(bits).unwrap_or(0)))
}

/// `ImportFromPem`, private or public.
fn import_pem(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_arg(1, "input")?;
    let bytes = text.as_bytes();
    let key = if let Ok(key) = PKey::private_key_from_pem_passphrase(bytes, b"") {
        Key::Private(key)
    } else {
        let public = PKey::public_key_from_pem(bytes)
            .or_else(|_| Rsa::public_key_from_pem_pkcs1(bytes).and_then(PKey::from_rsa));
        Key::Public(public.map_err(|_| Exception::argument("No supported key formats were found.", "input"))?)
    };
    replace(c, key)
}

fn named(type_id: TypeId, name: &str, digest: Option<Digest>) -> Result<Value> {
    Ok(Value::object(Named { type_id, name: name.into(), digest }))
}

fn same(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(crate::object::equals(c.arg(0), c.arg(1))))
}

fn different(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Bool(!crate::object::equals(c.arg(0), c.arg(1))))
}

fn dispose(c: &mut Call<'_>) -> Result<Value> {
    if let Value::Object(o) = c.arg(0) {
        o.dispose();
    }
    Ok(Value::Null)
}

fn get_part(c: &mut Call<'_>, n: usize) -> Result<Value> {
    let p = c.arg(0).as_object::<Parameters>().ok_or_else(Exception::null_reference)?;
    Ok(p.0.lock().get(n).cloned().flatten().map_or(Value::Null, from_bytes))
}

fn set_part(c: &mut Call<'_>, n: usize) -> Result<Value> {
    let bytes = array::bytes(c.arg(1));
    let p = c.arg(0).as_object::<Parameters>().ok_or_else(Exception::null_reference)?;
    if let Some(slot) = p.0.lock().get_mut(n) {
        *slot = bytes;
    }
    Ok(Value::Null)
}

/// Adds the types.
pub(super) fn define(b: &mut Builder) {
    define_named(b);
    b.class(ASYMMETRIC)
        .implements(&["IDisposable"])
        .def("static AsymmetricAlgorithm Create()", hash::no_default)
        .def("static AsymmetricAlgorithm Create(string algName)", create_named)
        .def("int KeySize", key_size)
        .def("KeySizes[] LegalKeySizes", |_| Ok(symmetric::sizes(&[(512, 16384, 8)])))
        .def("string SignatureAlgorithm", |_| Ok(Value::str("RSA")))
        .def("string KeyExchangeAlgorithm", |_| Ok(Value::str("RSA")))
        .def("void Clear()", dispose)
        .def("void Dispose()", dispose);
    b.class(PARAMETERS)
        .def("new()", |_| Ok(Value::object(Parameters::default())))
        .get_set("byte[] Modulus", |c| get_part(c, 0), |c| set_part(c, 0))
        .get_set("byte[] Exponent", |c| get_part(c, 1), |c| set_part(c, 1))
        .get_set("byte[] D", |c| get_part(c, 2), |c| set_part(c, 2))
        .get_set("byte[] P", |c| get_part(c, 3), |c| set_part(c, 3))
        .get_set("byte[] Q", |c| get_part(c, 4), |c| set_part(c, 4))
        .get_set("byte[] DP", |c| get_part(c, 5), |c| set_part(c, 5))
        .get_set("byte[] DQ", |c| get_part(c, 6), |c| set_part(c, 6))
        .get_set("byte[] InverseQ", |c| get_part(c, 7), |c| set_part(c, 7));
    b.class(RSA)
        .base("AsymmetricAlgorithm")
        .def("static RSA Create()", create)
        .def("static RSA Create(int keySizeInBits)", create)
        .def("static RSA Create(RSAParameters parameters)", create)
        .def("static RSA Create(string algName)", create_named)
        .def("byte[] EncryptValue(byte[] rgb)", |_| Err(Exception::not_supported("Method not supported.")))
        .def("byte[] DecryptValue(byte[] rgb)", |_| Err(Exception::not_supported("Method not supported.")))
        .def(
            "bool VerifyData(System.IO.Stream data, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)",
            |c| {
                let rest = io::rest_of_stream(c.arg(1))?;
                c.cx.charge_bytes(rest.len())?;
                c.set(1, from_bytes(rest));
                verify(c)
            },
        )
        .def("byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", sign)
        .def(
            "byte[] SignData(byte[] data, int offset, int count, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)",
            sign,
        )
        .def("byte[] SignData(System.IO.Stream data, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", |c| {
            let rest = io::rest_of_stream(c.arg(1))?;
            c.cx.charge_bytes(rest.len())?;
            c.set(1, from_bytes(rest));
            sign(c)
        })
        .def(
            "bool VerifyData(byte[] data, int offset, int count, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)",
            |c| {
                let data = hash::bytes_arg(c, 1, "data")?;
                let data = hash::window(c, &data, 2)?;
                let mut args = [c.take(0), from_bytes(data), c.take(4), c.take(5), c.take(6)];
                verify(&mut Call { cx: &mut *c.cx, types: &[], args: &mut args })
            },
        )
        .def("byte[] SignHash(byte[] hash, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)", sign_hash)
        .def(
            "bool VerifyData(byte[] data, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)",
            verify,
        )
        .def(
            "bool VerifyHash(byte[] hash, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)",
            verify_hash,
        )
        .def("byte[] Encrypt(byte[] data, RSAEncryptionPadding padding)", encrypt)
        .def("byte[] Decrypt(byte[] data, RSAEncryptionPadding padding)", decrypt)
        .def("RSAParameters ExportParameters(bool includePrivateParameters)", export)
        .def("void ImportParameters(RSAParameters parameters)", |c| {
            let key = import(c.arg(1))?;
            replace(c, key)
        })
        .def("void ImportFromPem(string input)", import_pem);
    b.class(RSA_CNG).base("RSA").def("new()", create).def("new(int keySize)", create);
}

fn define_named(b: &mut Builder) {
    b.enumeration(SIGNATURE_MODE, false, &[("Pkcs1", 0), ("Pss", 1)]);
    b.enumeration(ENCRYPTION_MODE, false, &[("Pkcs1", 0), ("Oaep", 1)]);
    b.class(HASH_NAME)
        .pure("new(string name)", |c| {
            let name = c.str_or_null(0).unwrap_or_else(|| "".into());
            named(HASH_NAME, &name, None)
        })
        .pure("static HashAlgorithmName MD5", |_| named(HASH_NAME, "MD5", None))
        .pure("static HashAlgorithmName SHA1", |_| named(HASH_NAME, "SHA1", None))
        .pure("static HashAlgorithmName SHA256", |_| named(HASH_NAME, "SHA256", None))
        .pure("static HashAlgorithmName SHA384", |_| named(HASH_NAME, "SHA384", None))
        .pure("static HashAlgorithmName SHA512", |_| named(HASH_NAME, "SHA512", None))
        .pure("string Name", |c| {
            Ok(Value::Str(c.arg(0).as_object::<Named>().map_or_else(|| "".into(), |n| n.name.clone())))
        })
        .pure("bool Equals(HashAlgorithmName other)", same)
        .pure("static bool operator ==(HashAlgorithmName left, HashAlgorithmName right)", same)
        .pure("static bool operator !=(HashAlgorithmName left, HashAlgorithmName right)", different);
    b.class(SIGNATURE_PADDING)
        .pure("static RSASignaturePadding Pkcs1", |_| named(SIGNATURE_PADDING, "Pkcs1", None))
        .pure("static RSASignaturePadding Pss", |_| named(SIGNATURE_PADDING, "Pss", None))
        .pure("RSASignaturePaddingMode Mode", |c| {
            let is_pss = c.arg(0).as_object::<Named>().is_some_and(|n| &*n.name == "Pss");
            Ok(Value::Enum(SIGNATURE_MODE, i32::from(is_pss)))
        })
        .pure("bool Equals(RSASignaturePadding other)", same)
        .pure("static bool operator ==(RSASignaturePadding left, RSASignaturePadding right)", same)
        .pure("static bool operator !=(RSASignaturePadding left, RSASignaturePadding right)", different);
    b.class(ENCRYPTION_PADDING)
        .pure("static RSAEncryptionPadding Pkcs1", |_| named(ENCRYPTION_PADDING, "Pkcs1", None))
        .pure("static RSAEncryptionPadding OaepSHA1", |_| named(ENCRYPTION_PADDING, "OaepSHA1", Some(Digest::Sha1)))
        .pure("static RSAEncryptionPadding OaepSHA256", |_| {
            named(ENCRYPTION_PADDING, "OaepSHA256", Some(Digest::Sha256))
        })
        .pure("static RSAEncryptionPadding OaepSHA384", |_| {
            named(ENCRYPTION_PADDING, "OaepSHA384", Some(Digest::Sha384))
        })
        .pure("static RSAEncryptionPadding OaepSHA512", |_| {
            named(ENCRYPTION_PADDING, "OaepSHA512", Some(Digest::Sha512))
        })
        .pure("static RSAEncryptionPadding CreateOaep(HashAlgorithmName hashAlgorithm)", |c| {
            let digest = digest_arg(c, 0)?;
            named(ENCRYPTION_PADDING, &format!("Oaep{}", digest.name()), Some(digest))
        })
        .pure("RSAEncryptionPaddingMode Mode", |c| {
            let is_oaep = c.arg(0).as_object::<Named>().is_some_and(|n| n.digest.is_some());
            Ok(Value::Enum(ENCRYPTION_MODE, i32::from(is_oaep)))
        })
        .pure("HashAlgorithmName OaepHashAlgorithm", |c| {
            let digest = c.arg(0).as_object::<Named>().and_then(|n| n.digest);
            named(HASH_NAME, digest.map_or("", Digest::name), None)
        })
        .pure("bool Equals(RSAEncryptionPadding other)", same)
        .pure("static bool operator ==(RSAEncryptionPadding left, RSAEncryptionPadding right)", same)
        .pure("static bool operator !=(RSAEncryptionPadding left, RSAEncryptionPadding right)", different);
}
