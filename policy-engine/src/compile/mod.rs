//! From text to [`Document`](crate::program::Document): the tree is read, each element finds its policy in the table that is
//! passed in, and the policy reads its attributes through a [`Node`]. An attribute can only be read that way, so named values,
//! expressions and needs are recorded without anyone keeping a list.
//!
//! Must not import `run` or `policies`: the table is an argument.
mod block;
mod convert;
mod document;
mod expression;
mod node;
mod session;
mod spec;

pub use document::{Compiled, compile_document, compile_fragment};
pub use expression::ExpressionCache;
pub use node::Node;
pub use session::{Env, Fragments, References, Uses};
pub use spec::{AttributeSpec, ChildSpec, Content, Policy, Refused, Repeat, Spec, Support, Table};
