//! `SymmetricAlgorithm` and its kinds, and the gateway's `Encrypt`/`Decrypt` on `byte[]`.
use std::any::Any;

use openssl::symm::{Cipher, Crypter, Mode};
use parking_lot::Mutex;

use super::{hash, random};
use crate::ambient::Ambient;
use crate::collections::{array, from_bytes};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Object, Value};

const ALGORITHM: TypeId = TypeId("System.Security.Cryptography.SymmetricAlgorithm");
const AES: TypeId = TypeId("System.Security.Cryptography.Aes");
const RIJNDAEL: TypeId = TypeId("System.Security.Cryptography.Rijndael");
const TRIPLE_DES: TypeId = TypeId("System.Security.Cryptography.TripleDES");
const DES: TypeId = TypeId("System.Security.Cryptography.DES");
const KEY_SIZES: TypeId = TypeId("System.Security.Cryptography.KeySizes");
const TRANSFORM: TypeId = TypeId("System.Security.Cryptography.ICryptoTransform");
const CIPHER_MODE: TypeId = TypeId("System.Security.Cryptography.CipherMode");
const PADDING_MODE: TypeId = TypeId("System.Security.Cryptography.PaddingMode");

const CBC: i32 = 1;
const ECB: i32 = 2;
const CFB: i32 = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Aes,
    TripleDes,
    Des,
}

impl Kind {
    /// Names of `SymmetricAlgorithm.Create`.
    fn named(name: &str) -> Option<(Kind, TypeId)> {
        let name = name.rsplit('.').next().unwrap_or(name).to_ascii_uppercase();
        Some(match name.as_str() {
            "AES" | "AESMANAGED" | "AESCNG" | "AESCRYPTOSERVICEPROVIDER" => (Kind::Aes, AES),
            "RIJNDAEL" | "RIJNDAELMANAGED" => (Kind::Aes, RIJNDAEL),
            "3DES" | "TRIPLEDES" | "TRIPLE DES" | "TRIPLEDESCRYPTOSERVICEPROVIDER" => (Kind::TripleDes, TRIPLE_DES),
            "DES" | "DESCRYPTOSERVICEPROVIDER" => (Kind::Des, DES),
            _ => return None,
        })
    }

    fn block(self) -> usize {
        if self == Kind::Aes { 16 } else { 8 }
    }

    fn key_sizes(self) -> &'static [usize] {
        match self {
            Kind::Aes => &[32, 24, 16],
            Kind::TripleDes => &[24, 16],
            Kind::Des => &[8],
        }
    }

    fn cipher(self, key: usize, mode: i32) -> Option<Cipher> {
        Some(match (self, mode, key) {
            (Kind::Aes, CBC, 16) => Cipher::aes_128_cbc(),
            (Kind::Aes, CBC, 24) => Cipher::aes_192_cbc(),
            (Kind::Aes, CBC, 32) => Cipher::aes_256_cbc(),
            (Kind::Aes, ECB, 16) => Cipher::aes_128_ecb(),
            (Kind::Aes, ECB, 24) => Cipher::aes_192_ecb(),
            (Kind::Aes, ECB, 32) => Cipher::aes_256_ecb(),
            (Kind::Aes, CFB, 16) => Cipher::aes_128_cfb8(),
            (Kind::Aes, CFB, 24) => Cipher::aes_192_cfb8(),
            (Kind::Aes, CFB, 32) => Cipher::aes_256_cfb8(),
            (Kind::TripleDes | Kind::Des, CBC, _) => Cipher::des_ede3_cbc(),
            (Kind::TripleDes | Kind::Des, ECB, _) => Cipher::des_ede3_ecb(),
            _ => return None,
        })
    }

    /// The key as the cipher wants it: two-key triple DES repeats the first part, DES is triple DES with one key thrice.
    fn widened(self, key: &[u8]) -> Vec<u8> {
        match (self, key.len()) {
            (Kind::TripleDes, 16) => key.iter().chain(key.iter().take(8)).copied().collect(),
            (Kind::Des, _) => key.repeat(3),
            _ => key.to_vec(),
        }
    }
}

#[derive(Clone)]
struct Settings {
    kind: Kind,
    key: Option<Vec<u8>>,
    iv: Option<Vec<u8>>,
    mode: i32,
    padding: i32,
    key_size: usize,
}

