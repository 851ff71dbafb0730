//! A user: the owner of subscriptions, `context.User`.

use crate::{GroupId, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An identity of a user at a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserIdentity {
    /// The provider.
    pub provider: String,
    /// The id there.
    pub id: String,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// Resource name.
    pub id: UserId,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Mail address.
    pub email: String,
    /// `active`, `blocked`, `pending`, `deleted`.
    pub state: String,
    /// ISO 8601.
    pub registration_date: Option<String>,
    /// Note of the operator.
    pub note: Option<String>,
    /// Groups the user is in.
    pub groups: Vec<GroupId>,
    /// Identities at providers.
    pub identities: Vec<UserIdentity>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}
