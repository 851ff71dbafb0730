//! Tokens by RFC 7515 to 7519: reading, signatures (HS, RS, PS, ES), decryption (direct, RSA-OAEP). Knows no policy.
//!
//! Over OpenSSL directly: keys are prepared once, and a key only ever verifies the algorithms of its own kind, so a public key can
//! never be taken for a shared secret.
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::general_purpose::URL_SAFE_NO_PAD};
use dotnet::Value;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Verifier};
use openssl::symm::{Cipher, decrypt as open, decrypt_aead};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use sha2::{Sha256, Sha384, Sha512};

use super::jwks::Provider;
use super::token_cache::{OwnKeys, Signers};
use crate::context::jwt;

/// Longest token that is looked at.
pub(in crate::policies) const MAX_TOKEN: usize = 64 * 1024;

/// A JSON object, as headers and claims are.
pub(in crate::policies) type Object = Map<String, Json>;

/// What a key is made of.
#[derive(Clone)]
enum Material {
    /// A shared secret.
    Secret(Vec<u8>),
    Rsa(PKey<Public>),
    Ec(PKey<Public>, Nid),
}

/// A key that verifies signatures.
#[derive(Clone)]
pub(in crate::policies) struct VerifyKey {
    /// Matched with a token's `kid`.
    pub(in crate::policies) id: Option<String>,
    material: Material,
}

impl VerifyKey {
    /// A shared secret.
    pub(in crate::policies) fn secret(id: Option<String>, bytes: Vec<u8>) -> VerifyKey {
        VerifyKey { id, material: Material::Secret(bytes) }
    }

    /// An RSA key by modulus and exponent, both big-endian.
    pub(in crate::policies) fn rsa(id: Option<String>, n: &[u8], e: &[u8]) -> Result<VerifyKey, ErrorStack> {
        let rsa = Rsa::from_public_components(BigNum::from_slice(n)?, BigNum::from_slice(e)?)?;
        Ok(VerifyKey { id, material: Material::Rsa(PKey::from_rsa(rsa)?) })
    }

    /// A key on one of the three curves; `None` for another one.
    pub(in crate::policies) fn ec(id: Option<String>, curve: &str, x: &[u8], y: &[u8]) -> Option<VerifyKey> {
        let nid = match curve {
            "P-256" => Nid::X9_62_PRIME256V1,
            "P-384" => Nid::SECP384R1,
            "P-521" => Nid::SECP521R1,
            _ => return None,
        };
        let group = EcGroup::from_curve_name(nid).ok()?;
        let (x, y) = (BigNum::from_slice(x).ok()?, BigNum::from_slice(y).ok()?);
        let key = EcKey::from_public_key_affine_coordinates(&group, &x, &y).ok()?;
        Some(VerifyKey { id, material: Material::Ec(PKey::from_ec_key(key).ok()?, nid) })
    }

    /// The public key of a certificate; `None` if it is of no kind that signs tokens.
    pub(in crate::policies) fn public(id: Option<String>, key: PKey<Public>) -> Option<VerifyKey> {
        let material = match key.id() {
            Id::RSA => Material::Rsa(key),
            Id::EC => {
                let curve = key.ec_key().ok()?.group().curve_name()?;
                Material::Ec(key, curve)
            }
            _ => return None,
        };
        Some(VerifyKey { id, material })
    }

    /// Does it verify this signature? Only algorithms of the key's own kind can.
    fn verifies(&self, alg: &str, data: &[u8], signature: &[u8]) -> bool {
        self.check(alg, data, signature).unwrap_or(false)
    }

    fn check(&self, alg: &str, data: &[u8], signature: &[u8]) -> Option<bool> {
        let (family, bits) = alg.split_at_checked(2)?;
        let digest = digest(bits)?;
        match (&self.material, family) {
            (Material::Secret(secret), "HS") => Some(openssl_eq(&mac(digest, secret, data)?, signature)),
            (Material::Rsa(key), "RS") => Verifier::new(digest, key).ok()?.verify_oneshot(signature, data).ok(),
            (Material::Rsa(key), "PS") => {
                let mut verifier = Verifier::new(digest, key).ok()?;
                verifier.set_rsa_padding(Padding::PKCS1_PSS).ok()?;
                verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).ok()?;
                verifier.verify_oneshot(signature, data).ok()
            }
            (Material::Ec(key, curve), "ES") if curve_of(bits) == Some(*curve) => {
                let der = ecdsa_der(signature)?;
                Verifier::new(digest, key).ok()?.verify_oneshot(&der, data).ok()
            }
            _ => None,
        }
    }
}