impl Settings {
    fn new(kind: Kind) -> Settings {
        let key_size = kind.key_sizes().first().copied().unwrap_or(16);
        Settings { kind, key: None, iv: None, mode: CBC, padding: 2, key_size }
    }

    fn transform(&self, cx: &mut dyn Ambient, encrypt: bool, key: &[u8], iv: &[u8], data: &[u8]) -> Result<Vec<u8>> {
        if !self.kind.key_sizes().contains(&key.len()) {
            return Err(Exception::argument("Specified key is not a valid size for this algorithm.", "rgbKey"));
        }
        if self.mode != ECB && iv.len() != self.kind.block() {
            let text = "Specified initialization vector (IV) does not match the block size for this algorithm.";
            return Err(Exception::argument(text, "rgbIV"));
        }
        let cipher = self.kind.cipher(key.len(), self.mode);
        let cipher =
            cipher.ok_or_else(|| Exception::cryptographic("Specified cipher mode is not valid for this algorithm."))?;
        hash::charge(cx, data.len())?;
        cx.charge_bytes(data.len() + 32)?;
        let block = self.kind.block();
        let padded = if encrypt { pad(cx, data, block, self.padding)? } else { data.to_vec() };
        if self.mode != CFB && padded.len() % block != 0 {
            return Err(Exception::cryptographic("The input data is not a complete block."));
        }
        let direction = if encrypt { Mode::Encrypt } else { Mode::Decrypt };
        let iv = cipher.iv_len().map(|_| iv);
        let mut crypter = Crypter::new(cipher, direction, &self.kind.widened(key), iv).map_err(super::failed)?;
        crypter.pad(false);
        let mut out = vec![0; padded.len() + block];
        let mut written = crypter.update(&padded, &mut out).map_err(super::failed)?;
        written += crypter.finalize(out.get_mut(written..).unwrap_or_default()).map_err(super::failed)?;
        out.truncate(written);
        if encrypt { Ok(out) } else { unpad(out, block, self.padding) }
    }
}

/// `PaddingMode`: None 1, PKCS7 2, Zeros 3, ANSIX923 4, ISO10126 5.
fn pad(cx: &mut dyn Ambient, data: &[u8], block: usize, padding: i32) -> Result<Vec<u8>> {
    let missing = block - data.len() % block;
    let mark = u8::try_from(missing).unwrap_or(0);
    let mut out = data.to_vec();
    match padding {
        1 => {}
        3 if missing == block => {}
        3 => out.resize(data.len() + missing, 0),
        4 | 5 => {
            let fill = if padding == 5 { random::bytes(cx, missing - 1) } else { vec![0; missing - 1] };
            out.extend(fill);
            out.push(mark);
        }
        _ => out.resize(data.len() + missing, mark),
    }
    Ok(out)
}

fn unpad(mut data: Vec<u8>, block: usize, padding: i32) -> Result<Vec<u8>> {
    if matches!(padding, 1 | 3) {
        return Ok(data);
    }
    let invalid = || Exception::cryptographic("Padding is invalid and cannot be removed.");
    let mark = usize::from(*data.last().ok_or_else(invalid)?);
    if mark == 0 || mark > block || mark > data.len() {
        return Err(invalid());
    }
    let keep = data.len() - mark;
    let tail = data.get(keep..data.len() - 1).unwrap_or_default();
    let good = match padding {
        4 => tail.iter().all(|b| *b == 0),
        5 => true,
        _ => tail.iter().all(|b| usize::from(*b) == mark),
    };
    if !good {
        return Err(invalid());
    }
    data.truncate(keep);
    Ok(data)
}

struct Algorithm {
    type_id: TypeId,
    settings: Mutex<Settings>,
}

impl Object for Algorithm {
    fn net_type(&self) -> Type {
        Type::Simple(self.type_id)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn dispose(&self) {
        let mut settings = self.settings.lock();
        (settings.key, settings.iv) = (None, None);
    }
}

struct Transform {
    settings: Settings,
    encrypt: bool,
    running: Mutex<Running>,
}

/// What `TransformBlock` leaves for the next call.
#[derive(Default)]
struct Running {
    /// The ciphertext before, which takes the place of the vector.
    last: Option<Vec<u8>>,
    /// Ciphertext that may end with padding.
    held: Vec<u8>,
}

impl Transform {
    /// Turns `data`, which goes on from what came before.
    fn turn(&self, cx: &mut dyn Ambient, settings: &Settings, data: &[u8], last: Option<Vec<u8>>) -> Result<Vec<u8>> {
        let key = settings.key.clone().unwrap_or_default();
        let iv = last.or_else(|| settings.iv.clone()).unwrap_or_default();
        settings.transform(cx, self.encrypt, &key, &iv, data)
    }

