//! The `System` namespace.
use crate::table::Builder;

pub(crate) mod arg;
pub(crate) mod calendar;
mod char_type;
pub(crate) mod culture_info;
pub(crate) mod date_format;
mod delegates;
pub(crate) mod enumeration;
mod enums;
mod floats;
pub(crate) mod guid;
pub(crate) mod integers;
pub(crate) mod interfaces;
pub(crate) mod object_members;
mod string_edit;
mod string_join;
mod string_search;
pub(crate) mod string_type;
pub(crate) mod time_span_format;

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    for define in [
        object_members::define,
        delegates::define,
        interfaces::define,
        enumeration::define,
        enums::define,
        integers::define,
        floats::define,
        char_type::define,
        string_type::define,
        culture_info::define,
    ] {
        define(b);
    }
}

/// A length or position as `int`; texts and arrays here are always shorter.
pub(crate) fn to_int(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
