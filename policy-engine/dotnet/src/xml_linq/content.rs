//! What may be put into an element or document, and what happens to it (functional construction): texts merge, sequences are
//! walked, a node that already has a parent is copied, attributes go to the attributes.
use std::sync::Arc;

use super::convert;
use super::document;
use super::node::{Kind, NODE_BYTES, Node, NodeObject};
use crate::ambient::Ambient;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::types::Type;
use crate::value::{Str, Value};

/// Nesting of sequences inside content.
const MAX_NESTING: usize = 32;

/// A node argument.
pub(super) fn node_of(value: &Value) -> Option<Arc<Node>> {
    value.as_object::<NodeObject>().map(|o| o.node.clone())
}

/// Adds content at `at` of the children (`None`: at the end). Answers the position after it.
pub(super) fn add(cx: &mut dyn Ambient, target: &Node, at: Option<usize>, content: &Value) -> Result<Option<usize>> {
    Adder { cx, target, at, depth: 0 }.content(content)
}

struct Adder<'a> {
    cx: &'a mut dyn Ambient,
    target: &'a Node,
    at: Option<usize>,
    depth: usize,
}

impl Adder<'_> {
    fn content(mut self, content: &Value) -> Result<Option<usize>> {
        self.one(content)?;
        Ok(self.at)
    }

    fn one(&mut self, content: &Value) -> Result<()> {
        match content {
            Value::Null => Ok(()),
            Value::Str(text) => self.text(text),
            Value::Object(o) => {
                if let Some(node) = node_of(content) {
                    return self.node(node);
                }
                if document::is_declaration(content) {
                    if self.target.kind == Kind::Document {
                        return Ok(());
                    }
                    let text = crate::object::text(self.cx, content)?;
                    return self.text(&text);
                }
                if is_sequence(content) || o.enumerate(o).is_some() {
                    return self.sequence(content);
                }
                let text = convert::to_text(self.cx, content)?;
                self.text(&text)
            }
            other => {
                let text = convert::to_text(self.cx, other)?;
                self.text(&text)
            }
        }
    }

    fn sequence(&mut self, content: &Value) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(Exception::limit("xml content nests too many sequences"));
        }
        // All items first: what is added may be what is being walked.
        for item in crate::collections::to_vec(self.cx, content)? {
            self.one(&item)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn text(&mut self, text: &Str) -> Result<()> {
        self.cx.charge_bytes(text.len() + NODE_BYTES)?;
        if self.target.kind == Kind::Document {
            if text.bytes().all(|b| b.is_ascii_whitespace()) {
                return Ok(());
            }
            return Err(Exception::argument_message("Non-whitespace characters cannot be added to content."));
        }
        let before = match self.at {
            None => self.target.last_child(),
            Some(at) => at.checked_sub(1).and_then(|at| self.target.children().get(at).cloned()),
        };
        if text.is_empty() {
            if self.target.children().is_empty() {
                self.target.set_full();
            }
            return Ok(());
        }
        match before {
            Some(last) if last.kind == Kind::Text => {
                last.set_own_value(crate::utf16::concat(&[&last.own_value(), text]).into());
                Ok(())
            }
            _ => self.insert(Node::text(Kind::Text, text.clone())),
        }
    }

    fn insert(&mut self, node: Arc<Node>) -> Result<()> {
        self.target.insert(self.at.unwrap_or(usize::MAX), node)?;
        self.at = self.at.map(|at| at + 1);
        Ok(())
    }

    fn node(&mut self, node: Arc<Node>) -> Result<()> {
        if node.kind == Kind::Attribute {
            // Only what comes at the end of an element may be an attribute.
            if self.at.is_some() || self.target.kind == Kind::Document {
                return Err(Exception::argument_message("An attribute cannot be added to content."));
            }
            return self.attribute(node);
        }
        self.validate(&node)?;
        let is_root = || {
            let mut at = self.target.arc();
            while let Some(e) = at {
                if Arc::ptr_eq(&e, &node) {
                    return true;
                }
                at = e.parent();
            }
            false
        };
        let node = if node.parent().is_some() || is_root() { node.copy(self.cx)? } else { node };
        self.insert(node)
    }

    fn validate(&self, node: &Node) -> Result<()> {
        let kind = |k: &str| Exception::argument_message(format!("A node of type {k} cannot be added to content."));
        if node.kind == Kind::Document {
            return Err(kind("Document"));
        }
        if self.target.kind != Kind::Document {
            return if node.kind == Kind::DocumentType { Err(kind("DocumentType")) } else { Ok(()) };
        }
        let wrong = || Exception::invalid_operation("This operation would create an incorrectly structured document.");
        let has = |k: Kind| self.target.children().iter().any(|c| c.kind == k);
        match node.kind {
            Kind::CData => Err(kind("CDATA")),
            Kind::Text if !node.own_value().bytes().all(|b| b.is_ascii_whitespace()) => {
                Err(Exception::argument_message("Non-whitespace characters cannot be added to content."))
            }
            Kind::Element if has(Kind::Element) => Err(wrong()),
            Kind::DocumentType if has(Kind::DocumentType) || has(Kind::Element) => Err(wrong()),
            _ => Ok(()),
        }
    }

    fn attribute(&mut self, attribute: Arc<Node>) -> Result<()> {
        if self.target.find_attribute(&attribute.name()).is_some() {
            return Err(Exception::invalid_operation("Duplicate attribute."));
        }
        let attribute = if attribute.parent().is_some() { attribute.copy(self.cx)? } else { attribute };
        self.cx.charge_bytes(NODE_BYTES)?;
        self.target.push_attribute(attribute);
        Ok(())
    }
}

/// An array is content item by item, a string is not.
fn is_sequence(value: &Value) -> bool {
    array::array(value).is_some_and(|a| *a.item() != Type::STRING || !a.is_empty())
}
