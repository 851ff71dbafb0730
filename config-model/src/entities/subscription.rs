//! A subscription: two keys and what they open.

use crate::{ApiId, ProductId, Secret, SubscriptionId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a key opens.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionScope {
    /// Everything; the built-in all-access subscription.
    AllAccess,
    /// All APIs.
    #[default]
    AllApis,
    /// One API with all its revisions.
    Api(ApiId),
    /// The APIs of one product, in the context of that product.
    Product(ProductId),
}

/// Only `Active` keys work; the dates of a subscription decide nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubscriptionState {
    /// Keys work.
    #[default]
    Active,
    /// Blocked for now.
    Suspended,
    /// Past its end.
    Expired,
    /// Waiting for approval.
    Submitted,
    /// Not approved.
    Rejected,
    /// Given up.
    Cancelled,
}

/// A subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Subscription {
    /// Resource name.
    pub id: SubscriptionId,
    /// Name for people.
    pub display_name: String,
    /// What the keys open.
    pub scope: SubscriptionScope,
    /// Whether they do.
    pub state: SubscriptionState,
    /// One key.
    pub primary_key: Option<Secret<String>>,
    /// The other key, of equal rank.
    pub secondary_key: Option<Secret<String>>,
    /// Who owns it, if anybody.
    pub owner: Option<UserId>,
    /// True if its holder may trace requests.
    pub allow_tracing: bool,
    /// ISO 8601; for information.
    pub created_date: Option<String>,
    /// ISO 8601; for information.
    pub start_date: Option<String>,
    /// ISO 8601; for information.
    pub end_date: Option<String>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