fn digest(bits: &str) -> Option<MessageDigest> {
    Some(match bits {
        "256" => MessageDigest::sha256(),
        "384" => MessageDigest::sha384(),
        "512" => MessageDigest::sha512(),
        _ => return None,
    })
}

fn curve_of(bits: &str) -> Option<Nid> {
    Some(match bits {
        "256" => Nid::X9_62_PRIME256V1,
        "384" => Nid::SECP384R1,
        "512" => Nid::SECP521R1,
        _ => return None,
    })
}

/// The two halves of a JOSE signature as the structure that OpenSSL takes.
fn ecdsa_der(signature: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = signature.split_at_checked(signature.len() / 2)?;
    let (r, s) = (BigNum::from_slice(r).ok()?, BigNum::from_slice(s).ok()?);
    EcdsaSig::from_private_components(r, s).ok()?.to_der().ok()
}

/// HMAC (RFC 2104). Not through OpenSSL's keys and signers: finding the algorithm there by name, several times for each token, costs
/// ten times the digests themselves.
fn mac(digest: MessageDigest, secret: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    fn by<D: Mac + KeyInit>(secret: &[u8], data: &[u8]) -> Option<Vec<u8>> {
        let mut mac = <D as KeyInit>::new_from_slice(secret).ok()?;
        mac.update(data);
        Some(mac.finalize().into_bytes().to_vec())
    }
    match digest.size() {
        32 => by::<Hmac<Sha256>>(secret, data),
        48 => by::<Hmac<Sha384>>(secret, data),
        64 => by::<Hmac<Sha512>>(secret, data),
        _ => None,
    }
}

/// Equality in constant time.
fn openssl_eq(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && openssl::memcmp::eq(a, b)
}

/// Base64 in either alphabet, with or without padding, blanks ignored.
pub(in crate::policies) fn base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    LENIENT.decode(text.replace('-', "+").replace('_', "/")).ok()
}

fn segment(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

fn object(text: &str) -> Option<Object> {
    serde_json::from_slice(&segment(text)?).ok()
}

/// A token that was read but not yet believed.
pub(in crate::policies) struct Token {
    pub(in crate::policies) header: Object,
    pub(in crate::policies) claims: Object,
    text: Box<str>,
    /// Length of what was signed, which `text` begins with.
    signed: usize,
    signature: Vec<u8>,
    /// Whose public keys it was found good with.
    signers: Mutex<Option<Signers>>,
    /// As expressions see it, once one of them may.
    shown: OnceLock<Value>,
}

/// What came of looking for the key that signed a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::policies) enum Signature {
    Good,
    /// `alg` is `none`.
    Unsigned,
    /// The key it names, or any at all, is not known.
    NoKey,
    Bad,
}

impl Token {
    /// Reads a signed token (three parts).
    pub(in crate::policies) fn read(text: &str) -> Option<Token> {
        let text = text.trim();
        if text.len() > MAX_TOKEN {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        if claims.contains('.') {
            return None;
        }
        Some(Token {
            header: object(header)?,
            claims: object(claims)?,
            signed: signed.len(),
            signature: segment(signature)?,
            signers: Mutex::new(None),
            shown: OnceLock::new(),
            text: text.into(),
        })
    }

    /// The token as it was sent.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The token as a `Jwt`.
    pub(in crate::policies) fn shown(&self) -> Value {
        self.shown.get_or_init(|| jwt::from_parts(&self.header, &self.claims)).clone()
    }

    /// Was its signature found good with these keys?
    pub(super) fn is_good_with(&self, own: OwnKeys, providers: &[Arc<Provider>]) -> bool {
        self.signers.lock().as_ref().is_some_and(|signers| signers.are(own, providers))
    }

    /// Notes that its signature was found good. One by a shared secret is not noted: checking it again is as cheap.
    pub(super) fn note_good_with(&self, own: OwnKeys, providers: &[Arc<Provider>]) {
        if !Token::text_of(&self.header, "alg").is_some_and(|alg| alg.starts_with("HS")) {
            *self.signers.lock() = Some(Signers::new(own, providers));
        }
    }

    fn text_of<'t>(map: &'t Object, name: &str) -> Option<&'t str> {
        map.get(name).and_then(Json::as_str)
    }

    /// A claim that is text.
    pub(in crate::policies) fn claim(&self, name: &str) -> Option<&str> {
        Token::text_of(&self.claims, name)
    }

    /// Tries the key that `kid` names, else all of them: keys are published before they are named, and rolled over.
    pub(in crate::policies) fn verify<'k>(&self, keys: impl Iterator<Item = &'k VerifyKey> + Clone) -> Signature {
        let alg = Token::text_of(&self.header, "alg").unwrap_or("");
        if alg.eq_ignore_ascii_case("none") {
            return if self.signature.is_empty() { Signature::Unsigned } else { Signature::Bad };
        }
        let signed = self.text.get(..self.signed).unwrap_or_default();
        let good = |key: &VerifyKey| key.verifies(alg, signed.as_bytes(), &self.signature);
        let kid = Token::text_of(&self.header, "kid").or_else(|| Token::text_of(&self.header, "x5t"));
        let named = || keys.clone().filter(|k| kid.is_some() && k.id.as_deref() == kid);
        if named().next().is_some() {
            return if named().any(good) { Signature::Good } else { Signature::Bad };
        }
        match (keys.clone().any(good), keys.clone().next().is_some() && kid.is_none()) {
            (true, _) => Signature::Good,
            (false, true) => Signature::Bad,
            (false, false) => Signature::NoKey,
        }
    }
}

