//! The `System` namespace.
use crate::table::Builder;

pub(crate) mod calendar;
pub(crate) mod date_format;
mod delegates;
pub(crate) mod enumeration;
pub(crate) mod guid;
pub(crate) mod interfaces;
pub(crate) mod object_members;
pub(crate) mod time_span_format;

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    delegates::define(b);
    enumeration::define(b);
    interfaces::define(b);
    object_members::define(b);
}
