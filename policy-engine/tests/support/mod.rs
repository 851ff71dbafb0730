//! What the tests share: the scripted host and the cases.
pub mod case;
pub mod host;
