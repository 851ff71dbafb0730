//! The `System` namespace.
use crate::table::Builder;

pub(crate) mod arg;
mod bit_converter;
mod buffer;
pub(crate) mod calendar;
mod char_pairs;
pub(crate) mod char_type;
pub(crate) mod convert;
pub(crate) mod convert_text;
mod convertible;
pub(crate) mod culture_info;
pub(crate) mod date_format;
pub(crate) mod date_parse;
pub(crate) mod date_parse_exact;
mod date_time;
mod date_time_offset;
mod delegates;
pub(crate) mod enumeration;
mod enums;
mod exception_data;
mod exceptions;
mod floats;
pub(crate) mod guid;
pub(crate) mod integers;
pub(crate) mod interfaces;
mod math;
pub(crate) mod misc;
mod nullable;
pub(crate) mod object_members;
mod random;
mod reflection;
mod reflection_names;
mod scalar_members;
pub(crate) mod string_edit;
mod string_join;
mod string_prepare;
mod string_search;
pub(crate) mod string_type;
pub(crate) mod time_span;
mod time_span_exact;
pub(crate) mod time_span_format;
mod time_zone;
mod time_zone_clock;
mod time_zone_rules;
mod time_zone_text;
mod tuple;
pub(crate) mod uri;
mod uri_builder;
mod uri_text;
mod windows_zones;

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    for define in [
        object_members::define,
        reflection::define,
        delegates::define,
        interfaces::define,
        enumeration::define,
        enums::define,
        integers::define,
        floats::define,
        char_type::define,
        scalar_members::define,
        string_type::define,
        culture_info::define,
        exception_data::define,
        exceptions::define,
        convert::define,
        date_time::define,
        date_time_offset::define,
        time_span::define,
        guid::define,
        math::define,
        random::define,
        misc::define,
        nullable::define,
        buffer::define,
        bit_converter::define,
        time_zone::define,
        time_zone_rules::define,
        time_zone_text::define,
        tuple::define,
        uri::define,
        uri_builder::define,
        convertible::define,
    ] {
        define(b);
    }
}

/// A length or position as `int`; texts and arrays here are always shorter.
pub(crate) fn to_int(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
