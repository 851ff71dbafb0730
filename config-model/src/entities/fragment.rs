//! A policy fragment: policies that `include-fragment` puts in its place. The text is opaque here.

use crate::{Digest, FragmentId, PolicyFormat};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A policy fragment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fragment {
    /// Resource name, compared without letter case.
    pub id: FragmentId,
    /// Text for people.
    pub description: Option<String>,
    /// The document.
    pub text: Arc<str>,
    /// The digest of the text alone.
    pub digest: Digest,
    /// How expressions stand in it.
    pub format: PolicyFormat,
    /// The file the text came from.
    pub origin: Option<Arc<str>>,
}

impl Fragment {
    /// A fragment of unknown origin.
    pub fn new(id: impl Into<FragmentId>, text: impl AsRef<str>) -> Self {
        let text: Arc<str> = Arc::from(text.as_ref());
        Self { id: id.into(), digest: Digest::of(text.as_bytes()), text, ..Self::default() }
    }
}
