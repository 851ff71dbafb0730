//! One noun per file. Every struct has defaults for all fields, so that neighbours one version apart understand each other.

mod api;
mod backend;
mod cache;
mod certificate;
mod diagnostic;
mod fragment;
mod gateway;
mod group;
mod hostname;
mod identity_provider;
mod logger;
mod named_value;
mod operation;
mod product;
mod schema;
mod subscription;
mod tag;
mod user;
mod version_set;

pub use api::{Api, ApiAuthentication, ApiKind, OAuth2Setting, OpenIdSetting, Protocol, SubscriptionKeyNames};
pub use backend::{
    Authorization, Backend, BackendCredentials, BackendProtocol, BackendProxy, BackendTls, BackendX509Name,
    CircuitBreakerRule, FailureCondition, ManagedIdentity, Pool, PoolMember, SessionAffinity, StatusRange,
};
pub use cache::Cache;
pub use certificate::Certificate;
pub use diagnostic::{
    Diagnostic, HttpCorrelation, Masking, MaskingMode, MessageDiagnostic, PipelineDiagnostic, Verbosity,
};
pub use fragment::Fragment;
pub use gateway::{CertificateAuthority, Gateway, GatewayLocation};
pub use group::Group;
pub use hostname::Hostname;
pub use identity_provider::{IdentityProvider, IdentityProviderKind};
pub use logger::{Logger, LoggerKind};
pub use named_value::{KeyVaultReference, NamedValue};
pub use operation::{
    Example, Operation, OperationRequest, OperationResponse, Parameter, Representation, ResponseStatus,
};
pub use product::{Product, ProductState};
pub use schema::Schema;
pub use subscription::{Subscription, SubscriptionScope, SubscriptionState};
pub use tag::Tag;
pub use user::{User, UserIdentity};
pub use version_set::{VersionSet, VersioningScheme};
