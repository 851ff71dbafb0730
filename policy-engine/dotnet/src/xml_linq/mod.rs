//! LINQ to XML and XPath over it.
//!
//! The tree is in [`node`]; other packages make and read documents through [`parse_document`], [`parse_element`], [`Node`] and
//! [`to_text`].
mod axes;
mod content;
mod convert;
mod document;
mod equality;
mod extensions;
mod members;
pub mod name;
pub mod node;
mod parse;
#[cfg(test)]
mod tests;
mod write;
mod xpath;
mod xpath_parse;

pub use name::XName;
pub use node::{Kind, Node, NodeObject};

use crate::ambient::Ambient;
use crate::exception::Result;
use crate::table::Builder;
use crate::value::Value;

/// `XDocument.Parse(text)`
pub fn parse_document(cx: &mut dyn Ambient, text: &str) -> Result<Value> {
    Ok(parse::document(cx, text, 0)?.value_of())
}

/// `XElement.Parse(text)`
pub fn parse_element(cx: &mut dyn Ambient, text: &str) -> Result<Value> {
    Ok(parse::element(cx, text, 0)?.value_of())
}

/// Text of a node, indented or not (`SaveOptions.DisableFormatting`).
pub fn to_text(cx: &mut dyn Ambient, node: &Node, indent: bool) -> Result<String> {
    write::text(cx, node, indent)
}

/// The node that a value is.
pub fn node(value: &Value) -> Option<std::sync::Arc<Node>> {
    content::node_of(value)
}

/// Puts content into an element or document by the rules of functional construction.
pub fn add_content(cx: &mut dyn Ambient, target: &Node, value: &Value) -> Result<()> {
    content::add(cx, target, None, value).map(drop)
}

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    name::define(b);
    members::define(b);
    document::define(b);
    equality::define(b);
    extensions::define(b);
    xpath::define(b);
}
