//! A host name that a gateway answers to.

use crate::{CertificateId, GatewayId, HostnameId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A host name configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hostname {
    /// Resource name.
    pub id: HostnameId,
    /// The gateway it belongs to.
    pub gateway: GatewayId,
    /// The name, or `*.example.org`.
    pub hostname: String,
    /// The certificate shown.
    pub certificate: Option<CertificateId>,
    /// True if clients are asked for a certificate.
    pub negotiate_client_certificate: bool,
    /// TLS 1.0 allowed.
    pub tls10: bool,
    /// TLS 1.1 allowed.
    pub tls11: bool,
    /// HTTP/2 offered; `None` leaves it to the gateway.
    pub http2: Option<bool>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
