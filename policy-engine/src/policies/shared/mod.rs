//! Parts that several policies are made of. No policy imports another; they meet here.
pub(super) mod basic;
pub(super) mod cached;
pub(super) mod jose;
pub(super) mod jwks;
pub(super) mod jwt;
pub(super) mod limits;
pub(super) mod message_edit;
pub(super) mod outgoing;
pub(super) mod places;
pub(super) mod quota;
pub(super) mod rate;
pub(super) mod redirect;
pub(super) mod response_cache;
pub(super) mod sample;
pub(super) mod uri;
