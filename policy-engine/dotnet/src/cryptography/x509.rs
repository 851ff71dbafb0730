//! `X509Certificate2`: certificates from bytes, from the client's handshake or from the configuration.
//!
//! Deliberately absent: `Verify` never goes to the network, so revocation is not checked; it judges dates and the chain up to the
//! system's trusted roots.
use std::any::Any;
use std::sync::{Arc, LazyLock};

use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{Id, PKey, Private};
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::{X509, X509NameRef, X509StoreContext};
use parking_lot::RwLock;

use super::hash::{self, Digest};
use super::{oid, rsa, x509_extensions, x509_name};
use crate::ambient::Ambient;
use crate::collections::from_bytes;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{DateTime, Object, Str, Value};

pub(super) const CERTIFICATE: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509Certificate");
pub(super) const CERTIFICATE2: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509Certificate2");
const DISTINGUISHED_NAME: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X500DistinguishedName");
const PUBLIC_KEY: TypeId = TypeId("System.Security.Cryptography.X509Certificates.PublicKey");
const KEY_STORAGE: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509KeyStorageFlags");
const NAME_FLAGS: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X500DistinguishedNameFlags");
const CONTENT_TYPE: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509ContentType");
const NAME_TYPE: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509NameType");
const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks of 1970-01-01.
const UNIX_EPOCH: i64 = 621_355_968_000_000_000;
/// Steps that checking a chain costs.
const VERIFY_STEPS: u64 = 20_000;

/// A certificate until it is disposed of.
struct Certificate(RwLock<Option<Arc<Loaded>>>);

pub(super) struct Loaded {
    pub(super) cert: X509,
    pub(super) key: Option<PKey<Private>>,
}

pub(super) fn made(cert: X509, key: Option<PKey<Private>>) -> Value {
    Value::object(Certificate(RwLock::new(Some(Arc::new(Loaded { cert, key })))))
}

impl Object for Certificate {
    fn net_type(&self) -> Type {
        Type::Simple(CERTIFICATE2)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        let Some(loaded) = self.0.read().clone() else { return Ok(CERTIFICATE2.0.into()) };
        let c = &loaded.cert;
        let time = |t: &Asn1TimeRef| ticks(t).map(invariant_date);
        Ok(format!(
            "[Subject]\n  {}\n\n[Issuer]\n  {}\n\n[Serial Number]\n  {}\n\n[Not Before]\n  {}\n\n[Not After]\n  {}\n\n[Thumbprint]\n  {}\n",
            x509_name::text(c.subject_name()),
            x509_name::text(c.issuer_name()),
            hex(&serial(c)?),
            time(c.not_before())?,
            time(c.not_after())?,
            hex(&fingerprint(c, Digest::Sha1)?)
        )
        .into())
    }
    fn equals(&self, other: &Value) -> bool {
        let (mine, other) = (self.0.read().clone(), other.as_object::<Certificate>().and_then(|o| o.0.read().clone()));
        mine.zip(other).is_some_and(|(a, b)| a.cert == b.cert)
    }
    fn hash_code(&self) -> i32 {
        let loaded = self.0.read().clone();
        loaded
            .and_then(|l| fingerprint(&l.cert, Digest::Sha1).ok())
            .and_then(|f| Some(i32::from_be_bytes(f.first_chunk::<4>().copied()?)))
            .unwrap_or(0)
    }
}

/// `X500DistinguishedName`: its DER, and its parts in the order of that.
struct Name {
    parts: Vec<String>,
    raw: Vec<u8>,
}