    /// Whole blocks, without padding.
    fn blocks(&self, cx: &mut dyn Ambient, data: &[u8]) -> Result<Vec<u8>> {
        let (mut running, block) = (self.running.lock(), self.settings.kind.block());
        let mut input = std::mem::take(&mut running.held);
        input.extend_from_slice(data);
        if !self.encrypt && !matches!(self.settings.padding, 1 | 3) {
            running.held = input.split_off(input.len().saturating_sub(block));
        }
        if input.is_empty() {
            return Ok(input);
        }
        let plain = Settings { padding: 1, ..self.settings.clone() };
        let out = self.turn(cx, &plain, &input, running.last.take())?;
        let cipher = if self.encrypt { &out } else { &input };
        running.last = cipher.get(cipher.len().saturating_sub(block)..).map(<[u8]>::to_vec);
        Ok(out)
    }
}

impl Object for Transform {
    fn net_type(&self) -> Type {
        Type::Simple(TRANSFORM)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn algorithm(value: &Value) -> Result<&Algorithm> {
    value.as_object::<Algorithm>().ok_or_else(Exception::null_reference)
}

/// Settings with key and vector, which are made up on first use as .NET does.
fn ready(cx: &mut dyn Ambient, value: &Value) -> Result<Settings> {
    let target = algorithm(value)?;
    let (kind, size) = {
        let s = target.settings.lock();
        (s.kind, s.key_size)
    };
    let (key, iv) = (random::bytes(cx, size), random::bytes(cx, kind.block()));
    let mut settings = target.settings.lock();
    settings.key.get_or_insert(key);
    settings.iv.get_or_insert(iv);
    Ok(settings.clone())
}

fn create_transform(c: &mut Call<'_>, encrypt: bool) -> Result<Value> {
    let receiver = c.arg(0).clone();
    let mut settings = ready(c.cx, &receiver)?;
    if c.args.len() > 1 {
        let key = hash::bytes_arg(c, 1, "rgbKey")?;
        if !settings.kind.key_sizes().contains(&key.len()) {
            return Err(Exception::argument("Specified key is not a valid size for this algorithm.", "rgbKey"));
        }
        settings.key = Some(key);
        settings.iv = array::bytes(c.arg(2));
        if settings.iv.as_ref().is_some_and(|iv| iv.len() != settings.kind.block()) {
            let text = "Specified initialization vector (IV) does not match the block size for this algorithm.";
            return Err(Exception::argument(text, "rgbIV"));
        }
    }
    Ok(Value::object(Transform { settings, encrypt, running: Mutex::default() }))
}

fn final_block(c: &mut Call<'_>) -> Result<Value> {
    let data = hash::bytes_arg(c, 1, "inputBuffer")?;
    let data = hash::window(c, &data, 2)?;
    let receiver = c.arg(0).clone();
    let t = receiver.as_object::<Transform>().ok_or_else(Exception::null_reference)?;
    let Running { last, held } = std::mem::take(&mut *t.running.lock());
    let data = if held.is_empty() { data } else { [held, data].concat() };
    if data.is_empty() && !t.encrypt {
        return Ok(from_bytes(data));
    }
    Ok(from_bytes(t.turn(c.cx, &t.settings, &data, last)?))
}

fn some_blocks(c: &mut Call<'_>) -> Result<Value> {
    let data = hash::bytes_arg(c, 1, "inputBuffer")?;
    let receiver = c.arg(0).clone();
    let t = receiver.as_object::<Transform>().ok_or_else(Exception::null_reference)?;
    let (offset, count, to) = (c.int(2)?, c.int(3)?, c.int(5)?);
    let range = |name| Exception::argument_range("Specified argument was out of the range of valid values.", name);
    let offset = usize::try_from(offset).map_err(|_| range("inputOffset"))?;
    let (size, block) = (usize::try_from(count).map_err(|_| range("inputCount"))?, t.settings.kind.block());
    if offset > data.len() {
        return Err(range("inputOffset"));
    }
    if size == 0 {
        return Err(range("inputCount"));
    }
    if size % block != 0 {
        let text = "TransformBlock may only process bytes in block sized increments.";
        return Err(Exception::argument_range(text, "inputCount"));
    }
    let beyond = |name| Exception::argument_range("Attempt to transform beyond end of buffer.", name);
    let input = data.get(offset..offset.saturating_add(size)).ok_or_else(|| beyond("inputCount"))?;
    let output = c.take(4);
    let target = array::array(&output).ok_or_else(|| Exception::argument_null("outputBuffer"))?;
    let to = usize::try_from(to).map_err(|_| range("outputOffset"))?;
    if to > target.len() {
        return Err(range("outputOffset"));
    }
    let out = t.blocks(c.cx, input)?;
    let mut all = target.to_vec();
    let place = to.checked_add(out.len()).and_then(|end| all.get_mut(to..end)).ok_or_else(|| beyond("outputOffset"))?;
    place.iter_mut().zip(&out).for_each(|(to, byte)| *to = Value::Byte(*byte));
    target.replace(all);
    Ok(Value::Int32(i32::try_from(out.len()).unwrap_or(i32::MAX)))
}

fn block_size(c: &mut Call<'_>) -> Result<Value> {
    let t = c.arg(0).as_object::<Transform>().ok_or_else(Exception::null_reference)?;
    Ok(Value::Int32(i32::try_from(t.settings.kind.block()).unwrap_or(0)))
}

/// `KeySizes`: smallest, largest, and the step between, in bits.
struct Sizes([i32; 3]);

impl Object for Sizes {
    fn net_type(&self) -> Type {
        Type::Simple(KEY_SIZES)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn size_part(c: &mut Call<'_>, n: usize) -> Result<Value> {
    let sizes = c.arg(0).as_object::<Sizes>().ok_or_else(Exception::null_reference)?;
    Ok(Value::Int32(sizes.0.get(n).copied().unwrap_or(0)))
}

/// An array of `KeySizes`.
pub(super) fn sizes(all: &[(i32, i32, i32)]) -> Value {
    let items = all.iter().map(|(min, max, skip)| Value::object(Sizes([*min, *max, *skip]))).collect();
    array::new_array(Type::Simple(KEY_SIZES), items)
}

/// The gateway's `Encrypt`/`Decrypt(this byte[] input, alg[, key, iv])`; `alg` is a name or an algorithm object.
fn cipher(c: &mut Call<'_>, encrypt: bool) -> Result<Value> {
    let data = hash::bytes_arg(c, 0, "input")?;
    let settings = match c.arg(1).clone() {
        Value::Str(name) => match Kind::named(&name) {
            Some((kind, _)) => Settings::new(kind),
            None => return Err(Exception::argument_message(format!("Unknown symmetric algorithm '{name}'."))),
        },
        Value::Null => return Err(Exception::argument_null("alg")),
        object if c.args.len() > 2 => algorithm(&object)?.settings.lock().clone(),
        object => ready(c.cx, &object)?,
    };
    let (key, iv) = if c.args.len() > 2 {
        (hash::bytes_arg(c, 2, "key")?, array::bytes(c.arg(3)).unwrap_or_default())
    } else {
        (settings.key.clone().unwrap_or_default(), settings.iv.clone().unwrap_or_default())
    };
    Ok(from_bytes(settings.transform(c.cx, encrypt, &key, &iv, &data)?))
}

/// `byte[] Encrypt(this byte[] input, ...)` of the gateway, for its extension class.
pub fn encrypt(c: &mut Call<'_>) -> Result<Value> {
    cipher(c, true)
}

/// `byte[] Decrypt(this byte[] input, ...)` of the gateway, for its extension class.
pub fn decrypt(c: &mut Call<'_>) -> Result<Value> {
    cipher(c, false)
}

fn new(type_id: TypeId, kind: Kind) -> Result<Value> {
    Ok(Value::object(Algorithm { type_id, settings: Mutex::new(Settings::new(kind)) }))
}

fn dispose(c: &mut Call<'_>) -> Result<Value> {
    if let Value::Object(o) = c.arg(0) {
        o.dispose();
    }
    Ok(Value::Null)
}

fn bits(bytes: usize) -> Value {
    Value::Int32(i32::try_from(bytes.saturating_mul(8)).unwrap_or(i32::MAX))
}

fn set_key(c: &mut Call<'_>) -> Result<Value> {
    let key = hash::bytes_arg(c, 1, "value")?;
    let mut settings = algorithm(c.arg(0))?.settings.lock();
    if !settings.kind.key_sizes().contains(&key.len()) {
        return Err(Exception::cryptographic("Specified key is not a valid size for this algorithm."));
    }
    settings.key_size = key.len();
    settings.key = Some(key);
    Ok(Value::Null)
}

fn set_key_size(c: &mut Call<'_>) -> Result<Value> {
    let size = usize::try_from(c.int(1)?).unwrap_or(0) / 8;
    let mut settings = algorithm(c.arg(0))?.settings.lock();
    if !settings.kind.key_sizes().contains(&size) {
        return Err(Exception::cryptographic("Specified key is not a valid size for this algorithm."));
    }
    settings.key_size = size;
    settings.key = None;
    Ok(Value::Null)
}

fn set_iv(c: &mut Call<'_>) -> Result<Value> {
    let iv = hash::bytes_arg(c, 1, "value")?;
    let mut settings = algorithm(c.arg(0))?.settings.lock();
    if iv.len() != settings.kind.block() {
        let text = "Specified initialization vector (IV) does not match the block size for this algorithm.";
        return Err(Exception::cryptographic(text));
    }
    settings.iv = Some(iv);
    Ok(Value::Null)
}

/// Adds the types.
pub(super) fn define(b: &mut Builder) {
    b.enumeration(CIPHER_MODE, false, &[("CBC", CBC), ("ECB", ECB), ("OFB", 3), ("CFB", CFB), ("CTS", 5)]);
    b.enumeration(PADDING_MODE, false, &[("None", 1), ("PKCS7", 2), ("Zeros", 3), ("ANSIX923", 4), ("ISO10126", 5)]);
    b.interface(TRANSFORM)
        .implements(&["IDisposable"])
        .def("byte[] TransformFinalBlock(byte[] inputBuffer, int inputOffset, int inputCount)", final_block)
        .def(
            "int TransformBlock(byte[] inputBuffer, int inputOffset, int inputCount, byte[] outputBuffer, int outputOffset)",
            some_blocks,
        )
        .def("int InputBlockSize", block_size)
        .def("int OutputBlockSize", block_size)
        .def("bool CanReuseTransform", |_| Ok(Value::Bool(true)))
        .def("bool CanTransformMultipleBlocks", |_| Ok(Value::Bool(true)))
        .def("void Dispose()", |_| Ok(Value::Null));
    b.class(KEY_SIZES)
        .def("new(int minSize, int maxSize, int skipSize)", |c| {
            Ok(Value::object(Sizes([c.int(0)?, c.int(1)?, c.int(2)?])))
        })
        .def("int MinSize", |c| size_part(c, 0))
        .def("int MaxSize", |c| size_part(c, 1))
        .def("int SkipSize", |c| size_part(c, 2));
    b.class(ALGORITHM)
        .implements(&["IDisposable"])
        .def("static SymmetricAlgorithm Create()", hash::no_default)
        .def("static SymmetricAlgorithm Create(string algName)", |c| {
            let name = c.str_arg(0, "name")?;
            Kind::named(&name).map_or(Ok(Value::Null), |(kind, id)| new(id, kind))
        })
        .get_set(
            "byte[] Key",
            |c| {
                let receiver = c.arg(0).clone();
                Ok(from_bytes(ready(c.cx, &receiver)?.key.unwrap_or_default()))
            },
            set_key,
        )
        .get_set(
            "byte[] IV",
            |c| {
                let receiver = c.arg(0).clone();
                Ok(from_bytes(ready(c.cx, &receiver)?.iv.unwrap_or_default()))
            },
            set_iv,
        )
        .get_set(
            "CipherMode Mode",
            |c| Ok(Value::Enum(CIPHER_MODE, algorithm(c.arg(0))?.settings.lock().mode)),
            |c| {
                let mode = c.int(1)?;
                if !matches!(mode, CBC | ECB | CFB) {
                    return Err(Exception::cryptographic("Specified cipher mode is not valid for this algorithm."));
                }
                algorithm(c.arg(0))?.settings.lock().mode = mode;
                Ok(Value::Null)
            },
        )
        .get_set(
            "PaddingMode Padding",
            |c| Ok(Value::Enum(PADDING_MODE, algorithm(c.arg(0))?.settings.lock().padding)),
            |c| {
                algorithm(c.arg(0))?.settings.lock().padding = c.int(1)?;
                Ok(Value::Null)
            },
        )
        .get_set("int KeySize", |c| Ok(bits(algorithm(c.arg(0))?.settings.lock().key_size)), set_key_size)
        .def("int BlockSize", |c| Ok(bits(algorithm(c.arg(0))?.settings.lock().kind.block())))
        .def("KeySizes[] LegalKeySizes", |c| {
            Ok(match algorithm(c.arg(0))?.settings.lock().kind {
                Kind::Aes => sizes(&[(128, 256, 64)]),
                Kind::TripleDes => sizes(&[(128, 192, 64)]),
                Kind::Des => sizes(&[(64, 64, 0)]),
            })
        })
        .def("KeySizes[] LegalBlockSizes", |c| {
            let bits = i32::try_from(algorithm(c.arg(0))?.settings.lock().kind.block() * 8).unwrap_or(0);
            Ok(sizes(&[(bits, bits, 0)]))
        })
        .def("int FeedbackSize", |c| {
            let own = algorithm(c.arg(0))?;
            let kind = own.settings.lock().kind;
            let is_rijndael = matches!(own.net_type(), Type::Simple(id) if id == RIJNDAEL);
            Ok(Value::Int32(if is_rijndael {
                128
            } else if kind == Kind::Aes {
                8
            } else {
                64
            }))
        })
        .def("bool ValidKeySize(int bitLength)", |c| {
            let sizes = algorithm(c.arg(0))?.settings.lock().kind.key_sizes();
            let wanted = usize::try_from(c.int(1)?).ok().filter(|n| n % 8 == 0).map(|n| n / 8);
            Ok(Value::Bool(wanted.is_some_and(|n| sizes.contains(&n))))
        })
        .def("void GenerateKey()", |c| {
            let size = algorithm(c.arg(0))?.settings.lock().key_size;
            let key = random::bytes(c.cx, size);
            algorithm(c.arg(0))?.settings.lock().key = Some(key);
            Ok(Value::Null)
        })
        .def("void GenerateIV()", |c| {
            let size = algorithm(c.arg(0))?.settings.lock().kind.block();
            let iv = random::bytes(c.cx, size);
            algorithm(c.arg(0))?.settings.lock().iv = Some(iv);
            Ok(Value::Null)
        })
        .def("ICryptoTransform CreateEncryptor()", |c| create_transform(c, true))
        .def("ICryptoTransform CreateEncryptor(byte[] rgbKey, byte[] rgbIV)", |c| create_transform(c, true))
        .def("ICryptoTransform CreateDecryptor()", |c| create_transform(c, false))
        .def("ICryptoTransform CreateDecryptor(byte[] rgbKey, byte[] rgbIV)", |c| create_transform(c, false))
        .def("void Clear()", dispose)
        .def("void Dispose()", dispose);
    b.class(AES).base("SymmetricAlgorithm").def("static Aes Create()", |_| new(AES, Kind::Aes));
    for managed in ["AesManaged", "AesCryptoServiceProvider"] {
        let id = TypeId(if managed == "AesManaged" {
            "System.Security.Cryptography.AesManaged"
        } else {
            "System.Security.Cryptography.AesCryptoServiceProvider"
        });
        b.class(id).base("Aes").def("new()", |_| new(AES, Kind::Aes));
    }
    b.class(RIJNDAEL).base("SymmetricAlgorithm").def("static Rijndael Create()", |_| new(RIJNDAEL, Kind::Aes));
    b.class(TypeId("System.Security.Cryptography.RijndaelManaged"))
        .base("Rijndael")
        .def("new()", |_| new(RIJNDAEL, Kind::Aes));
    b.class(TRIPLE_DES)
        .base("SymmetricAlgorithm")
        .def("static TripleDES Create()", |_| new(TRIPLE_DES, Kind::TripleDes));
    b.class(TypeId("System.Security.Cryptography.TripleDESCryptoServiceProvider"))
        .base("TripleDES")
        .def("new()", |_| new(TRIPLE_DES, Kind::TripleDes));
    b.class(DES).base("SymmetricAlgorithm").def("static DES Create()", |_| new(DES, Kind::Des));
}
