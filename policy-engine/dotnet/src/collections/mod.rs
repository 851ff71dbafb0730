//! Arrays, `System.Collections` and LINQ.
use crate::table::Builder;

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    let _ = b;
}
