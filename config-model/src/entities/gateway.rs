//! A self-hosted gateway as the management plane knows it: which APIs it serves, where it stands, whom it trusts.

use crate::{ApiId, CertificateId, GatewayId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where a gateway stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GatewayLocation {
    /// Name of the place; `context.Deployment.Region`.
    pub name: String,
    /// City.
    pub city: Option<String>,
    /// District.
    pub district: Option<String>,
    /// Country or region.
    pub country_or_region: Option<String>,
}

/// A certificate authority of a gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CertificateAuthority {
    /// The certificate.
    pub certificate: CertificateId,
    /// True if it is a trusted root.
    pub trusted: bool,
}

/// A gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gateway {
    /// Resource name.
    pub id: GatewayId,
    /// Text for people.
    pub description: Option<String>,
    /// Where it stands.
    pub location: GatewayLocation,
    /// Root APIs it serves.
    pub apis: Vec<ApiId>,
    /// Whom it trusts.
    pub certificate_authorities: Vec<CertificateAuthority>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
