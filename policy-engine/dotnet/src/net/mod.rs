//! `System.Net` and `System.Web`: URL and HTML escapes, addresses, status codes.
mod entities;
mod enums;
mod ip_address;
mod web_utility;

use crate::table::Builder;

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    enums::define(b);
    ip_address::define(b);
    web_utility::define(b);
}
