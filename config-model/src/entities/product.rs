//! A product: APIs offered together, with policies of its own.

use crate::{ApiId, GroupId, ProductId, TagId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Whether developers can see a product. It does not matter at run time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductState {
    /// Visible.
    Published,
    /// Hidden.
    #[default]
    NotPublished,
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Product {
    /// Resource name.
    pub id: ProductId,
    /// Name for people.
    pub display_name: String,
    /// Text for people.
    pub description: Option<String>,
    /// Visible or not.
    pub state: ProductState,
    /// False makes it an open product.
    pub subscription_required: bool,
    /// True if somebody must approve subscriptions.
    pub approval_required: bool,
    /// How many subscriptions a user may have.
    pub subscriptions_limit: Option<u32>,
    /// Legal terms.
    pub terms: Option<String>,
    /// Root APIs in it.
    pub apis: Vec<ApiId>,
    /// Groups that see it.
    pub groups: Vec<GroupId>,
    /// Tags.
    pub tags: Vec<TagId>,
    /// The file it came from.
    pub origin: Option<Arc<str>>,
}

impl Default for Product {
    fn default() -> Self {
        Self {
            id: ProductId::default(),
            display_name: String::new(),
            description: None,
            state: ProductState::default(),
            subscription_required: true,
            approval_required: false,
            subscriptions_limit: None,
            terms: None,
            apis: Vec::new(),
            groups: Vec::new(),
            tags: Vec::new(),
            origin: None,
        }
    }
}
