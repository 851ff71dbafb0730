//! A backend: a server that requests are forwarded to, or a pool of such servers.

use crate::{BackendId, CertificateId, Secret};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// What a backend speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackendProtocol {
    /// HTTP.
    #[default]
    Http,
    /// SOAP over HTTP.
    Soap,
}

/// `Authorization: <scheme> <parameter>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Authorization {
    /// Such as `Basic`.
    pub scheme: String,
    /// What follows.
    pub parameter: Secret<String>,
}

/// A token of the machine's own identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ManagedIdentity {
    /// Which identity; the default one if absent.
    pub client_id: Option<String>,
    /// Whom the token is for.
    pub resource: String,
}

/// What is added to requests; named values are already filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackendCredentials {
    /// The `Authorization` header.
    pub authorization: Option<Authorization>,
    /// Headers, each with its values.
    pub headers: Vec<(String, Vec<Secret<String>>)>,
    /// Query parameters, each with its values.
    pub query: Vec<(String, Vec<Secret<String>>)>,
    /// Client certificates by id; if there are any, thumbprints do not count.
    pub certificate_ids: Vec<CertificateId>,
    /// Client certificates by thumbprint.
    pub certificate_thumbprints: Vec<String>,
    /// Token of the machine's identity.
    pub managed_identity: Option<ManagedIdentity>,
}

/// A proxy in front of a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackendProxy {
    /// Its URL.
    pub url: String,
    /// User name, if it asks.
    pub username: Option<String>,
    /// Password, if it asks.
    pub password: Option<Secret<String>>,
}

/// A server certificate that is accepted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackendX509Name {
    /// Common name.
    pub name: String,
    /// Thumbprint of the issuer.
    pub issuer_thumbprint: Option<String>,
}

/// How a backend's certificate is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackendTls {
    /// False accepts any chain.
    pub validate_certificate_chain: bool,
    /// False accepts any name.
    pub validate_certificate_name: bool,
    /// Accepted by thumbprint.
    pub server_certificate_thumbprints: Vec<String>,
    /// Accepted by name.
    pub server_x509_names: Vec<BackendX509Name>,
}

impl Default for BackendTls {
    fn default() -> Self {
        Self {
            validate_certificate_chain: true,
            validate_certificate_name: true,
            server_certificate_thumbprints: Vec::new(),
            server_x509_names: Vec::new(),
        }
    }
}

/// Status codes from `min` to `max`, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusRange {
    /// First.
    pub min: u16,
    /// Last.
    pub max: u16,
}

/// When a circuit breaker trips.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FailureCondition {
    /// So many failures.
    pub count: Option<u32>,
    /// Such a share of failures.
    pub percentage: Option<u8>,
    /// Within this time.
    pub interval: Duration,
    /// Which codes are failures.
    pub status_code_ranges: Vec<StatusRange>,
    /// Which errors are failures.
    pub error_reasons: Vec<String>,
}

/// A rule of a circuit breaker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CircuitBreakerRule {
    /// Its name.
    pub name: String,
    /// When it trips.
    pub failure_condition: FailureCondition,
    /// How long nothing is sent.
    pub trip_duration: Duration,
    /// True: `Retry-After` of the failing response takes the place of `trip_duration`.
    pub accept_retry_after: bool,
    /// Status answered while open; 503 if nothing is said.
    pub failure_status: Option<u16>,
}

/// One server of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PoolMember {
    /// The backend.
    pub backend: BackendId,
    /// Share inside its priority group.
    pub weight: Option<u8>,
    /// Lower is better.
    pub priority: Option<u8>,
}

/// A cookie ties a caller to a member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionAffinity {
    /// Name of the cookie.
    pub cookie: String,
}

/// Members among which load is spread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pool {
    /// The members.
    pub members: Vec<PoolMember>,
    /// Sticky sessions.
    pub session_affinity: Option<SessionAffinity>,
    /// Status answered when no member can be used; 503 if nothing is said.
    pub failure_status: Option<u16>,
}

/// A backend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Backend {
    /// Resource name.
    pub id: BackendId,
    /// Name for people.
    pub title: Option<String>,
    /// Text for people.
    pub description: Option<String>,
    /// Base URL; absent for a pool.
    pub url: Option<String>,
    /// What it speaks.
    pub protocol: BackendProtocol,
    /// Azure resource it stands for; for information.
    pub resource_id: Option<String>,
    /// What is added to requests.
    pub credentials: BackendCredentials,
    /// Proxy on the way.
    pub proxy: Option<BackendProxy>,
    /// How its certificate is judged.
    pub tls: BackendTls,
    /// Circuit breaker rules.
    pub circuit_breaker: Vec<CircuitBreakerRule>,
    /// Present if this is a pool.
    pub pool: Option<Pool>,
    /// True for a Service Fabric cluster, which a self-hosted gateway cannot call.
    pub service_fabric: bool,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
