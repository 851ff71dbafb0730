//! Hash algorithms, keyed ones too: `SHA256.Create().ComputeHash(..)`, `new HMACSHA256(key)`, `SHA256.HashData(..)`.
use std::any::Any;

use hmac::{Hmac, Mac as _};
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use parking_lot::Mutex;
use sha2::Digest as _;

use super::random;
use crate::ambient::Ambient;
use crate::collections::{array, from_bytes};
use crate::exception::{Exception, Result};
use crate::member::{Call, Native};
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Object, Value};

/// Bytes hashed for one step of the evaluation.
const BYTES_PER_STEP: usize = 64;
/// Bytes of the longest hash, that of SHA-512.
const MAX_HASH: usize = 64;

/// A hash algorithm of .NET.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Digest {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    /// As .NET names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Digest::Md5 => "MD5",
            Digest::Sha1 => "SHA1",
            Digest::Sha256 => "SHA256",
            Digest::Sha384 => "SHA384",
            Digest::Sha512 => "SHA512",
        }
    }

    pub(super) fn openssl(self) -> MessageDigest {
        match self {
            Digest::Md5 => MessageDigest::md5(),
            Digest::Sha1 => MessageDigest::sha1(),
            Digest::Sha256 => MessageDigest::sha256(),
            Digest::Sha384 => MessageDigest::sha384(),
            Digest::Sha512 => MessageDigest::sha512(),
        }
    }

    /// By the names that `HashAlgorithm.Create` and `HashAlgorithmName` know.
    pub(super) fn named(name: &str) -> Option<Digest> {
        let name = name.rsplit('.').next().unwrap_or(name).to_ascii_uppercase();
        Some(match name.strip_suffix("MANAGED").unwrap_or(&name) {
            "MD5" => Digest::Md5,
            "SHA" | "SHA1" | "SHA-1" => Digest::Sha1,
            "SHA256" | "SHA-256" => Digest::Sha256,
            "SHA384" | "SHA-384" => Digest::Sha384,
            "SHA512" | "SHA-512" => Digest::Sha512,
            _ => return None,
        })
    }

    fn bits(self) -> i32 {
        i32::try_from(self.openssl().size().saturating_mul(8)).unwrap_or(0)
    }

    /// Block size, which is the length of a made-up HMAC key.
    fn block(self) -> usize {
        if matches!(self, Digest::Sha384 | Digest::Sha512) { 128 } else { 64 }
    }

    /// The hash. OpenSSL looks an algorithm up by name for every call, which takes longer than hashing a short text: it is used
    /// for MD5 alone.
    pub(super) fn of(self, data: &[u8]) -> Result<Hashed> {
        Ok(match self {
            Digest::Md5 => Hashed::new(&openssl::hash::hash(self.openssl(), data).map_err(super::failed)?),
            Digest::Sha1 => {
                let mut hasher = openssl::sha::Sha1::new();
                hasher.update(data);
                Hashed::new(&hasher.finish())
            }
            Digest::Sha256 => Hashed::new(&sha2::Sha256::digest(data)),
            Digest::Sha384 => Hashed::new(&sha2::Sha384::digest(data)),
            Digest::Sha512 => Hashed::new(&sha2::Sha512::digest(data)),
        })
    }

    fn keyed(self, key: &[u8], data: &[u8]) -> Result<Hashed> {
        macro_rules! keyed {
            ($hash:ty) => {{
                let bad = |_| Exception::cryptographic("the key cannot be used");
                let mut mac = Hmac::<$hash>::new_from_slice(key).map_err(bad)?;
                mac.update(data);
                Hashed::new(&mac.finalize().into_bytes())
            }};
        }
        Ok(match self {
            Digest::Md5 | Digest::Sha1 => {
                // An empty key is padded with zeros, so one zero means the same; OpenSSL refuses none at all.
                let key = PKey::hmac(if key.is_empty() { &[0] } else { key }).map_err(super::failed)?;
                let mut signer = Signer::new(self.openssl(), &key).map_err(super::failed)?;
                Hashed::new(&signer.sign_oneshot_to_vec(data).map_err(super::failed)?)
            }
            Digest::Sha256 => keyed!(sha2::Sha256),
            Digest::Sha384 => keyed!(sha2::Sha384),
            Digest::Sha512 => keyed!(sha2::Sha512),
        })
    }
}

/// A hash, which is never longer than this.
#[derive(Clone, Copy)]
pub(super) struct Hashed {
    bytes: [u8; MAX_HASH],
    len: usize,
}

