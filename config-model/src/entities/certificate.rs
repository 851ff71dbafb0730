//! A certificate: with its private key for backends and host names, without for trust.

use crate::{CertificateId, Secret};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    /// Resource name.
    pub id: CertificateId,
    /// PKCS#12 in Base64; absent if no source had it.
    pub pfx_base64: Option<Secret<String>>,
    /// Password of the PKCS#12.
    pub password: Option<Secret<String>>,
    /// Certificate alone, PEM; for trust.
    pub pem: Option<String>,
    /// SHA-1 of the certificate, upper-case hexadecimal.
    pub thumbprint: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// End of validity, as the source or the certificate says.
    pub expiration_date: Option<String>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
