//! Policy documents as element trees with exact positions.
//!
//! Real policy documents are not XML as the standard has it: expressions stand in attributes with raw quotes, `<` and `&&`.
//! [`reader`] finds the end of each expression by its C# brackets and so tells raw from escaped values one by one;
//! [`escape`] decodes entities with a map back. The tree keeps spans only: values are read by the compile stage.
mod element;
mod escape;
mod reader;

pub(crate) use element::{Attribute, Element, Form, Node, TextNode};
pub(crate) use escape::{expression_end, is_expression};
pub(crate) use reader::parse;

/// Name of the first top-level element.
pub(crate) fn root_name(nodes: &[Node]) -> Option<&str> {
    nodes.iter().find_map(|node| match node {
        Node::Element(element) => Some(element.name.as_str()),
        Node::Text(_) => None,
    })
}
