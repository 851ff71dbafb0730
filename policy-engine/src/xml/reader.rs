//! The tolerant reader: one pass over the text, an explicit stack, no look-behind.
//!
//! The first fault ends the reading: behind a broken tag every further report would be a guess.
use super::escape::{bare_ampersand, entity, expression_end, form_of_raw, is_expression, is_whole_expression};
use super::{Attribute, Element, Form, Node, TextNode};
use crate::diagnostics::codes;
use crate::source::{Source, Span};

/// Deepest nesting of elements.
pub(crate) const MAX_DEPTH: usize = 64;

/// Elements whose content is data even if it looks like markup.
const VERBATIM: &[&str] = &["set-body"];

/// Why a text cannot be read.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Number of the finding.
    pub code: u16,
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

type Read<T> = Result<T, Fault>;

/// Reads all top-level nodes of a text.
pub(crate) fn parse(source: &Source) -> Read<Vec<Node>> {
    let mut reader = Reader { source, text: source.text(), at: 0, open: Vec::new(), roots: Vec::new() };
    reader.run()?;
    Ok(reader.roots)
}

struct Reader<'s> {
    source: &'s Source,
    text: &'s str,
    at: usize,
    open: Vec<Element>,
    roots: Vec<Node>,
}

impl<'s> Reader<'s> {
    fn run(&mut self) -> Read<()> {
        while self.at < self.text.len() {
            let rest = self.rest();
            if rest.starts_with("<!--") {
                self.skip_past("<!--", "-->", "comment")?;
            } else if rest.starts_with("<![CDATA[") {
                self.cdata()?;
            } else if rest.starts_with("<?") {
                self.skip_past("<?", "?>", "processing instruction")?;
            } else if rest.starts_with("<!") {
                return Err(self.fault(
                    codes::MALFORMED_XML,
                    self.span(2),
                    "a document type declaration is not allowed here",
                ));
            } else if rest.starts_with("</") {
                self.end_tag()?;
            } else if rest.starts_with('<') {
                self.start_tag()?;
            } else {
                self.text_node()?;
            }
        }
        match self.open.last() {
            Some(element) => Err(Fault {
                code: codes::UNCLOSED,
                span: element.name_span,
                message: format!("element `{}` is never closed", element.name),
                help: Some(format!("add `</{}>`", element.name)),
            }),
            None => Ok(()),
        }
    }

    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn span(&self, length: usize) -> Span {
        Span::new(self.at, self.text.ceil_char_boundary(self.at.saturating_add(length)))
    }

    fn fault(&self, code: u16, span: Span, message: impl Into<String>) -> Fault {
        Fault { code, span, message: message.into(), help: None }
    }

    fn advance(&mut self, by: usize) {
        self.at = self.at.saturating_add(by).min(self.text.len());
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.advance(rest.len().saturating_sub(rest.trim_start().len()));
    }

