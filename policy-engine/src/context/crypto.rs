//! Certificates of callers and of the deployment, and the extension methods on `byte[]` and `X509Certificate2`.
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dotnet::{Ambient, Builder, Exception, Result, TypeId, Value};

use super::{ids, state};

pub(super) const X509: TypeId = TypeId("System.Security.Cryptography.X509Certificates.X509Certificate2");

/// The certificate a caller showed, from DER.
pub(super) fn certificate(der: &[u8]) -> Result<Value> {
    dotnet::cryptography::x509::certificate(der, None)
}

fn load(certificate: &config_model::Certificate) -> Result<Value> {
    if let Some(pfx) = &certificate.pfx_base64 {
        let bytes = BASE64_STANDARD
            .decode(pfx.expose().trim())
            .map_err(|_| Exception::cryptographic("The certificate data is not valid Base64."))?;
        let password = certificate.password.as_ref().map_or("", |p| p.expose().as_str());
        return dotnet::cryptography::x509::from_pfx(&bytes, password);
    }
    match &certificate.pem {
        Some(pem) => dotnet::cryptography::x509::from_pem(pem.as_bytes()),
        None => Err(Exception::cryptographic("The certificate has no data.")),
    }
}

/// `context.Deployment.Certificates[name]`: by id or by thumbprint, without regard to case.
pub(super) fn deployment_certificate(cx: &mut dyn Ambient, name: &str) -> Result<Option<Value>> {
    let snapshot = state(cx)?.facts.snapshot.clone();
    let named = |c: &config_model::Certificate| {
        c.id.as_str().eq_ignore_ascii_case(name) || c.thumbprint.as_ref().is_some_and(|t| t.eq_ignore_ascii_case(name))
    };
    snapshot.certificates.values().find(|c| named(c)).map(|c| load(c)).transpose()
}

/// All of them.
pub(super) fn deployment_certificates(cx: &mut dyn Ambient) -> Result<Vec<(Value, Value)>> {
    let snapshot = state(cx)?.facts.snapshot.clone();
    snapshot.certificates.values().map(|c| Ok((Value::str(c.id.as_str()), load(c)?))).collect()
}

pub(super) fn define(b: &mut Builder) {
    use dotnet::cryptography::symmetric::{decrypt, encrypt};
    b.static_class(ids::EXTENSIONS)
        .def("static byte[] Encrypt(this byte[] input, string alg, byte[] key, byte[] iv)", encrypt)
        .def("static byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg)", encrypt)
        .def("static byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)", encrypt)
        .def("static bool VerifyNoRevocation(this X509Certificate2 certificate)", dotnet::cryptography::x509::verify)
        .def("static byte[] Decrypt(this byte[] input, string alg, byte[] key, byte[] iv)", decrypt)
        .def("static byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg)", decrypt)
        .def("static byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)", decrypt);
}
