//! Certificates with a private key from elsewhere, and `Import`, which is refused as .NET Core refuses it.
use super::rsa;
use super::x509::{CERTIFICATE, CERTIFICATE2, made, this};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::TypeId;
use crate::value::Value;

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    b.static_class(TypeId("System.Security.Cryptography.X509Certificates.RSACertificateExtensions")).def(
        "static X509Certificate2 CopyWithPrivateKey(this X509Certificate2 certificate, RSA privateKey)",
        with_private_key,
    );
    for id in [CERTIFICATE, CERTIFICATE2] {
        b.class(id)
            .def("void Import(byte[] rawData)", import)
            .def("void Import(byte[] rawData, string password, X509KeyStorageFlags keyStorageFlags)", import);
    }
}

fn import(_: &mut Call<'_>) -> Result<Value> {
    Err(Exception::new(
        TypeId("System.PlatformNotSupportedException"),
        "X509Certificate is immutable on this platform. Use the equivalent constructor instead.",
    ))
}

fn with_private_key(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("certificate"));
    }
    let own = this(c)?;
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("privateKey"));
    }
    if own.key.is_some() {
        return Err(Exception::invalid_operation("The certificate already has an associated private key."));
    }
    let mut args = [c.take(1)];
    let key = rsa::with_private(&mut Call { cx: &mut *c.cx, types: &[], args: &mut args }, |key| Ok(key.clone()))?;
    let public = own.cert.public_key().map_err(super::failed)?;
    if public.id() != key.id() {
        let text = "The provided key does not match the public key algorithm for this certificate.";
        return Err(Exception::argument_message(text));
    }
    if !public.public_eq(&key) {
        let text = "The provided key does not match the public key for this certificate.";
        return Err(Exception::argument(text, "privateKey"));
    }
    Ok(made(own.cert.clone(), Some(key)))
}