    /// The end is looked for behind the start: `<!-->` opens a comment and does not close it.
    fn skip_past(&mut self, start: &str, end: &str, what: &str) -> Read<()> {
        match self.rest().get(start.len()..).and_then(|inside| inside.find(end)) {
            Some(found) => {
                self.advance(start.len().saturating_add(found).saturating_add(end.len()));
                Ok(())
            }
            None => Err(self.fault(
                codes::MALFORMED_XML,
                self.span(4),
                format!("{what} is never closed, `{end}` is missing"),
            )),
        }
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.roots.push(node),
        }
    }

    fn cdata(&mut self) -> Read<()> {
        let start = self.at.saturating_add("<![CDATA[".len());
        self.skip_past("<![CDATA[", "]]>", "CDATA section")?;
        let end = self.at.saturating_sub("]]>".len());
        self.add(Node::Text(TextNode { span: Span::new(start, end), form: Form::CData }));
        Ok(())
    }

    fn name(&mut self) -> Option<(String, Span)> {
        let rest = self.rest();
        let length =
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))).unwrap_or(rest.len());
        let name = rest.get(..length).filter(|n| n.starts_with(|c: char| c.is_alphabetic() || c == '_'))?;
        let span = self.span(length);
        self.advance(length);
        Some((name.to_owned(), span))
    }

    fn end_tag(&mut self) -> Read<()> {
        let start = self.at;
        self.advance(2);
        let Some((name, span)) = self.name() else {
            return Err(self.fault(
                codes::MALFORMED_XML,
                Span::new(start, start.saturating_add(2)),
                "`</` must be followed by an element name",
            ));
        };
        self.skip_space();
        if !self.rest().starts_with('>') {
            return Err(self.fault(
                codes::MALFORMED_XML,
                self.span(1),
                format!("expected `>` at the end of `</{name}`"),
            ));
        }
        self.advance(1);
        let Some(mut element) = self.open.pop() else {
            return Err(self.fault(codes::TAG_MISMATCH, span, format!("`</{name}>` closes nothing")));
        };
        if element.name != name {
            let line = self.source.position(element.name_span.start).line;
            return Err(Fault {
                code: codes::TAG_MISMATCH,
                span,
                message: format!("`</{name}>` does not close `<{}>` of line {line}", element.name),
                help: Some(format!("expected `</{}>`", element.name)),
            });
        }
        element.inner = Span { start: element.inner.start, end: Span::at(start).start };
        self.add(Node::Element(element));
        Ok(())
    }

    fn start_tag(&mut self) -> Read<()> {
        let start = self.at;
        self.advance(1);
        let Some((name, name_span)) = self.name() else {
            return Err(Fault {
                code: codes::MALFORMED_XML,
                span: Span::new(start, start.saturating_add(1)),
                message: "`<` must be followed by an element name".into(),
                help: Some("a literal `<` is written `&lt;`".into()),
            });
        };
        if self.open.len() >= MAX_DEPTH {
            return Err(self.fault(codes::TOO_DEEP, name_span, format!("elements are nested deeper than {MAX_DEPTH}")));
        }
        let mut element =
            Element { name, name_span, tag: name_span, inner: name_span, attributes: Vec::new(), children: Vec::new() };
        let closed = self.attributes(&mut element)?;
        element.tag = Span::new(start, self.at);
        element.inner = Span::at(self.at);
        if closed {
            self.add(Node::Element(element));
        } else if VERBATIM.contains(&element.name.as_str()) {
            self.verbatim(element)?;
        } else {
            self.open.push(element);
        }
        Ok(())
    }

    /// Reads up to the end of the start tag; true when it closes the element too.
    fn attributes(&mut self, element: &mut Element) -> Read<bool> {
        loop {
            self.skip_space();
            let rest = self.rest();
            if rest.starts_with("/>") {
                self.advance(2);
                return Ok(true);
            }
            if rest.starts_with('>') {
                self.advance(1);
                return Ok(false);
            }
            let Some((name, name_span)) = self.name() else {
                let message = if rest.is_empty() {
                    "start tag is never closed".to_owned()
                } else {
                    format!("expected an attribute, `>` or `/>` in `<{}`", element.name)
                };
                return Err(self.fault(
                    codes::MALFORMED_XML,
                    if rest.is_empty() { element.name_span } else { self.span(1) },
                    message,
                ));
            };
            if element.attribute(&name).is_some() {
                return Err(self.fault(
                    codes::DUPLICATE_ATTRIBUTE,
                    name_span,
                    format!("attribute `{name}` stands twice"),
                ));
            }
            let (value, form) = self.attribute_value(&name)?;
            element.attributes.push(Attribute { name, name_span, value, form });
        }
    }

    fn attribute_value(&mut self, name: &str) -> Read<(Span, Form)> {
        self.skip_space();
        if !self.rest().starts_with('=') {
            return Err(self.fault(
                codes::MALFORMED_XML,
                self.span(1),
                format!("attribute `{name}` has no value, expected `=`"),
            ));
        }
        self.advance(1);
        self.skip_space();
        let Some(quote) = self.rest().chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return Err(self.fault(
                codes::MALFORMED_XML,
                self.span(1),
                format!("the value of attribute `{name}` must stand in quotes"),
            ));
        };
        self.advance(1);
        let start = self.at;
        let (end, form) = self.value_end(name, quote)?;
        self.at = end.saturating_add(1);
        Ok((Span::new(start, end), form))
    }

    /// Where the value ends: at the next quote if what stands before it is well-formed, else where the expression's brackets balance.
    fn value_end(&self, name: &str, quote: char) -> Read<(usize, Form)> {
        let rest = self.rest();
        let next = rest.find(quote).map(|n| (n, rest.get(..n).unwrap_or("")));
        if !is_expression(rest) {
            let Some((length, value)) = next else {
                return Err(self.fault(
                    codes::MALFORMED_XML,
                    self.span(0),
                    format!("the value of attribute `{name}` is never closed, `{quote}` is missing"),
                ));
            };
            self.check_literal(name, value)?;
            return Ok((self.at.saturating_add(length), Form::Escaped));
        }
        if let Some((length, value)) = next
            && is_whole_expression(value)
        {
            return Ok((self.at.saturating_add(length), Form::Escaped));
        }
        let head = rest.len().saturating_sub(rest.trim_start().len());
        let expression = rest.get(head..).unwrap_or("");
        if let Some(length) = expression_end(expression) {
            let tail = expression.get(length..).unwrap_or("");
            let space = tail.len().saturating_sub(tail.trim_start().len());
            if tail.trim_start().starts_with(quote) {
                let end = self.at.saturating_add(head).saturating_add(length).saturating_add(space);
                return Ok((end, form_of_raw(self.text.get(self.at..end).unwrap_or(""))));
            }
        }
        self.guess_end(name, quote, rest)
    }

    /// The brackets do not balance, or something follows them. A quote that is followed by the rest of a tag ends the value, so
    /// that the C# compiler can say what is wrong with it.
    fn guess_end(&self, name: &str, quote: char, rest: &str) -> Read<(usize, Form)> {
        let likely = rest.match_indices(quote).map(|(at, _)| at).find(|at| {
            let tail = rest.get(at.saturating_add(1)..).unwrap_or("");
            let after = tail.trim_start();
            after.starts_with("/>") || after.starts_with('>') || (after.len() < tail.len() && starts_attribute(after))
        });
        match likely {
            Some(length) => {
                let end = self.at.saturating_add(length);
                Ok((end, form_of_raw(self.text.get(self.at..end).unwrap_or(""))))
            }
            None => Err(Fault {
                code: codes::EXPRESSION_NEVER_ENDS,
                span: self.span(2),
                message: format!("the expression in attribute `{name}` never ends"),
                help: Some("check that brackets and quotes inside the expression are balanced".into()),
            }),
        }
    }

    fn check_literal(&self, name: &str, value: &str) -> Read<()> {
        if let Some(at) = value.find('<') {
            return Err(Fault {
                code: codes::MALFORMED_XML,
                span: Span::new(self.at.saturating_add(at), self.at.saturating_add(at).saturating_add(1)),
                message: format!("raw `<` in the value of attribute `{name}`"),
                help: Some("write `&lt;`, or close the value before it".into()),
            });
        }
        self.check_entities(self.at, value)
    }

    /// An unknown `&name;` is a slip; a bare `&` is tolerated, since URLs are full of them.
    fn check_entities(&self, start: usize, value: &str) -> Read<()> {
        for (at, _) in value.match_indices('&') {
            let tail = value.get(at..).unwrap_or("");
            let Some(end) = tail.bytes().take(12).position(|b| b == b';') else { continue };
            let name = tail.get(1..end).unwrap_or("");
            if entity(tail).is_none()
                && !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
            {
                let span =
                    Span::new(start.saturating_add(at), start.saturating_add(at).saturating_add(end).saturating_add(1));
                return Err(Fault {
                    code: codes::BAD_ENTITY,
                    span,
                    message: format!("`&{name};` is not a known entity"),
                    help: Some("known are `&lt;` `&gt;` `&amp;` `&quot;` `&apos;` and numbers such as `&#65;`; a literal `&` is written `&amp;`".into()),
                });
            }
        }
        Ok(())
    }

    fn text_node(&mut self) -> Read<()> {
        let rest = self.rest();
        let next = rest.find('<').unwrap_or(rest.len());
        let value = rest.get(..next).unwrap_or("");
        let (length, form) = if is_expression(rest) && self.at_first_words() {
            self.expression_text(rest, next)
        } else {
            (next, Form::Escaped)
        };
        if form == Form::Escaped && length == next {
            self.check_entities(self.at, value)?;
        }
        self.add(Node::Text(TextNode { span: self.span(length), form }));
        self.advance(length);
        Ok(())
    }

    /// No words stand before this place in the open element.
    fn at_first_words(&self) -> bool {
        self.open.last().is_none_or(|e| e.first_words(self.source).is_none())
    }

    fn expression_text(&self, rest: &str, next: usize) -> (usize, Form) {
        if is_whole_expression(rest.get(..next).unwrap_or("")) {
            return (next, Form::Escaped);
        }
        let head = rest.len().saturating_sub(rest.trim_start().len());
        if let Some(length) = expression_end(rest.get(head..).unwrap_or("")) {
            let end = head.saturating_add(length);
            let tail = rest.get(end..).unwrap_or("");
            let stop = tail.find('<').map_or(rest.len(), |n| end.saturating_add(n));
            let form = if tail.trim_start().starts_with('<') {
                form_of_raw(rest.get(..end).unwrap_or(""))
            } else {
                Form::Escaped
            };
            return (stop, form);
        }
        // Unbalanced: up to the end tag of the open element, for the C# compiler to report on.
        let end = self.open.last().and_then(|e| rest.find(&format!("</{}", e.name))).unwrap_or(next);
        (end, form_of_raw(rest.get(..end).unwrap_or("")))
    }

    /// Content of an element whose inner markup is data.
    fn verbatim(&mut self, mut element: Element) -> Read<()> {
        let start = self.at;
        let rest = self.rest();
        let head = rest.len().saturating_sub(rest.trim_start().len());
        let close = format!("</{}", element.name);
        let mut from = 0;
        if is_expression(rest) {
            from = expression_end(rest.get(head..).unwrap_or("")).map_or(0, |n| head.saturating_add(n));
        } else if rest.get(head..).is_some_and(|r| r.starts_with("<![CDATA[")) {
            from = rest.find("]]>").unwrap_or(0);
        }
        let Some(end) = rest.get(from..).and_then(|r| r.find(&close)).map(|n| n.saturating_add(from)) else {
            return Err(Fault {
                code: codes::UNCLOSED,
                span: element.name_span,
                message: format!("element `{}` is never closed", element.name),
                help: Some(format!("add `{close}>`")),
            });
        };
        let content = rest.get(..end).unwrap_or("");
        let trimmed = content.trim();
        let body = match trimmed.strip_prefix("<![CDATA[").and_then(|c| c.strip_suffix("]]>")) {
            Some(inside) if !inside.contains("]]>") => {
                let at = start.saturating_add(head).saturating_add("<![CDATA[".len());
                TextNode { span: Span::new(at, at.saturating_add(inside.len())), form: Form::CData }
            }
            _ => TextNode { span: Span::new(start, start.saturating_add(end)), form: verbatim_form(content) },
        };
        if body.form == Form::Escaped {
            self.check_entities(start, content)?;
        }
        element.children.push(Node::Text(body));
        self.advance(end);
        self.open.push(element);
        self.end_tag()
    }
}

/// Text without markup is decoded like any text; with markup it is a fragment of XML to be sent as it stands.
fn verbatim_form(content: &str) -> Form {
    if is_expression(content) {
        return if is_whole_expression(content) { Form::Escaped } else { form_of_raw(content) };
    }
    if content.contains('<') || bare_ampersand(content).is_some() { Form::Raw } else { Form::Escaped }
}

fn starts_attribute(text: &str) -> bool {
    let name = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | ':'))).unwrap_or(text.len());
    name > 0 && text.get(name..).is_some_and(|t| t.trim_start().starts_with('='))
}