/// A key that opens encrypted tokens.
pub(in crate::policies) enum DecryptKey {
    /// The content key itself (`dir`).
    Secret(Vec<u8>),
    Rsa(PKey<Private>),
}

/// Is the text an encrypted token (five parts)?
pub(in crate::policies) fn is_encrypted(text: &str) -> bool {
    text.bytes().filter(|b| *b == b'.').count() == 4
}

/// Opens an encrypted token with the first key that fits.
pub(in crate::policies) fn decrypt<'k>(text: &str, keys: impl Iterator<Item = &'k DecryptKey>) -> Option<String> {
    let parts: Vec<&str> = text.trim().split('.').collect();
    let [protected, wrapped, iv, sealed, tag] = *parts.as_slice() else { return None };
    if text.len() > MAX_TOKEN {
        return None;
    }
    let header = object(protected)?;
    let alg = Token::text_of(&header, "alg")?;
    let content = Token::text_of(&header, "enc")?;
    let (wrapped, iv, sealed, tag) = (segment(wrapped)?, segment(iv)?, segment(sealed)?, segment(tag)?);
    for key in keys {
        let Some(content_key) = unwrap_key(key, alg, &wrapped) else { continue };
        if let Some(plain) = open_content(content, &content_key, &iv, protected.as_bytes(), &sealed, &tag) {
            return String::from_utf8(plain).ok();
        }
    }
    None
}

fn unwrap_key(key: &DecryptKey, alg: &str, wrapped: &[u8]) -> Option<Vec<u8>> {
    match (key, alg) {
        (DecryptKey::Secret(secret), "dir") if wrapped.is_empty() => Some(secret.clone()),
        (DecryptKey::Rsa(key), "RSA-OAEP" | "RSA-OAEP-256") => {
            let mut decrypter = openssl::encrypt::Decrypter::new(key).ok()?;
            decrypter.set_rsa_padding(Padding::PKCS1_OAEP).ok()?;
            let digest = if alg == "RSA-OAEP" { MessageDigest::sha1() } else { MessageDigest::sha256() };
            decrypter.set_rsa_oaep_md(digest).ok()?;
            decrypter.set_rsa_mgf1_md(digest).ok()?;
            let mut out = vec![0; decrypter.decrypt_len(wrapped).ok()?];
            let len = decrypter.decrypt(wrapped, &mut out).ok()?;
            out.truncate(len);
            Some(out)
        }
        _ => None,
    }
}