impl Object for Name {
    fn net_type(&self) -> Type {
        Type::Simple(DISTINGUISHED_NAME)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct PublicKey(X509);

impl Object for PublicKey {
    fn net_type(&self) -> Type {
        Type::Simple(PUBLIC_KEY)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A certificate in DER, with its private key if known: for `context.Request.Certificate` and `context.Deployment.Certificates`.
pub fn certificate(der: &[u8], key: Option<PKey<Private>>) -> Result<Value> {
    let cert = X509::from_der(der).map_err(super::failed)?;
    Ok(made(cert, key))
}

/// A certificate and its key from a PKCS #12 file.
pub fn from_pfx(pfx: &[u8], password: &str) -> Result<Value> {
    let wrong = || Exception::cryptographic("The specified network password is not correct.");
    let parsed = Pkcs12::from_der(pfx).map_err(super::failed)?.parse2(password).map_err(|_| wrong())?;
    let cert = parsed.cert.ok_or_else(|| Exception::cryptographic("Cannot find the requested object."))?;
    Ok(made(cert, parsed.pkey))
}

/// A certificate in PEM, with the private key that stands beside it, if any.
pub fn from_pem(pem: &[u8]) -> Result<Value> {
    let cert = X509::from_pem(pem).map_err(super::failed)?;
    let key = PKey::private_key_from_pem_passphrase(pem, b"").ok();
    Ok(made(cert, key))
}

/// `X509Certificate2` from what a file may hold: DER, PEM, bare base64, PKCS #12.
fn from_any(bytes: &[u8], password: &str) -> Result<Value> {
    if bytes.is_empty() {
        return Err(Exception::argument("Array may not be empty or null.", "rawData"));
    }
    if let Ok(cert) = X509::from_der(bytes).or_else(|_| X509::from_pem(bytes)) {
        return Ok(made(cert, None));
    }
    if let Ok(value) = from_pfx(bytes, password) {
        return Ok(value);
    }
    let text: String = String::from_utf8_lossy(bytes).split_whitespace().collect();
    let decoded = openssl::base64::decode_block(&text).ok().filter(|d| !d.is_empty());
    let cert = decoded.and_then(|der| X509::from_der(&der).ok());
    let cert = cert.ok_or_else(|| match Pkcs12::from_der(bytes) {
        Ok(_) => Exception::cryptographic("The specified network password is not correct."),
        Err(_) => Exception::cryptographic("Cannot find the requested object."),
    })?;
    Ok(made(cert, None))
}

fn construct(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).as_object::<Certificate>().is_some() {
        let other = this(c)?;
        return Ok(made(other.cert.clone(), other.key.clone()));
    }
    let bytes = hash::bytes_arg(c, 0, "rawData")?;
    let password = c.str_or_null(1).unwrap_or_else(|| "".into());
    c.cx.charge_steps(VERIFY_STEPS / 4)?;
    from_any(&bytes, &password)
}

fn holder<'a>(c: &'a Call<'_>) -> Result<&'a Certificate> {
    c.args.first().and_then(Value::as_object::<Certificate>).ok_or_else(Exception::null_reference)
}

pub(super) fn this(c: &Call<'_>) -> Result<Arc<Loaded>> {
    let loaded = holder(c)?.0.read().clone();
    loaded.ok_or_else(|| Exception::cryptographic("m_safeCertContext is an invalid handle."))
}

/// `Reset` and `Dispose`: nothing can be asked any more.
fn reset(c: &mut Call<'_>) -> Result<Value> {
    *holder(c)?.0.write() = None;
    Ok(Value::Null)
}

/// Upper-case hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}

fn serial(cert: &X509) -> Result<Vec<u8>> {
    let mut bytes = cert.serial_number().to_bn().map_err(super::failed)?.to_vec();
    // The encoding keeps a zero before a set top bit, and .NET shows it.
    if bytes.first().is_none_or(|b| *b >= 0x80) {
        bytes.insert(0, 0);
    }
    Ok(bytes)
}

fn fingerprint(cert: &X509, digest: Digest) -> Result<Vec<u8>> {
    cert.digest(digest.openssl()).map(|d| d.to_vec()).map_err(super::failed)
}

fn ticks(time: &Asn1TimeRef) -> Result<i64> {
    let epoch = Asn1Time::from_unix(0).map_err(super::failed)?;
    let diff = epoch.diff(time).map_err(super::failed)?;
    let seconds = i64::from(diff.days) * 86_400 + i64::from(diff.secs);
    Ok(UNIX_EPOCH + seconds * TICKS_PER_SECOND)
}

/// Local time, and the local zone is UTC.
fn local(time: &Asn1TimeRef) -> Result<Value> {
    Ok(Value::DateTime(DateTime { ticks: ticks(time)?, kind: 2 }))
}

/// `MM/dd/yyyy HH:mm:ss`
fn invariant_date(ticks: i64) -> String {
    let seconds = ticks.div_euclid(TICKS_PER_SECOND);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 0001-01-01 to a civil date (proleptic Gregorian, era of 400 years).
    let z = days + 306;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{month:02}/{day:02}/{year:04} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

fn text(text: impl Into<Str>) -> Result<Value> {
    Ok(Value::Str(text.into()))
}

fn distinguished(name: &X509NameRef) -> Result<Value> {
    let raw = name.to_der().map_err(super::failed)?;
    Ok(Value::object(Name { parts: x509_name::parts(name), raw }))
}

fn name<'a>(c: &'a Call<'_>) -> Result<&'a Name> {
    c.args.first().and_then(Value::as_object::<Name>).ok_or_else(Exception::null_reference)
}

/// `Decode(X500DistinguishedNameFlags)`
fn decode_name(c: &mut Call<'_>) -> Result<Value> {
    const REVERSED: i32 = 1;
    const SEMICOLONS: i32 = 0x10;
    const COMMAS: i32 = 0x80;
    const LINES: i32 = 0x100;
    let flags = c.int(1)?;
    let mut parts = name(c)?.parts.clone();
    if flags & REVERSED != 0 {
        parts.reverse();
    }
    let between = match flags {
        f if f & SEMICOLONS != 0 => "; ",
        f if f & COMMAS != 0 => ", ",
        f if f & LINES != 0 => "\n",
        _ => ", ",
    };
    text(parts.join(between))
}

/// `GetNameInfo(X509NameType, bool forIssuer)`
fn name_info(c: &mut Call<'_>) -> Result<Value> {
    let (kind, issuer) = (c.int(1)?, c.bool(2)?);
    let loaded = this(c)?;
    let cert = &loaded.cert;
    let name = if issuer { cert.issuer_name() } else { cert.subject_name() };
    let alternative = || if issuer { cert.issuer_alt_names() } else { cert.subject_alt_names() };
    let dns = || alternative().and_then(|all| all.iter().find_map(|n| n.dnsname().map(str::to_owned)));
    let common = || x509_name::part(name, Nid::COMMONNAME);
    let found = match kind {
        0 => common()
            .or_else(|| x509_name::part(name, Nid::ORGANIZATIONALUNITNAME))
            .or_else(|| x509_name::part(name, Nid::ORGANIZATIONNAME))
            .or_else(dns),
        1 => alternative()
            .and_then(|all| all.iter().find_map(|n| n.email().map(str::to_owned)))
            .or_else(|| x509_name::part(name, Nid::PKCS9_EMAILADDRESS)),
        3 | 4 => dns().or_else(common),
        5 => alternative().and_then(|all| all.iter().find_map(|n| n.uri().map(str::to_owned))),
        _ => None,
    };
    text(found.unwrap_or_default())
}

static TRUSTED: LazyLock<Option<X509Store>> = LazyLock::new(|| {
    let mut builder = X509StoreBuilder::new().ok()?;
    builder.set_default_paths().ok()?;
    Some(builder.build())
});

fn chain_is_trusted(cert: &X509) -> bool {
    let Some(store) = &*TRUSTED else { return false };
    let (Ok(mut context), Ok(others)) = (X509StoreContext::new(), Stack::<X509>::new()) else { return false };
    context.init(store, cert, &others, |cx| cx.verify_cert()).unwrap_or(false)
}

/// `Verify()`, and the gateway's `VerifyNoRevocation()` for its extension class.
pub fn verify(c: &mut Call<'_>) -> Result<Value> {
    c.cx.charge_steps(VERIFY_STEPS)?;
    Ok(Value::Bool(chain_is_trusted(&this(c)?.cert)))
}

fn public_rsa(cert: &X509) -> Result<Value> {
    let key = cert.public_key().map_err(super::failed)?;
    Ok(if key.id() == Id::RSA { rsa::public(key) } else { Value::Null })
}

fn private_rsa(c: &Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("certificate"));
    }
    let key = this(c)?.key.clone().filter(|k| k.id() == Id::RSA);
    Ok(key.map_or(Value::Null, rsa::private))
}

fn raw_public_key(cert: &X509) -> Result<Vec<u8>> {
    let key = cert.public_key().map_err(super::failed)?;
    match key.rsa() {
        Ok(rsa) => rsa.public_key_to_der_pkcs1().map_err(super::failed),
        Err(_) => key.public_key_to_der().map_err(super::failed),
    }
}

fn key_oid(cert: &X509) -> Result<&'static str> {
    Ok(match cert.public_key().map_err(super::failed)?.id() {
        Id::RSA => "1.2.840.113549.1.1.1",
        Id::EC => "1.2.840.10045.2.1",
        Id::DSA => "1.2.840.10040.4.1",
        Id::ED25519 => "1.3.101.112",
        _ => "",
    })
}

fn key_parameters(cert: &X509) -> Result<Vec<u8>> {
    let der = cert.to_der().map_err(super::failed)?;
    Ok(x509_extensions::key_parts(&der).map(|(parameters, _)| parameters.to_vec()).unwrap_or_default())
}

/// Which of a key's parts: algorithm parameters, key.
type Part = for<'a> fn((&'a [u8], &'a [u8])) -> &'a [u8];

/// A part of the key as `AsnEncodedData`.
fn key_part(c: &mut Call<'_>, part: Part) -> Result<Value> {
    let key = c.arg(0).as_object::<PublicKey>().ok_or_else(Exception::null_reference)?;
    let der = key.0.to_der().map_err(super::failed)?;
    let bytes = x509_extensions::key_parts(&der).map(part).unwrap_or_default();
    Ok(oid::data(Some(key_oid(&key.0)?), bytes))
}

/// `GetCertContentType`
fn content_type(c: &mut Call<'_>) -> Result<Value> {
    let bytes = hash::bytes_arg(c, 0, "rawData")?;
    let kind = if X509::from_der(&bytes).or_else(|_| X509::from_pem(&bytes)).is_ok() {
        1
    } else if Pkcs12::from_der(&bytes).is_ok() {
        3
    } else {
        return Err(Exception::cryptographic("Error occurred during a cryptographic operation."));
    };
    Ok(Value::Enum(CONTENT_TYPE, kind))
}

fn hash_with(c: &mut Call<'_>) -> Result<Vec<u8>> {
    let digest = if c.args.len() > 1 { rsa::digest_arg(c, 1)? } else { Digest::Sha1 };
    fingerprint(&this(c)?.cert, digest)
}

fn export(c: &mut Call<'_>) -> Result<Value> {
    let cert = this(c)?;
    match c.int(1)? {
        1 => Ok(from_bytes(cert.cert.to_der().map_err(super::failed)?)),
        3 => {
            let password = c.str_or_null(2).unwrap_or_else(|| "".into());
            let mut builder = Pkcs12::builder();
            builder.cert(&cert.cert);
            if let Some(key) = &cert.key {
                builder.pkey(key);
            }
            let pfx = builder.build2(&password).and_then(|p| p.to_der()).map_err(super::failed)?;
            Ok(from_bytes(pfx))
        }
        _ => Err(Exception::cryptographic("Invalid content type.")),
    }
}

/// Adds the types.
pub(super) fn define(b: &mut Builder) {
    b.enumeration(
        CONTENT_TYPE,
        false,
        &[
            ("Unknown", 0),
            ("Cert", 1),
            ("SerializedCert", 2),
            ("Pfx", 3),
            ("Pkcs12", 3),
            ("SerializedStore", 4),
            ("Pkcs7", 5),
            ("Authenticode", 6),
        ],
    );
    b.enumeration(
        NAME_TYPE,
        false,
        &[
            ("SimpleName", 0),
            ("EmailName", 1),
            ("UpnName", 2),
            ("DnsName", 3),
            ("DnsFromAlternativeName", 4),
            ("UrlName", 5),
        ],
    );
    b.enumeration(
        KEY_STORAGE,
        true,
        &[
            ("DefaultKeySet", 0),
            ("UserKeySet", 1),
            ("MachineKeySet", 2),
            ("Exportable", 4),
            ("UserProtected", 8),
            ("PersistKeySet", 16),
            ("EphemeralKeySet", 32),
        ],
    );
    b.enumeration(
        NAME_FLAGS,
        true,
        &[
            ("None", 0),
            ("Reversed", 1),
            ("UseSemicolons", 16),
            ("DoNotUsePlusSign", 32),
            ("DoNotUseQuotes", 64),
            ("UseCommas", 128),
            ("UseNewLines", 256),
            ("UseUTF8Encoding", 4096),
            ("UseT61Encoding", 8192),
            ("ForceUTF8Encoding", 16384),
        ],
    );
    b.class(DISTINGUISHED_NAME)
        .def("string Name", |c| text(name(c)?.parts.iter().rev().cloned().collect::<Vec<_>>().join(", ")))
        .def("string Decode(X500DistinguishedNameFlags flag)", decode_name)
        .def("string Format(bool multiLine)", |c| {
            let lines = c.bool(1)?;
            let joined = name(c)?.parts.join(if lines { "\n" } else { ", " });
            text(if lines { joined + "\n" } else { joined })
        })
        .def("byte[] RawData", |c| Ok(from_bytes(name(c)?.raw.clone())));
    b.class(PUBLIC_KEY)
        .def("AsymmetricAlgorithm Key", |c| {
            public_rsa(&c.arg(0).as_object::<PublicKey>().ok_or_else(Exception::null_reference)?.0)
        })
        .def("RSA GetRSAPublicKey()", |c| {
            public_rsa(&c.arg(0).as_object::<PublicKey>().ok_or_else(Exception::null_reference)?.0)
        })
        .def("Oid Oid", |c| {
            let key = c.arg(0).as_object::<PublicKey>().ok_or_else(Exception::null_reference)?;
            Ok(oid::of_number(key_oid(&key.0)?))
        })
        .def("AsnEncodedData EncodedKeyValue", |c| key_part(c, |parts| parts.1))
        .def("AsnEncodedData EncodedParameters", |c| key_part(c, |parts| parts.0));
    define_certificate(b);
    b.class(CERTIFICATE2)
        .base("X509Certificate")
        .def("new(byte[] rawData)", construct)
        .def("new(byte[] rawData, string password)", construct)
        .def("new(byte[] rawData, string password, X509KeyStorageFlags keyStorageFlags)", construct)
        .def("new(X509Certificate certificate)", construct)
        .def("string Thumbprint", |c| text(hex(&fingerprint(&this(c)?.cert, Digest::Sha1)?)))
        .def("string SerialNumber", |c| text(hex(&serial(&this(c)?.cert)?)))
        .def("DateTime NotBefore", |c| local(this(c)?.cert.not_before()))
        .def("DateTime NotAfter", |c| local(this(c)?.cert.not_after()))
        .def("int Version", |c| Ok(Value::Int32(this(c)?.cert.version() + 1)))
        .def("X500DistinguishedName SubjectName", |c| distinguished(this(c)?.cert.subject_name()))
        .def("X500DistinguishedName IssuerName", |c| distinguished(this(c)?.cert.issuer_name()))
        .def("bool HasPrivateKey", |c| Ok(Value::Bool(this(c)?.key.is_some())))
        .def("AsymmetricAlgorithm PrivateKey", |c| private_rsa(c))
        .def("PublicKey PublicKey", |c| Ok(Value::object(PublicKey(this(c)?.cert.clone()))))
        .def("byte[] RawData", |c| Ok(from_bytes(this(c)?.cert.to_der().map_err(super::failed)?)))
        .def("Oid SignatureAlgorithm", |c| {
            let loaded = this(c)?;
            Ok(oid::of_number(&x509_name::dotted(loaded.cert.signature_algorithm().object())))
        })
        .def("X509ExtensionCollection Extensions", |c| {
            let der = this(c)?.cert.to_der().map_err(super::failed)?;
            c.cx.charge_bytes(der.len())?;
            Ok(x509_extensions::of_certificate(&der))
        })
        .def("bool Archived", |c| this(c).map(|_| Value::Bool(false)))
        .def("static X509ContentType GetCertContentType(byte[] rawData)", content_type)
        .def("string FriendlyName", |_| text(""))
        .def("string GetNameInfo(X509NameType nameType, bool forIssuer)", name_info)
        .def("bool Verify()", verify);
    b.static_class(TypeId("System.Security.Cryptography.X509Certificates.RSACertificateExtensions"))
        .def("static RSA GetRSAPrivateKey(this X509Certificate2 certificate)", |c| private_rsa(c))
        .def("static RSA GetRSAPublicKey(this X509Certificate2 certificate)", |c| {
            if c.arg(0).is_null() {
                return Err(Exception::argument_null("certificate"));
            }
            public_rsa(&this(c)?.cert)
        });
}

fn define_certificate(b: &mut Builder) {
    b.class(CERTIFICATE)
        .implements(&["IDisposable"])
        .def("new(byte[] data)", construct)
        .def("new(byte[] rawData, string password)", construct)
        .def("new(byte[] rawData, string password, X509KeyStorageFlags keyStorageFlags)", construct)
        .def("new(X509Certificate cert)", construct)
        .def("string Subject", |c| text(x509_name::text(this(c)?.cert.subject_name())))
        .def("string Issuer", |c| text(x509_name::text(this(c)?.cert.issuer_name())))
        .def("string GetName()", |c| text(x509_name::text(this(c)?.cert.subject_name())))
        .def("string GetIssuerName()", |c| text(x509_name::text(this(c)?.cert.issuer_name())))
        .def("byte[] GetCertHash()", |c| Ok(from_bytes(hash_with(c)?)))
        .def("byte[] GetCertHash(HashAlgorithmName hashAlgorithm)", |c| Ok(from_bytes(hash_with(c)?)))
        .def("string GetCertHashString()", |c| text(hex(&hash_with(c)?)))
        .def("string GetCertHashString(HashAlgorithmName hashAlgorithm)", |c| text(hex(&hash_with(c)?)))
        .def("byte[] GetSerialNumber()", |c| {
            let mut bytes = serial(&this(c)?.cert)?;
            bytes.reverse();
            Ok(from_bytes(bytes))
        })
        .def("string GetSerialNumberString()", |c| text(hex(&serial(&this(c)?.cert)?)))
        .def("string GetEffectiveDateString()", |c| text(invariant_date(ticks(this(c)?.cert.not_before())?)))
        .def("string GetExpirationDateString()", |c| text(invariant_date(ticks(this(c)?.cert.not_after())?)))
        .def("string GetFormat()", |_| text("X509"))
        .def("string GetKeyAlgorithm()", |c| text(key_oid(&this(c)?.cert)?))
        .def("byte[] GetPublicKey()", |c| Ok(from_bytes(raw_public_key(&this(c)?.cert)?)))
        .def("string GetPublicKeyString()", |c| text(hex(&raw_public_key(&this(c)?.cert)?)))
        .def("byte[] GetRawCertData()", |c| Ok(from_bytes(this(c)?.cert.to_der().map_err(super::failed)?)))
        .def("string GetRawCertDataString()", |c| text(hex(&this(c)?.cert.to_der().map_err(super::failed)?)))
        .def("byte[] Export(X509ContentType contentType)", export)
        .def("byte[] Export(X509ContentType contentType, string password)", export)
        .def("string ToString(bool fVerbose)", |c| {
            let value = c.take(0);
            crate::object::text(c.cx, &value).map(Value::Str)
        })
        .def("bool Equals(X509Certificate other)", |c| Ok(Value::Bool(crate::object::equals(c.arg(0), c.arg(1)))))
        .def("byte[] GetKeyAlgorithmParameters()", |c| Ok(from_bytes(key_parameters(&this(c)?.cert)?)))
        .def("string GetKeyAlgorithmParametersString()", |c| text(hex(&key_parameters(&this(c)?.cert)?)))
        .def("void Reset()", reset)
        .def("void Dispose()", reset);
}

#[cfg(test)]
mod tests {
    use super::invariant_date;

    #[test]
    fn dates_are_written_in_the_invariant_form() {
        assert_eq!(invariant_date(621_355_968_000_000_000), "01/01/1970 00:00:00");
        assert_eq!(invariant_date(638_505_760_890_000_000), "05/06/2024 07:08:09");
        assert_eq!(invariant_date(0), "01/01/0001 00:00:00");
    }
}
