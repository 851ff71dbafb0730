//! `System.Security.Cryptography`, over OpenSSL.
//!
//! Faces for other packages: [`x509::certificate`], [`x509::from_pfx`], [`x509::from_pem`] make certificate values; [`symmetric::encrypt`],
//! [`symmetric::decrypt`] and [`x509::verify`] are natives for the gateway's own extension methods.
mod collection;
mod der;
mod hash;
mod oid;
mod random;
mod rsa;
mod rsa_forms;
pub mod symmetric;
#[cfg(test)]
mod tests;
pub mod x509;
mod x509_copies;
mod x509_extensions;
mod x509_name;

use crate::exception::Exception;
use crate::table::Builder;
use crate::types::TypeId;

/// An error of the library as a .NET exception.
fn failed(e: openssl::error::ErrorStack) -> Exception {
    let reason = e.errors().first().and_then(openssl::error::Error::reason).unwrap_or("the operation failed");
    Exception::cryptographic(format!("error: {reason}"))
}

/// What .NET Core does not do on any platform but Windows.
fn unsupported(text: &'static str) -> Exception {
    Exception::new(TypeId("System.PlatformNotSupportedException"), text)
}

/// An index that is none of a list's.
fn out_of_range() -> Exception {
    let text = "Index was out of range. Must be non-negative and less than the size of the collection.";
    Exception::argument_range(text, "index")
}

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    hash::define(b);
    random::define(b);
    symmetric::define(b);
    rsa::define(b);
    rsa_forms::define(b);
    oid::define(b);
    x509::define(b);
    x509_copies::define(b);
    x509_extensions::define(b);
}
