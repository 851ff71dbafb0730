//! APIs and operations as the children of `rate-limit` and `quota` name them.
use crate::compile::{Node, Refused};
use crate::diagnostics::codes;

/// An API or operation by resource name or display name.
pub(in crate::policies) enum Name {
    Id(String),
    Display(String),
}

impl Name {
    /// Reads `id`, else `name`.
    pub(in crate::policies) fn read(node: &mut Node<'_, '_>) -> Result<Name, Refused> {
        match (node.literal_or_none("id")?, node.literal_or_none("name")?) {
            (Some(id), _) => Ok(Name::Id(id)),
            (None, Some(name)) => Ok(Name::Display(name)),
            (None, None) => {
                let message = format!("`{}` needs an `id` or a `name`", node.name());
                node.fail(codes::MISSING_ATTRIBUTE, message, None)
            }
        }
    }

    /// Is it this one?
    pub(in crate::policies) fn fits(&self, id: &str, display: &str) -> bool {
        match self {
            Name::Id(wanted) => wanted.eq_ignore_ascii_case(id),
            Name::Display(wanted) => wanted.eq_ignore_ascii_case(display),
        }
    }
}
