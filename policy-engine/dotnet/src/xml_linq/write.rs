//! Tree to text as `XmlWriter` writes it for `ToString()`: two blanks of indentation, none inside mixed content, prefixes found
//! or made up, `\n` as line end.
use std::sync::Arc;

use super::name::{XMLNS_URI, XName};
use super::node::{Kind, Node, declared_prefix};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::utf16;
use crate::value::Str;

struct Writer<'a> {
    cx: &'a mut dyn Ambient,
    out: String,
    charged: usize,
    indent: bool,
    depth: usize,
    /// Text was written in the element, so white space would change it.
    mixed: bool,
    /// Declarations in force, inner ones last.
    scope: Vec<(Str, Str)>,
}

/// `ToString`, with or without indentation.
pub(super) fn text(cx: &mut dyn Ambient, node: &Node, indent: bool) -> Result<String> {
    let mut w = Writer { cx, out: String::new(), charged: 0, indent, depth: 0, mixed: false, scope: Vec::new() };
    if node.kind == Kind::Attribute {
        let name = node.name();
        let parent = node.parent();
        let prefix = match &parent {
            Some(p) => p.prefix_of_namespace(&name.uri, false),
            None => None,
        };
        w.attribute_text(&name, prefix.as_deref(), &node.own_value());
        return whole_characters(w.out);
    }
    // A fragment still sees the declarations around it.
    w.node(node)?;
    whole_characters(w.out)
}

/// Half a character cannot be written.
fn whole_characters(text: String) -> Result<String> {
    match utf16::lone(&text) {
        None => Ok(text),
        Some((_, low @ 0xDC00..)) => Err(Exception::argument_message(format!(
            "Invalid high surrogate character (0x{low:X}). A high surrogate character must have a value from range (0xD800 - 0xDBFF)."
        ))),
        Some(_) => {
            Err(Exception::argument_message("The surrogate pair is invalid. Missing a low surrogate character."))
        }
    }
}

/// `new XElement("a", new XAttribute("xmlns", "urn:b"))`: the name says that the element is in no namespace, the attribute that it is.
fn redefined(prefix: &str, used: &str, declared: &str) -> Exception {
    Exception::xml(format!(
        "The prefix '{prefix}' cannot be redefined from '{used}' to '{declared}' within the same start element tag."
    ))
}

/// The declaration and the document, as `Save` writes it.
pub(super) fn saved(cx: &mut dyn Ambient, node: &Node, indent: bool, encoding: &str) -> Result<String> {
    let standalone = node.declaration().and_then(|d| super::document::standalone(&d));
    let standalone = standalone.map_or(String::new(), |s| format!(" standalone=\"{s}\""));
    let line = if indent { "\n" } else { "" };
    let body = text(cx, node, indent)?;
    Ok(format!("<?xml version=\"1.0\" encoding=\"{encoding}\"{standalone}?>{line}{body}"))
}

/// Text with markup escaped; line ends as one line feed.
fn escape_text(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '\r']) {
        out.push_str(rest.get(..at).unwrap_or_default());
        let after = rest.get(at..).unwrap_or_default();
        let (escaped, used) = match after.as_bytes().first() {
            Some(b'&') => ("&amp;", 1),
            Some(b'<') => ("&lt;", 1),
            Some(b'>') => ("&gt;", 1),
            _ if after.starts_with("\r\n") => ("\n", 2),
            _ => ("\n", 1),
        };
        out.push_str(escaped);
        rest = after.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
}

fn escape_attribute(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            '\t' => out.push_str("&#x9;"),
            c => out.push(c),
        }
    }
}

