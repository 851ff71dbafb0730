//! What the tests share: the scripted host and the cases; and the tests that are not data.
pub(crate) mod case;
mod engine;
pub(crate) mod host;
