//! Parts that several policies are made of. No policy imports another; they meet here.
pub(super) mod message_edit;
pub(super) mod places;
