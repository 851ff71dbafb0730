//! Receiving revisions: from the configuration service while it is there, from the backup when it is not.

pub(crate) mod backup;
pub(crate) mod client;
pub(crate) mod keeper;
