//! The TLS listener: certificate and key files, TLS 1.2 and 1.3 with Mozilla's intermediate ciphers, resumption by ticket,
//! HTTP/2 and HTTP/1.1 by ALPN.

use openssl::ssl::{AlpnError, SslAcceptor, SslFiletype, SslMethod, select_next_proto};

use crate::settings::TlsFiles;

/// What is offered, in our order.
const ALPN: &[u8] = b"\x02h2\x08http/1.1";

/// Why there is no TLS listener.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate file.
    #[error("certificate file `{0}` cannot be used: {1}")]
    Certificate(String, openssl::error::ErrorStack),
    /// The key file.
    #[error("key file `{0}` cannot be used: {1}")]
    Key(String, openssl::error::ErrorStack),
    /// They do not belong together.
    #[error("key `{0}` does not belong to certificate `{1}`")]
    Mismatch(String, String),
    /// OpenSSL itself.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] openssl::error::ErrorStack),
}

/// Reads the files.
pub(crate) fn acceptor(files: &TlsFiles) -> Result<SslAcceptor, TlsError> {
    let (certificate, key) = (files.certificate.display().to_string(), files.key.display().to_string());
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls())?;
    builder
        .set_certificate_chain_file(&files.certificate)
        .map_err(|error| TlsError::Certificate(certificate.clone(), error))?;
    builder.set_private_key_file(&files.key, SslFiletype::PEM).map_err(|error| TlsError::Key(key.clone(), error))?;
    builder.check_private_key().map_err(|_| TlsError::Mismatch(key, certificate))?;
    builder.set_session_id_context(b"gatewright")?;
    builder.set_alpn_select_callback(|_, offered| select_next_proto(ALPN, offered).ok_or(AlpnError::NOACK));
    Ok(builder.build())
}