impl Hashed {
    fn new(hash: &[u8]) -> Hashed {
        let mut bytes = [0; MAX_HASH];
        bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
        Hashed { bytes, len: hash.len().min(MAX_HASH) }
    }

    fn array(&self) -> Value {
        from_bytes(self.as_slice())
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

struct HashObject {
    type_id: TypeId,
    digest: Digest,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Key of a keyed algorithm.
    key: Option<Vec<u8>>,
    /// What `TransformBlock` collected.
    pending: Vec<u8>,
    hash: Option<Hashed>,
    disposed: bool,
}

impl Object for HashObject {
    fn net_type(&self) -> Type {
        Type::Simple(self.type_id)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn dispose(&self) {
        *self.state.lock() = State { disposed: true, ..State::default() };
    }
}

fn this(value: &Value) -> Result<&HashObject> {
    value.as_object::<HashObject>().ok_or_else(Exception::null_reference)
}

/// Accounts for the work of hashing.
pub(super) fn charge(cx: &mut dyn Ambient, bytes: usize) -> Result<()> {
    cx.charge_steps(u64::try_from(bytes / BYTES_PER_STEP + 1).unwrap_or(u64::MAX))
}

impl HashObject {
    fn compute(&self, cx: &mut dyn Ambient, data: &[u8]) -> Result<Value> {
        charge(cx, data.len())?;
        let mut state = self.state.lock();
        if state.disposed {
            return Err(Exception::object_disposed("Cannot access a disposed object."));
        }
        let hash = match &state.key {
            Some(key) => self.digest.keyed(key, data)?,
            None => self.digest.of(data)?,
        };
        state.hash = Some(hash);
        Ok(hash.array())
    }
}

/// A byte array argument that must be given.
pub(super) fn bytes_arg(c: &Call<'_>, n: usize, parameter: &str) -> Result<Vec<u8>> {
    array::bytes(c.arg(n)).ok_or_else(|| Exception::argument_null(parameter))
}

/// A window `(offset, count)` of a byte array, checked as .NET does.
pub(super) fn window(c: &Call<'_>, data: &[u8], offset: usize) -> Result<Vec<u8>> {
    let (start, count) = (c.int(offset)?, c.int(offset + 1)?);
    let Ok(start) = usize::try_from(start) else {
        return Err(Exception::argument_range("Non-negative number required.", "offset"));
    };
    let part = usize::try_from(count).ok().and_then(|n| data.get(start..start.checked_add(n)?));
    part.map(<[u8]>::to_vec).ok_or_else(|| Exception::argument_message("Value was invalid."))
}

fn compute(c: &mut Call<'_>) -> Result<Value> {
    let (receiver, data) = (c.take(0), c.take(1));
    let hash = this(&receiver)?;
    if c.args.len() == 2
        && let Some(bytes) = array::array(&data).and_then(array::ArrayObject::bytes)
    {
        return hash.compute(c.cx, &bytes);
    }
    let bytes = match array::bytes(&data) {
        Some(bytes) => bytes,
        None if data.is_null() => return Err(Exception::argument_null("buffer")),
        None => crate::text::io::rest_of_stream(&data)?,
    };
    let bytes = if c.args.len() > 2 { window(c, &bytes, 2)? } else { bytes };
    hash.compute(c.cx, &bytes)
}

fn transform(c: &mut Call<'_>, last: bool) -> Result<Value> {
    let data = bytes_arg(c, 1, "inputBuffer")?;
    let part = window(c, &data, 2)?;
    c.cx.charge_bytes(part.len())?;
    let receiver = c.arg(0).clone();
    let hash = this(&receiver)?;
    hash.state.lock().pending.extend_from_slice(&part);
    if !last {
        return Ok(Value::Int32(i32::try_from(part.len()).unwrap_or(i32::MAX)));
    }
    let all = std::mem::take(&mut hash.state.lock().pending);
    hash.compute(c.cx, &all)?;
    Ok(from_bytes(part))
}

fn create(type_id: TypeId, digest: Digest) -> Result<Value> {
    Ok(Value::object(HashObject { type_id, digest, state: Mutex::default() }))
}

fn create_keyed(c: &mut Call<'_>, type_id: TypeId, digest: Digest) -> Result<Value> {
    let key = if c.args.is_empty() { random::bytes(c.cx, digest.block()) } else { bytes_arg(c, 0, "key")? };
    let state = State { key: Some(key), ..State::default() };
    Ok(Value::object(HashObject { type_id, digest, state: Mutex::new(state) }))
}

fn hash_data(c: &mut Call<'_>, digest: Digest) -> Result<Value> {
    let data = bytes_arg(c, 0, "source")?;
    charge(c.cx, data.len())?;
    Ok(digest.of(&data)?.array())
}

fn keyed_data(c: &mut Call<'_>, digest: Digest) -> Result<Value> {
    let (key, data) = (bytes_arg(c, 0, "key")?, bytes_arg(c, 1, "source")?);
    charge(c.cx, data.len())?;
    Ok(digest.keyed(&key, &data)?.array())
}

fn dispose(c: &mut Call<'_>) -> Result<Value> {
    if let Value::Object(o) = c.arg(0) {
        o.dispose();
    }
    Ok(Value::Null)
}

const HASH: TypeId = TypeId("System.Security.Cryptography.HashAlgorithm");
const HMAC: TypeId = TypeId("System.Security.Cryptography.HMAC");
const KEYED: TypeId = TypeId("System.Security.Cryptography.KeyedHashAlgorithm");
const MD5: TypeId = TypeId("System.Security.Cryptography.MD5");
const SHA1: TypeId = TypeId("System.Security.Cryptography.SHA1");
const SHA256: TypeId = TypeId("System.Security.Cryptography.SHA256");
const SHA384: TypeId = TypeId("System.Security.Cryptography.SHA384");
const SHA512: TypeId = TypeId("System.Security.Cryptography.SHA512");
const HMAC_MD5: TypeId = TypeId("System.Security.Cryptography.HMACMD5");
const HMAC_SHA1: TypeId = TypeId("System.Security.Cryptography.HMACSHA1");
const HMAC_SHA256: TypeId = TypeId("System.Security.Cryptography.HMACSHA256");
const HMAC_SHA384: TypeId = TypeId("System.Security.Cryptography.HMACSHA384");
const HMAC_SHA512: TypeId = TypeId("System.Security.Cryptography.HMACSHA512");

macro_rules! keyed {
    ($b:expr, $($id:ident $digest:expr;)*) => { $(
        $b.class($id)
            .base("HMAC")
            .def("new()", |c| create_keyed(c, $id, $digest))
            .def("new(byte[] key)", |c| create_keyed(c, $id, $digest))
            .pure("static byte[] HashData(byte[] key, byte[] source)", |c| keyed_data(c, $digest));
    )* };
}

fn plain(
    b: &mut Builder,
    id: TypeId,
    others: &[&'static str],
    new: Native,
    create: (&'static str, Native),
    data: Native,
) {
    b.class(id).base("HashAlgorithm").def(create.0, create.1).pure("static byte[] HashData(byte[] source)", data);
    for other in others {
        b.class(TypeId(other)).base(id.0).def("new()", new);
    }
}

macro_rules! plain_type {
    ($b:expr, $id:ident, $name:literal, $digest:expr, [$($other:literal),*]) => {
        plain(
            $b,
            $id,
            &[$(concat!("System.Security.Cryptography.", $other)),*],
            |_| create($id, $digest),
            (concat!("static ", $name, " Create()"), |_| create($id, $digest)),
            |c| hash_data(c, $digest),
        )
    };
}

/// A keyed algorithm by its name.
fn named_keyed(c: &mut Call<'_>, wanted: TypeId) -> Result<Value> {
    let name = c.str_arg(0, "name")?;
    let short = name.rsplit('.').next().unwrap_or(&name).to_ascii_uppercase();
    let digest = short.strip_prefix("HMAC").and_then(|d| Digest::named(if d.is_empty() { "SHA1" } else { d }));
    let Some(digest) = digest else {
        // .NET casts what it made.
        let other = Digest::named(&name).map(|_| Exception::invalid_cast(&Type::Simple(HASH), &Type::Simple(wanted)));
        return other.map_or(Ok(Value::Null), Err);
    };
    let id = match digest {
        Digest::Md5 => HMAC_MD5,
        Digest::Sha1 => HMAC_SHA1,
        Digest::Sha256 => HMAC_SHA256,
        Digest::Sha384 => HMAC_SHA384,
        Digest::Sha512 => HMAC_SHA512,
    };
    c.args = &mut [];
    create_keyed(c, id, digest)
}

/// `Create()` of the abstract types.
pub(super) fn no_default(_: &mut Call<'_>) -> Result<Value> {
    Err(super::unsupported("This platform does not allow the automatic selection of an algorithm."))
}

/// Values of .NET before 2.0 SP1 can only be told not to be made.
fn legacy(c: &mut Call<'_>) -> Result<Value> {
    if c.bool(1)? { Err(super::unsupported("Operation is not supported on this platform.")) } else { Ok(Value::Null) }
}

/// Adds the hash types.
pub(super) fn define(b: &mut Builder) {
    b.class(HASH)
        .implements(&["IDisposable"])
        .def("static HashAlgorithm Create()", no_default)
        .def("static HashAlgorithm Create(string hashName)", |c| {
            let name = c.str_arg(0, "name")?;
            Ok(match Digest::named(&name) {
                Some(digest @ Digest::Md5) => create(MD5, digest)?,
                Some(digest @ Digest::Sha1) => create(SHA1, digest)?,
                Some(digest @ Digest::Sha256) => create(SHA256, digest)?,
                Some(digest @ Digest::Sha384) => create(SHA384, digest)?,
                Some(digest @ Digest::Sha512) => create(SHA512, digest)?,
                None => named_keyed(c, HASH)?,
            })
        })
        .def("byte[] ComputeHash(byte[] buffer)", compute)
        .def("byte[] ComputeHash(byte[] buffer, int offset, int count)", compute)
        .def("byte[] ComputeHash(System.IO.Stream inputStream)", compute)
        .def("int HashSize", |c| Ok(Value::Int32(this(c.arg(0))?.digest.bits())))
        .def("byte[] Hash", |c| {
            let hash = this(c.arg(0))?.state.lock().hash;
            Ok(hash.map_or(Value::Null, |h| h.array()))
        })
        .def(
            "int TransformBlock(byte[] inputBuffer, int inputOffset, int inputCount, byte[] outputBuffer, int outputOffset)",
            |c| transform(c, false),
        )
        .def("byte[] TransformFinalBlock(byte[] inputBuffer, int inputOffset, int inputCount)", |c| transform(c, true))
        .def("bool CanReuseTransform", |_| Ok(Value::Bool(true)))
        .def("bool CanTransformMultipleBlocks", |_| Ok(Value::Bool(true)))
        .def("int InputBlockSize", |_| Ok(Value::Int32(1)))
        .def("int OutputBlockSize", |_| Ok(Value::Int32(1)))
        .def("void Initialize()", |c| {
            this(c.arg(0))?.state.lock().pending.clear();
            Ok(Value::Null)
        })
        .def("void Clear()", dispose)
        .def("void Dispose()", dispose);
    b.class(KEYED)
        .base("HashAlgorithm")
        .def("static KeyedHashAlgorithm Create()", no_default)
        .def("static KeyedHashAlgorithm Create(string algName)", |c| named_keyed(c, KEYED))
        .get_set(
            "byte[] Key",
            |c| Ok(from_bytes(this(c.arg(0))?.state.lock().key.clone().unwrap_or_default())),
            |c| {
                let key = bytes_arg(c, 1, "value")?;
                this(c.arg(0))?.state.lock().key = Some(key);
                Ok(Value::Null)
            },
        );
    b.class(HMAC)
        .base("KeyedHashAlgorithm")
        .def("string HashName", |c| Ok(Value::str(this(c.arg(0))?.digest.name())))
        .def("static HMAC Create()", no_default)
        .def("static HMAC Create(string algorithmName)", |c| named_keyed(c, HMAC));
    plain_type!(b, MD5, "MD5", Digest::Md5, ["MD5CryptoServiceProvider"]);
    plain_type!(b, SHA1, "SHA1", Digest::Sha1, ["SHA1Managed", "SHA1CryptoServiceProvider"]);
    plain_type!(b, SHA256, "SHA256", Digest::Sha256, ["SHA256Managed", "SHA256CryptoServiceProvider"]);
    plain_type!(b, SHA384, "SHA384", Digest::Sha384, ["SHA384Managed", "SHA384CryptoServiceProvider"]);
    plain_type!(b, SHA512, "SHA512", Digest::Sha512, ["SHA512Managed", "SHA512CryptoServiceProvider"]);
    keyed! { b,
        HMAC_MD5 Digest::Md5;
        HMAC_SHA1 Digest::Sha1;
        HMAC_SHA256 Digest::Sha256;
        HMAC_SHA384 Digest::Sha384;
        HMAC_SHA512 Digest::Sha512;
    }
    for id in [HMAC_SHA384, HMAC_SHA512] {
        b.class(id).get_set("bool ProduceLegacyHmacValues", |_| Ok(Value::Bool(false)), legacy);
    }
    b.class(HMAC_SHA1).def("new(byte[] key, bool useManagedSha1)", |c| create_keyed(c, HMAC_SHA1, Digest::Sha1));
}
