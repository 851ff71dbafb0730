//! Sections and scopes by name, for descriptions.
use crate::program::Scope::{self, Api, Global, Operation, Product, Workspace};
use crate::program::Section::{self, Backend, Inbound, OnError, Outbound};

/// Every section.
pub(in crate::policies) const EVERY_SECTION: &[Section] = &[Inbound, Backend, Outbound, OnError];
/// The sections that act on the response.
pub(in crate::policies) const RESPONSE_SECTIONS: &[Section] = &[Outbound, OnError];
/// Every scope.
pub(in crate::policies) const EVERY_SCOPE: &[Scope] = &[Global, Workspace, Product, Api, Operation];
/// The request section alone.
pub(in crate::policies) const INBOUND: &[Section] = &[Inbound];
/// Every scope that belongs to something: a product, an API, an operation.
pub(in crate::policies) const NARROW_SCOPES: &[Scope] = &[Product, Api, Operation];