impl Writer<'_> {
    fn charge(&mut self) -> Result<()> {
        let grown = self.out.len().saturating_sub(self.charged);
        if grown > 1024 {
            self.cx.charge_bytes(grown)?;
            self.charged = self.out.len();
        }
        self.cx.charge_steps(1)
    }

    fn new_line(&mut self) {
        if self.indent && !self.mixed && !self.out.is_empty() {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", self.depth));
        }
    }

    fn node(&mut self, node: &Node) -> Result<()> {
        self.charge()?;
        let value = node.own_value();
        match node.kind {
            Kind::Document => return node.children().iter().try_for_each(|c| self.node(c)),
            Kind::Element => return self.element(node),
            Kind::Text => {
                self.mixed = true;
                escape_text(&value, &mut self.out);
            }
            Kind::CData => {
                self.mixed = true;
                let text = value.replace("\r\n", "\n").replace('\r', "\n").replace("]]>", "]]]]><![CDATA[>");
                self.out.push_str("<![CDATA[");
                self.out.push_str(&text);
                self.out.push_str("]]>");
            }
            Kind::Comment => {
                self.new_line();
                self.out.push_str("<!--");
                let mut text = value.replace("\r\n", "\n").replace('\r', "\n").replace("--", "- -");
                if text.ends_with('-') {
                    text.push(' ');
                }
                self.out.push_str(&text);
                self.out.push_str("-->");
            }
            Kind::Instruction => {
                self.new_line();
                self.out.push_str("<?");
                self.out.push_str(&node.name().local);
                if !value.is_empty() {
                    self.out.push(' ');
                    self.out.push_str(&value.replace("?>", "? >"));
                }
                self.out.push_str("?>");
            }
            Kind::DocumentType => self.doctype(node),
            Kind::Attribute => {}
        }
        Ok(())
    }

    fn doctype(&mut self, node: &Node) {
        self.new_line();
        self.out.push_str("<!DOCTYPE ");
        self.out.push_str(&node.name().local);
        let quoted = |text: &str| format!(" \"{text}\"");
        match (node.doctype_part(0), node.doctype_part(1)) {
            (Some(public), system) => {
                self.out.push_str(" PUBLIC");
                self.out.push_str(&quoted(&public));
                self.out.push_str(&quoted(&system.unwrap_or_else(|| "".into())));
            }
            (None, Some(system)) => {
                self.out.push_str(" SYSTEM");
                self.out.push_str(&quoted(&system));
            }
            (None, None) => {}
        }
        if let Some(subset) = node.doctype_part(2) {
            self.out.push_str(if self.out.ends_with('"') { "[" } else { " [" });
            self.out.push_str(&subset);
            self.out.push(']');
        }
        self.out.push('>');
    }

    /// URI that a prefix stands for in what was written.
    fn lookup(&self, prefix: &str) -> Option<&Str> {
        self.scope.iter().rev().find(|(p, _)| &**p == prefix).map(|(_, uri)| uri)
    }

    /// Prefix in what was written that still stands for the URI.
    fn written_prefix(&self, uri: &str, allow_default: bool) -> Option<Str> {
        let usable = |p: &Str, u: &Str| {
            &**u == uri && (allow_default || !p.is_empty()) && self.lookup(p).is_some_and(|now| &**now == uri)
        };
        self.scope.iter().rev().find(|(p, u)| usable(p, u)).map(|(p, _)| p.clone())
    }

    fn element(&mut self, node: &Node) -> Result<()> {
        self.new_line();
        let outer = self.scope.len();
        let name = node.name();
        let attributes = node.attributes();
        for a in &attributes {
            if let Some(prefix) = declared_prefix(&a.name()) {
                self.scope.push((prefix, a.own_value()));
            }
        }
        let mut implied: Vec<(Str, Str)> = Vec::new();
        let prefix = self.element_prefix(node, &name, &mut implied);
        if let Some((_, used)) = implied.iter().find(|(p, _)| *p == prefix)
            && let Some(declared) = attributes.iter().find(|a| declared_prefix(&a.name()).as_ref() == Some(&prefix))
        {
            return Err(redefined(&prefix, used, &declared.own_value()));
        }
        let tag: Str = if prefix.is_empty() { name.local.clone() } else { format!("{prefix}:{}", name.local).into() };
        self.out.push('<');
        self.out.push_str(&tag);
        self.attributes(node, &attributes, &mut implied);
        // The element's own declaration comes last.
        for (prefix, uri) in implied.iter().rev() {
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            self.out.push_str(&format!(" {name}=\""));
            escape_attribute(uri, &mut self.out);
            self.out.push('"');
        }
        let children = node.children();
        if children.is_empty() && node.is_empty() {
            self.out.push_str(" />");
        } else {
            self.out.push('>');
            self.content(&children, &tag)?;
        }
        self.scope.truncate(outer);
        Ok(())
    }

    fn content(&mut self, children: &[Arc<Node>], tag: &str) -> Result<()> {
        let outer_mixed = self.mixed;
        self.depth += 1;
        children.iter().try_for_each(|c| self.node(c))?;
        self.depth -= 1;
        if !children.is_empty() {
            self.new_line();
        }
        self.mixed = outer_mixed;
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
        Ok(())
    }

    fn element_prefix(&mut self, node: &Node, name: &XName, implied: &mut Vec<(Str, Str)>) -> Str {
        let known = if name.uri.is_empty() { Some("".into()) } else { node.prefix_of_namespace(&name.uri, true) };
        let prefix = known.or_else(|| self.written_prefix(&name.uri, true)).unwrap_or_else(|| "".into());
        self.ensure(&prefix, &name.uri, implied);
        prefix
    }

    /// Declares the prefix if it does not already stand for the URI.
    fn ensure(&mut self, prefix: &Str, uri: &Str, implied: &mut Vec<(Str, Str)>) {
        let now = self.lookup(prefix);
        let fine = match now {
            Some(now) => now == uri,
            None => prefix.is_empty() && uri.is_empty() || matches!(&**prefix, "xml" | "xmlns"),
        };
        if !fine {
            self.scope.push((prefix.clone(), uri.clone()));
            implied.push((prefix.clone(), uri.clone()));
        }
    }

    fn attributes(&mut self, node: &Node, attributes: &[Arc<Node>], implied: &mut Vec<(Str, Str)>) {
        for a in attributes {
            let name = a.name();
            if name.uri.is_empty() || name.is_declaration() {
                self.out.push(' ');
                self.attribute_text(&name, Some(if name.uri.is_empty() { "" } else { "xmlns" }), &a.own_value());
                continue;
            }
            let known = node.prefix_of_namespace(&name.uri, false).or_else(|| self.written_prefix(&name.uri, false));
            let prefix = known.unwrap_or_else(|| self.free_prefix());
            self.ensure(&prefix, &name.uri, implied);
            self.out.push(' ');
            self.attribute_text(&name, Some(&prefix), &a.own_value());
        }
    }

    fn free_prefix(&self) -> Str {
        let start = self.scope.len().max(1);
        let mut all = (start..).map(|n| Str::from(format!("p{n}")));
        all.find(|p| self.lookup(p).is_none()).unwrap_or_else(|| "p".into())
    }

    fn attribute_text(&mut self, name: &XName, prefix: Option<&str>, value: &str) {
        match prefix {
            Some("") => {}
            Some(p) => {
                self.out.push_str(p);
                self.out.push(':');
            }
            None if &*name.uri == XMLNS_URI => self.out.push_str("xmlns:"),
            None if name.uri.is_empty() => {}
            None => {
                self.out.push_str("p1:");
            }
        }
        self.out.push_str(&name.local);
        self.out.push_str("=\"");
        escape_attribute(value, &mut self.out);
        self.out.push('"');
    }
}