/// RFC 7518, 5.2 and 5.3.
fn open_content(name: &str, key: &[u8], iv: &[u8], aad: &[u8], sealed: &[u8], tag: &[u8]) -> Option<Vec<u8>> {
    let (cipher, digest) = match name {
        "A128GCM" => return open_gcm(Cipher::aes_128_gcm(), key, iv, aad, sealed, tag),
        "A192GCM" => return open_gcm(Cipher::aes_192_gcm(), key, iv, aad, sealed, tag),
        "A256GCM" => return open_gcm(Cipher::aes_256_gcm(), key, iv, aad, sealed, tag),
        "A128CBC-HS256" => (Cipher::aes_128_cbc(), MessageDigest::sha256()),
        "A192CBC-HS384" => (Cipher::aes_192_cbc(), MessageDigest::sha384()),
        "A256CBC-HS512" => (Cipher::aes_256_cbc(), MessageDigest::sha512()),
        _ => return None,
    };
    if key.len() != cipher.key_len().checked_mul(2)? || iv.len() != 16 {
        return None;
    }
    let (mac_key, content_key) = key.split_at_checked(key.len() / 2)?;
    let bits = u64::try_from(aad.len()).ok()?.checked_mul(8)?;
    let authenticated = [aad, iv, sealed, &bits.to_be_bytes()].concat();
    let full = mac(digest, mac_key, &authenticated)?;
    if !openssl_eq(full.get(..full.len() / 2)?, tag) {
        return None;
    }
    open(cipher, content_key, Some(iv), sealed).ok()
}

fn open_gcm(cipher: Cipher, key: &[u8], iv: &[u8], aad: &[u8], sealed: &[u8], tag: &[u8]) -> Option<Vec<u8>> {
    if key.len() != cipher.key_len() || iv.len() != 12 || tag.len() != 16 {
        return None;
    }
    decrypt_aead(cipher, key, Some(iv), aad, sealed, tag).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, claims: &str, secret: &[u8]) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = mac(MessageDigest::sha256(), secret, signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn keys_are_chosen_by_id_and_never_by_another_kind() {
        let secret = VerifyKey::secret(Some("k1".into()), b"secret".to_vec());
        let other = VerifyKey::secret(Some("k2".into()), b"other".to_vec());
        let read = |h: &str| Token::read(&token(h, "{}", b"secret")).unwrap();
        let named = read(r#"{"alg":"HS256","kid":"k1"}"#);
        assert_eq!(named.verify([&other, &secret].into_iter()), Signature::Good);
        assert_eq!(read(r#"{"alg":"HS256","kid":"k2"}"#).verify([&other, &secret].into_iter()), Signature::Bad);
        assert_eq!(read(r#"{"alg":"HS256","kid":"k9"}"#).verify([&other].into_iter()), Signature::NoKey);
        assert_eq!(read(r#"{"alg":"HS256"}"#).verify([&other].into_iter()), Signature::Bad);
        assert_eq!(read(r#"{"alg":"HS256"}"#).verify([].into_iter()), Signature::NoKey);
        let rsa = Rsa::generate(2048).unwrap();
        let n = rsa.n().to_vec();
        let confused = Token::read(&token(r#"{"alg":"HS256"}"#, "{}", &n)).unwrap();
        let key = VerifyKey::rsa(None, &n, &rsa.e().to_vec()).unwrap();
        assert_eq!(confused.verify([&key].into_iter()), Signature::Bad);
    }

    #[test]
    fn what_is_no_token_is_not_read() {
        for text in ["", "a", "a.b", "a.b.c", "..", "e30.e30", "e30.W10.e30", "e30.e30.e30.e30"] {
            assert!(Token::read(text).is_none(), "{text}");
        }
        assert!(Token::read("e30.e30.").is_some());
    }

    #[test]
    fn rfc_7518_appendix_b_1() {
        let key: Vec<u8> = (0..32).collect();
        let digit = |b: u8| u8::try_from(char::from(b).to_digit(16).unwrap()).unwrap();
        let hex = |t: &str| -> Vec<u8> { t.as_bytes().chunks(2).map(|p| digit(p[0]) << 4 | digit(p[1])).collect() };
        let plain = "A cipher system must not be required to be secret, and it must be able to fall into the hands of the enemy without inconvenience";
        let aad = b"The second principle of Auguste Kerckhoffs";
        let iv = hex("1af38c2dc2b96ffdd86694092341bc04");
        let sealed = hex(concat!(
            "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9",
            "a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336",
            "09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b",
            "384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5",
            "4b8851ffb598f7f80074b9473c82e2db"
        ));
        let tag = hex("652c3fa36b0a7c5b3219fab3a30bc1c4");
        let opened = open_content("A128CBC-HS256", &key, &iv, aad, &sealed, &tag).unwrap();
        assert_eq!(String::from_utf8(opened).unwrap(), plain);
        assert!(open_content("A128CBC-HS256", &key, &iv, b"x", &sealed, &tag).is_none());
    }
}
