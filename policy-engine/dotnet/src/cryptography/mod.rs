//! `System.Security.Cryptography`, over OpenSSL.
//!
//! Faces for other packages: [`x509::certificate`], [`x509::from_pfx`], [`x509::from_pem`] make certificate values; [`symmetric::encrypt`],
//! [`symmetric::decrypt`] and [`x509::verify`] are natives for the gateway's own extension methods.
mod hash;
mod random;
mod rsa;
pub mod symmetric;
#[cfg(test)]
mod tests;
pub mod x509;
mod x509_name;

use crate::exception::Exception;
use crate::table::Builder;

/// An error of the library as a .NET exception.
fn failed(e: openssl::error::ErrorStack) -> Exception {
    let reason = e.errors().first().and_then(openssl::error::Error::reason).unwrap_or("the operation failed");
    Exception::cryptographic(format!("error: {reason}"))
}

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    hash::define(b);
    random::define(b);
    symmetric::define(b);
    rsa::define(b);
    x509::define(b);
}
