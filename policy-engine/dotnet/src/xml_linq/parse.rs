//! Text to tree, over quick-xml, with the rules and messages of `XmlReader` as LINQ to XML uses it: white space between tags is
//! dropped unless asked for, line ends are normalised, prefixes are resolved, undeclared entities are errors.
//!
//! Deliberately absent: entities declared in a document type are not expanded (a reference to one is an error), so no document
//! can grow while it is read.
use std::sync::Arc;

use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, errors::Error as XmlError};

use super::name::{XML_URI, XMLNS_URI, XName, is_name_char, is_name_start};
use super::node::{Kind, MAX_DEPTH, NODE_BYTES, Node, too_deep};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::utf16;
use crate::value::{Str, Value};

/// `LoadOptions.PreserveWhitespace`
pub(super) const PRESERVE_WHITESPACE: i32 = 1;

/// Reads a document.
pub(super) fn document(cx: &mut dyn Ambient, text: &str, options: i32) -> Result<Arc<Node>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let document = Node::document();
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    let preserve = options & PRESERVE_WHITESPACE != 0;
    let mut b = TreeReader { cx, text, at: 0, open: Vec::new(), document, pending: None, preserve, has_root: false };
    b.whole_characters()?;
    loop {
        b.at = usize::try_from(reader.buffer_position()).unwrap_or(0);
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(e) => return Err(b.broken(&e, usize::try_from(reader.error_position()).unwrap_or(0))),
        };
        if matches!(event, Event::Eof) {
            break;
        }
        b.event(event)?;
    }
    b.finish()
}

/// Reads a document and answers its root element, detached.
pub(super) fn element(cx: &mut dyn Ambient, text: &str, options: i32) -> Result<Arc<Node>> {
    let document = document(cx, text, options)?;
    let root = document.children().into_iter().find(|n| n.is_element());
    let root = root.ok_or_else(|| Exception::xml("Root element is missing."))?;
    root.detach();
    Ok(root)
}

struct Open {
    node: Arc<Node>,
    tag: Str,
    at: usize,
    scope: usize,
    preserve: bool,
}

struct TreeReader<'a> {
    cx: &'a mut dyn Ambient,
    text: &'a str,
    /// Byte position of the current event.
    at: usize,
    open: Vec<Open>,
    document: Arc<Node>,
    /// Text since the last tag, and whether an entity made it significant.
    pending: Option<String>,
    preserve: bool,
    has_root: bool,
}

