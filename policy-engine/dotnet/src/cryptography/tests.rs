//! Known answers, and both ways through each cipher.
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::{X509Builder, X509NameBuilder};

use crate::collections::testing::{Bench, call, call_in};
use crate::collections::{array, from_bytes};
use crate::member::Call;
use crate::value::Value;

const NS: &str = "System.Security.Cryptography.";

fn b64(value: &Value) -> String {
    openssl::base64::encode_block(&array::bytes(value).unwrap())
}

#[test]
fn hashes_and_macs_agree_with_dotnet() {
    let data = |class: &str, text: &str| {
        let signature = "static byte[] HashData(byte[] source)";
        b64(&call(&format!("{NS}{class}"), signature, &[], &mut [from_bytes(text.as_bytes())]).unwrap())
    };
    assert_eq!(data("SHA1", "abc"), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    assert_eq!(data("SHA256", ""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    let mac = |class: &str, key: &[u8], text: &str| {
        let signature = "static byte[] HashData(byte[] key, byte[] source)";
        b64(&call(&format!("{NS}{class}"), signature, &[], &mut [from_bytes(key), from_bytes(text.as_bytes())])
            .unwrap())
    };
    assert_eq!(mac("HMACSHA256", b"key", "msg"), "LZPLwb4We8sWN6SiPL/wGnh48MUO6DOVTqUiG7G4xig=");
    assert_eq!(mac("HMACSHA1", b"secret", "a\nb"), "M4GIyvg4nSmyAmY/8yw4j3RGrkM=");
    assert_eq!(mac("HMACSHA256", b"", ""), mac("HMACSHA256", &[0], ""));
}

#[test]
fn hashes_and_macs_agree_with_openssl() {
    use openssl::sign::Signer;
    let text: Vec<u8> = (0..300u16).map(|n| (n % 251) as u8).collect();
    for (name, digest) in [
        ("MD5", MessageDigest::md5()),
        ("SHA1", MessageDigest::sha1()),
        ("SHA256", MessageDigest::sha256()),
        ("SHA384", MessageDigest::sha384()),
        ("SHA512", MessageDigest::sha512()),
    ] {
        for len in [0, 1, 55, 64, 111, 128, 300] {
            let part = &text[..len];
            let want = openssl::base64::encode_block(&openssl::hash::hash(digest, part).unwrap());
            let plain = "static byte[] HashData(byte[] source)";
            let found = call(&format!("{NS}{name}"), plain, &[], &mut [from_bytes(part)]).unwrap();
            assert_eq!(b64(&found), want, "{name} of {len} bytes");
            // Keys shorter than a block, as long as one, and longer.
            for key in [&text[..5], &text[..64], &text[..200]] {
                let mut signer = Signer::new(digest, &PKey::hmac(key).unwrap()).unwrap();
                let want = openssl::base64::encode_block(&signer.sign_oneshot_to_vec(part).unwrap());
                let keyed = "static byte[] HashData(byte[] key, byte[] source)";
                let args = &mut [from_bytes(key), from_bytes(part)];
                let found = call(&format!("{NS}HMAC{name}"), keyed, &[], args).unwrap();
                assert_eq!(b64(&found), want, "HMAC{name} of {len} bytes with {} of key", key.len());
            }
        }
    }
}

fn crypt(native: crate::member::Native, data: &[u8], name: &str, key: &[u8], iv: &[u8]) -> crate::Result<Value> {
    let mut cx = Bench::default();
    let args = &mut [from_bytes(data), Value::str(name), from_bytes(key), from_bytes(iv)];
    native(&mut Call { cx: &mut cx, types: &[], args })
}

#[test]
fn gateway_ciphers() {
    use super::symmetric::{decrypt, encrypt};
    let key = b"0123456789abcdef";
    let sealed = crypt(encrypt, b"hello", "Aes", key, &[0; 16]).unwrap();
    assert_eq!(b64(&sealed), "Z0x+8454yr2c7JwSWCOmOQ==");
    for (name, key, iv) in
        [("Aes", &key[..], 16), ("TripleDES", b"0123456789abcdefghijklmn", 8), ("DES", b"01234567", 8)]
    {
        let iv = vec![7; iv];
        let sealed = crypt(encrypt, b"some longer text", name, key, &iv).unwrap();
        let open = crypt(decrypt, &array::bytes(&sealed).unwrap(), name, key, &iv).unwrap();
        assert_eq!(array::bytes(&open).unwrap(), b"some longer text", "{name}");
    }
    let error = crypt(encrypt, b"x", "Aes", &[0; 5], &[0; 16]).unwrap_err();
    assert_eq!(&**error.message(), "Specified key is not a valid size for this algorithm. (Parameter 'rgbKey')");
    let error = crypt(decrypt, &[0; 16], "Aes", &[0; 16], &[0; 16]).unwrap_err();
    assert_eq!(&**error.message(), "Padding is invalid and cannot be removed.");
}

#[test]
fn certificates_show_their_parts_and_sign() {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("O", "Contoso").unwrap();
    name.append_entry_by_text("CN", "client").unwrap();
    let name = name.build();
    let mut b = X509Builder::new().unwrap();
    b.set_version(2).unwrap();
    b.set_subject_name(&name).unwrap();
    b.set_issuer_name(&name).unwrap();
    b.set_pubkey(&key).unwrap();
    b.set_serial_number(&BigNum::from_u32(0x8A01).unwrap().to_asn1_integer().unwrap()).unwrap();
    b.set_not_before(&Asn1Time::from_unix(1_714_979_289).unwrap()).unwrap();
    b.set_not_after(&Asn1Time::from_unix(4_102_444_800).unwrap()).unwrap();
    b.sign(&key, MessageDigest::sha256()).unwrap();
    let der = b.build().to_der().unwrap();
    let cert = super::x509::certificate(&der, Some(key)).unwrap();
    let base = format!("{NS}X509Certificates.X509Certificate");
    let cert2 = format!("{base}2");
    let get = |class: &str, signature: &str| call(class, signature, &[], &mut [cert.clone()]).unwrap();
    assert_eq!(get(&base, "string Subject").as_str(), Some("CN=client, O=Contoso"));
    assert_eq!(get(&cert2, "string SerialNumber").as_str(), Some("008A01"));
    assert_eq!(get(&cert2, "string Thumbprint").as_str().unwrap().len(), 40);
    assert!(matches!(get(&cert2, "DateTime NotBefore"), Value::DateTime(d) if d.ticks == 638_505_760_890_000_000));
    assert!(matches!(get(&cert2, "int Version"), Value::Int32(3)));
    assert!(matches!(get(&cert2, "bool Verify()"), Value::Bool(false)));
    let extension = format!("{NS}X509Certificates.RSACertificateExtensions");
    let rsa = get(&extension, "static RSA GetRSAPrivateKey(this X509Certificate2 certificate)");
    let public = get(&extension, "static RSA GetRSAPublicKey(this X509Certificate2 certificate)");
    let sha = call(&format!("{NS}HashAlgorithmName"), "static HashAlgorithmName SHA256", &[], &mut []).unwrap();
    for padding in ["Pkcs1", "Pss"] {
        let signature =
            if padding == "Pss" { "static RSASignaturePadding Pss" } else { "static RSASignaturePadding Pkcs1" };
        let padding = call(&format!("{NS}RSASignaturePadding"), signature, &[], &mut []).unwrap();
        let mut cx = Bench::default();
        let signed = call_in(
            &mut cx,
            &format!("{NS}RSA"),
            "byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)",
            &[],
            &mut [rsa.clone(), from_bytes(*b"text"), sha.clone(), padding.clone()],
        )
        .unwrap();
        let verify = "bool VerifyData(byte[] data, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)";
        for (text, want) in [(b"text", true), (b"next", false)] {
            let args = &mut [public.clone(), from_bytes(*text), signed.clone(), sha.clone(), padding.clone()];
            let good = call_in(&mut cx, &format!("{NS}RSA"), verify, &[], args).unwrap();
            assert!(matches!(good, Value::Bool(b) if b == want));
        }
    }
}
