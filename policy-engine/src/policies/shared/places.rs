//! Sections and scopes by name, for descriptions.
use crate::program::Scope::{self, Api, Global, Operation, Product, Workspace};
use crate::program::Section::{self, Backend, Inbound, OnError, Outbound};

/// Every section.
pub(in crate::policies) const EVERY_SECTION: &[Section] = &[Inbound, Backend, Outbound, OnError];
/// Every scope.
pub(in crate::policies) const EVERY_SCOPE: &[Scope] = &[Global, Workspace, Product, Api, Operation];