impl TreeReader<'_> {
    fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = utf16::len(before.rsplit('\n').next().unwrap_or("")) + 1;
        (line, column)
    }

    fn fail(&self, message: &str, at: usize) -> Exception {
        let (line, column) = self.position(at);
        let number = |n: usize| Value::Int32(i32::try_from(n).unwrap_or(i32::MAX));
        Exception::xml(format!("{message} Line {line}, position {column}."))
            .with("LineNumber", number(line))
            .with("LinePosition", number(column))
    }

    fn broken(&self, e: &XmlError, at: usize) -> Exception {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match e {
            XmlError::IllFormed(quick_xml::errors::IllFormedError::UnclosedReference) => {
                self.fail("An error occurred while parsing EntityName.", at + 1)
            }
            XmlError::Syntax(_) if self.open.is_empty() && !self.has_root => {
                self.fail("Data at the root level is invalid.", self.at)
            }
            XmlError::Syntax(_) if rest.starts_with("<!") || rest.starts_with("<?") || rest.starts_with('<') => {
                self.unexpected_end()
            }
            other => self.fail(&format!("{other}."), at),
        }
    }

    fn unexpected_end(&self) -> Exception {
        let names: Vec<&str> = self.open.iter().rev().map(|o| &*o.tag).collect();
        let message = if names.is_empty() {
            "Unexpected end of file has occurred.".to_owned()
        } else {
            format!("Unexpected end of file has occurred. The following elements are not closed: {}.", names.join(", "))
        };
        self.fail(&message, self.text.len())
    }

    fn parent(&self) -> Arc<Node> {
        self.open.last().map_or_else(|| self.document.clone(), |o| o.node.clone())
    }

    fn event(&mut self, event: Event<'_>) -> Result<()> {
        match event {
            Event::Start(e) => self.start(&e, false),
            Event::Empty(e) => self.start(&e, true),
            Event::End(e) => self.end(e.name().0.trim_end()),
            Event::Text(t) => self.characters(&t.into_inner()),
            Event::GeneralRef(r) => self.reference(&r),
            Event::CData(t) => {
                self.flush()?;
                if self.open.is_empty() {
                    return Err(self.fail("Data at the root level is invalid.", self.at));
                }
                let text = normalised(&t.into_inner());
                self.add(Node::text(Kind::CData, text))
            }
            Event::Comment(t) => {
                self.flush()?;
                let text = t.into_inner();
                if text.contains("--") || text.ends_with('-') {
                    return Err(
                        self.fail("An XML comment cannot contain '--', and '-' cannot be the last character.", self.at)
                    );
                }
                self.add(Node::text(Kind::Comment, normalised(&text)))
            }
            Event::PI(p) => {
                self.flush()?;
                if p.target().eq_ignore_ascii_case("xml") {
                    let message = format!("'{}' is an invalid name for processing instructions.", p.target());
                    return Err(self.fail(&message, self.at + 2));
                }
                let data = normalised(p.content().trim_start());
                self.add(Node::instruction(p.target(), data))
            }
            Event::Decl(d) => self.declaration(&d),
            Event::DocType(t) => self.doctype(&t.into_inner()),
            Event::Eof => Ok(()),
        }
    }

    /// Half a character is none of XML's. A high half is found out at what follows it.
    fn whole_characters(&self) -> Result<()> {
        if !utf16::has_halves(self.text) {
            return Ok(());
        }
        let mut chars = self.text.char_indices().skip_while(|(_, c)| !utf16::is_half(*c));
        let (Some((at, half)), next) = (chars.next(), chars.next()) else { return Ok(()) };
        let is_high = utf16::unit_of(half).is_some_and(|u| u < 0xDC00);
        let (at, bad) = if is_high { next.unwrap_or((at, half)) } else { (at, half) };
        let code = utf16::pair(bad).0;
        Err(self.fail(&format!("'{bad}', hexadecimal value 0x{code:02X}, is an invalid character."), at))
    }

    fn add(&mut self, node: Arc<Node>) -> Result<()> {
        self.cx.charge_bytes(NODE_BYTES + node.own_value().len())?;
        self.cx.charge_steps(1)?;
        self.parent().push_read(node);
        Ok(())
    }

    fn characters(&mut self, text: &str) -> Result<()> {
        let is_bad = |c: &char| *c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{FFFE}' | '\u{FFFF}');
        if let Some(bad) = text.chars().find(is_bad) {
            let code = u32::from(bad);
            return Err(
                self.fail(&format!("'{bad}', hexadecimal value 0x{code:02X}, is an invalid character."), self.at)
            );
        }
        if let Some(at) = text.find("]]>") {
            return Err(self.fail("']]>' is not allowed in character data.", self.at + at));
        }
        if self.open.is_empty() {
            return match text.find(|c: char| !c.is_ascii_whitespace()) {
                Some(at) => Err(self.fail("Data at the root level is invalid.", self.at + at)),
                None => Ok(()),
            };
        }
        self.pending.get_or_insert_default().push_str(&normalised(text));
        Ok(())
    }

    fn reference(&mut self, r: &BytesRef<'_>) -> Result<()> {
        if self.open.is_empty() {
            return Err(self.fail("Data at the root level is invalid.", self.at));
        }
        let c = self.entity(r, self.at)?;
        utf16::push_char(self.pending.get_or_insert_default(), c);
        Ok(())
    }

    fn entity(&self, r: &BytesRef<'_>, at: usize) -> Result<char> {
        let name: &str = r;
        if r.is_char_ref() {
            let c = r.resolve_char_ref().ok().flatten().filter(|c| *c >= ' ' || matches!(c, '\t' | '\n' | '\r'));
            return c
                .ok_or_else(|| self.fail("Invalid syntax for a decimal or hexadecimal character reference.", at + 1));
        }
        predefined(name).ok_or_else(|| match name.chars().next() {
            Some(c) if is_name_start(c) && name.chars().all(is_name_char) => {
                self.fail(&format!("Reference to undeclared entity '{name}'."), at + 1)
            }
            _ => self.fail("An error occurred while parsing EntityName.", at + 1),
        })
    }

    /// Turns the collected text into a node, or drops it when it only separates tags.
    fn flush(&mut self) -> Result<()> {
        let Some(text) = self.pending.take() else { return Ok(()) };
        let Some(open) = self.open.last() else { return Ok(()) };
        let blank = text.bytes().all(|b| b.is_ascii_whitespace());
        if !blank || self.preserve || open.preserve {
            self.add(Node::text(Kind::Text, text))?;
        }
        Ok(())
    }

    /// A prefix stands for a namespace, and two of each are the standard's own.
    fn check_declaration(&self, prefix: &str, uri: &str, at: usize) -> Result<()> {
        let message = match prefix {
            "xmlns" => "Prefix \"xmlns\" is reserved for use by XML.".to_owned(),
            "xml" if uri != XML_URI => {
                format!(
                    "Prefix \"xml\" is reserved for use by XML and can be mapped only to namespace name \"{XML_URI}\"."
                )
            }
            "xml" => return Ok(()),
            _ if uri.is_empty() => "Invalid namespace declaration.".to_owned(),
            _ if uri == XML_URI || uri == XMLNS_URI => {
                format!("Prefix '{prefix}' cannot be mapped to namespace name reserved for \"xml\" or \"xmlns\".")
            }
            _ => return Ok(()),
        };
        Err(self.fail(&message, at))
    }

    fn check_name(&self, name: &str, at: usize) -> Result<()> {
        for (i, c) in name.chars().enumerate() {
            let code = u32::from(c);
            if i == 0 && !is_name_start(c) {
                let message = format!("Name cannot begin with the '{c}' character, hexadecimal value 0x{code:02X}.");
                return Err(self.fail(&message, at));
            }
            if !is_name_char(c) && c != ':' {
                let message =
                    format!("The '{c}' character, hexadecimal value 0x{code:02X}, cannot be included in a name.");
                return Err(self.fail(&message, at + i));
            }
        }
        if name.is_empty() || name.matches(':').count() > 1 || name.ends_with(':') {
            return Err(self.fail("The ':' character, hexadecimal value 0x3A, cannot be included in a name.", at));
        }
        Ok(())
    }

    fn start(&mut self, e: &BytesStart<'_>, empty: bool) -> Result<()> {
        self.flush()?;
        if self.open.is_empty() && self.has_root {
            return Err(self.fail("There are multiple root elements.", self.at + 1));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep());
        }
        self.has_root = true;
        let tag: Str = e.name().0.into();
        let name_at = self.at + 1;
        self.check_name(&tag, name_at)?;
        let raw = self.attributes(e)?;
        let node = Node::element(XName::local(""));
        // Declarations first: the element and its other attributes may use them.
        let mut preserve = self.open.last().is_some_and(|o| o.preserve);
        let mut named = Vec::with_capacity(raw.len());
        for (key, value, at) in raw {
            let name = if key == "xmlns" {
                XName::local("xmlns")
            } else if let Some(prefix) = key.strip_prefix("xmlns:") {
                self.check_declaration(prefix, &value, at)?;
                XName::new(XMLNS_URI, prefix)
            } else {
                named.push((node.attributes().len(), key, value.clone(), at));
                XName::local("")
            };
            self.cx.charge_bytes(NODE_BYTES + value.len())?;
            node.push_attribute(Node::attribute(name, value));
        }
        self.parent().push_read(node.clone());
        self.cx.charge_bytes(NODE_BYTES)?;
        let attributes = node.attributes();
        for (slot, key, value, at) in named {
            let name = match key.split_once(':') {
                Some((prefix, local)) => XName::new(self.resolve(&node, prefix, at)?, local),
                None => XName::local(&*key),
            };
            if &*name.uri == XML_URI && &*name.local == "space" {
                preserve = &*value == "preserve";
            }
            if let Some(attribute) = attributes.get(slot) {
                if attributes.iter().take(slot).any(|a| a.has_name(&name)) {
                    return Err(self.fail(&format!("'{key}' is a duplicate attribute name."), at));
                }
                attribute.set_name(name);
            }
        }
        let name = match tag.split_once(':') {
            Some((prefix, local)) => XName::new(self.resolve(&node, prefix, name_at)?, local),
            None => XName::new(node.namespace_of_prefix("").unwrap_or_else(|| "".into()), &*tag),
        };
        node.set_name(name);
        if !empty {
            let scope = self.open.len();
            self.open.push(Open { node, tag, at: name_at, scope, preserve });
        }
        Ok(())
    }

    fn resolve(&self, node: &Arc<Node>, prefix: &str, at: usize) -> Result<Str> {
        let undeclared = || self.fail(&format!("'{prefix}' is an undeclared prefix."), at);
        node.namespace_of_prefix(prefix).filter(|uri| !uri.is_empty()).ok_or_else(undeclared)
    }

    /// Raw names, values without entities, positions.
    fn attributes(&self, e: &BytesStart<'_>) -> Result<Vec<(String, Str, usize)>> {
        let base = self.at + 1;
        let mut all = Vec::new();
        for attribute in e.attributes() {
            let attribute = match attribute {
                Ok(a) => a,
                Err(error) => return Err(self.bad_attribute(e, &error, base)),
            };
            let key = attribute.key.0;
            let at = base + offset_in(e, key);
            self.check_name(key, at)?;
            let value_at = at + key.len() + 2;
            all.push((key.to_owned(), self.attribute_value(&attribute.value, value_at)?, at));
        }
        Ok(all)
    }

    fn bad_attribute(&self, e: &BytesStart<'_>, error: &AttrError, base: usize) -> Exception {
        let text: &str = e;
        match error {
            AttrError::UnquotedValue(at) => {
                let found = text.get(*at..).and_then(|t| t.chars().next()).unwrap_or('>');
                let message = format!("'{found}' is an unexpected token. The expected token is '\"' or '''.");
                self.fail(&message, base + at)
            }
            AttrError::ExpectedEq(at) => {
                let found = text.get(*at..).and_then(|t| t.chars().next()).unwrap_or('>');
                self.fail(&format!("'{found}' is an unexpected token. The expected token is '='."), base + at)
            }
            AttrError::Duplicated(at, _) => {
                let name = text.get(*at..).and_then(|t| t.split(['=', ' ']).next()).unwrap_or_default();
                self.fail(&format!("'{name}' is a duplicate attribute name."), base + at)
            }
            AttrError::ExpectedValue(at) | AttrError::ExpectedQuote(at, _) => {
                self.fail("Unexpected end of file has occurred.", base + at)
            }
        }
    }

    fn attribute_value(&self, raw: &str, at: usize) -> Result<Str> {
        if !raw.contains(['&', '<', '\t', '\n', '\r']) {
            return Ok(raw.into());
        }
        if let Some(found) = raw.find('<') {
            return Err(self.fail("'<', hexadecimal value 0x3C, is an invalid attribute character.", at + found));
        }
        let mut out = String::with_capacity(raw.len());
        let text = raw.replace("\r\n", " ").replace(['\t', '\n', '\r'], " ");
        let mut rest = text.as_str();
        while let Some((plain, after)) = rest.split_once('&') {
            out.push_str(plain);
            let end = after.find(';').ok_or_else(|| self.fail("An error occurred while parsing EntityName.", at))?;
            out.push(self.entity(&BytesRef::new(after.get(..end).unwrap_or_default()), at)?);
            rest = after.get(end + 1..).unwrap_or_default();
        }
        out.push_str(rest);
        Ok(out.into())
    }

    fn end(&mut self, tag: &str) -> Result<()> {
        self.flush()?;
        let Some(open) = self.open.pop() else {
            return Err(self.fail("Unexpected end tag.", self.at + 2));
        };
        if &*open.tag != tag {
            let (line, column) = self.position(open.at);
            let message = format!(
                "The '{}' start tag on line {line} position {column} does not match the end tag of '{tag}'.",
                open.tag
            );
            return Err(self.fail(&message, self.at + 2));
        }
        debug_assert_eq!(open.scope, self.open.len());
        open.node.set_full();
        Ok(())
    }

    fn declaration(&mut self, d: &quick_xml::events::BytesDecl<'_>) -> Result<()> {
        if self.at != 0 {
            let message = "Unexpected XML declaration. The XML declaration must be the first node in the document, and no white space \
                           characters are allowed to appear before it.";
            return Err(self.fail(message, self.at + 2));
        }
        let bad = || self.fail("Syntax for an XML declaration is invalid.", self.at + 6);
        let version = d.version().map_err(|_| bad())?;
        if version != "1.0" {
            return Err(self.fail(&format!("Version number '{version}' is invalid."), self.at + 15));
        }
        let encoding = d.encoding().and_then(std::result::Result::ok).map(|v| v.into_owned());
        let standalone = d.standalone().and_then(std::result::Result::ok).map(|v| v.into_owned());
        if standalone.as_deref().is_some_and(|s| s != "yes" && s != "no") {
            return Err(bad());
        }
        self.document.set_declaration(Some(super::document::declaration(
            Some(&version),
            encoding.as_deref(),
            standalone.as_deref(),
        )));
        Ok(())
    }

    fn doctype(&mut self, text: &str) -> Result<()> {
        self.flush()?;
        if self.has_root || !self.open.is_empty() {
            return Err(self.fail("Unexpected DTD declaration.", self.at + 3));
        }
        let text = text.trim();
        let end = text.find(|c: char| c.is_whitespace() || c == '[').unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let (head, subset) = match rest.split_once('[') {
            Some((head, subset)) => (head, subset.trim_end().strip_suffix(']')),
            None => (rest, None),
        };
        let ids: Vec<&str> = head.split(['"', '\'']).collect();
        let part = |n: usize| ids.get(n).map(|s| Str::from(*s));
        let (public, system) = match head.trim_start() {
            h if h.starts_with("PUBLIC") => (part(1), part(3)),
            h if h.starts_with("SYSTEM") => (None, part(1)),
            _ => (None, None),
        };
        self.add(Node::doctype(name, [public, system, subset.map(Str::from)]))
    }

    fn finish(self) -> Result<Arc<Node>> {
        if !self.open.is_empty() {
            return Err(self.unexpected_end());
        }
        if !self.has_root {
            return Err(Exception::xml("Root element is missing."));
        }
        Ok(self.document)
    }
}

/// Where a piece of the event's own text begins in it.
fn offset_in(e: &BytesStart<'_>, piece: &str) -> usize {
    let whole: &str = e;
    piece.as_ptr().addr().saturating_sub(whole.as_ptr().addr())
}

/// Line ends as one line feed.
fn normalised(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}
