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
mod trail;
mod unsupported;

pub(crate) use document::{Compiled, compile_document, compile_file, compile_fragment};
pub(crate) use expression::ExpressionCache;
pub(crate) use node::Node;
pub(crate) use session::{Env, Fragments, References, Uses};
pub use spec::{AttributeSpec, ChildSpec, Content, Repeat, Spec};
pub(crate) use spec::{Policy, Refused, Table};
pub(crate) use trail::{Event, Message, Read, Trail, What, read_twice};
