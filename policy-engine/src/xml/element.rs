//! The tree: elements, attributes and text, all as spans of the source.
use crate::source::{Mapped, Source, Span};

use super::escape;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As XML wants it: entities stand for special characters.
    Escaped,
    /// As typed: an expression with raw quotes, `<` or `&`.
    Raw,
    /// Character data, taken as it is.
    CData,
}

/// One attribute.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    /// Name as written.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// Where the value stands, without quotes.
    pub value: Span,
    /// How the value is written.
    pub form: Form,
}

impl Attribute {
    /// The value with entities decoded; line ends are kept, since a `//` comment ends at one.
    pub(crate) fn value(&self, source: &Source) -> Mapped {
        escape::decode(source, self.value, self.form)
    }
}

/// A stretch of text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextNode {
    /// Where it stands, without CDATA marks.
    pub span: Span,
    /// How it is written.
    pub form: Form,
}

/// A child of an element.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// An element.
    Element(Element),
    /// Text.
    Text(TextNode),
}

/// One element.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    /// Name as written.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The start tag.
    pub tag: Span,
    /// What stands between start and end tag, as the author wrote it.
    pub inner: Span,
    /// In order of the text.
    pub attributes: Vec<Attribute>,
    /// In order of the text, without comments.
    pub children: Vec<Node>,
}

impl Element {
    /// Attribute by exact name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name == name)
    }

    /// Child elements.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Text nodes.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &TextNode> {
        self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text),
            Node::Element(_) => None,
        })
    }

    /// First text that is more than white space.
    pub(crate) fn first_words(&self, source: &Source) -> Option<Span> {
        self.texts().find(|t| !source.slice(t.span).trim().is_empty()).map(|t| t.span)
    }

    /// All text directly inside, decoded and joined.
    pub(crate) fn text(&self, source: &Source) -> Mapped {
        let mut out = Mapped::default();
        for node in self.texts() {
            escape::decode_into(source, node.span, node.form, &mut out);
        }
        if out.as_str().is_empty() {
            out.push_replaced("", Span { start: self.inner.start, end: self.inner.start });
        }
        out
    }
}
