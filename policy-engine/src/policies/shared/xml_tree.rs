//! An XML text as a plain tree: names as written, text, attributes. For policies that turn it into something else.
//!
//! Document types are refused, so no document can grow while it is read; nesting is bounded. Comments and instructions are left
//! out, as is white space between tags.
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

/// Deepest nesting.
const MAX_DEPTH: usize = 256;

/// A document.
#[derive(Debug)]
pub(in crate::policies) struct Document {
    /// Version in its declaration.
    pub(in crate::policies) version: Option<String>,
    pub(in crate::policies) root: Element,
}

/// An element.
#[derive(Debug, Default)]
pub(in crate::policies) struct Element {
    /// Name as written, with its prefix.
    pub(in crate::policies) name: String,
    pub(in crate::policies) attributes: Vec<(String, String)>,
    pub(in crate::policies) content: Vec<Content>,
    /// Written as `<a/>`.
    pub(in crate::policies) is_closed: bool,
}

/// What stands inside an element.
#[derive(Debug)]
pub(in crate::policies) enum Content {
    Element(Element),
    Text(String),
}

/// A name without its prefix.
pub(in crate::policies) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

impl Element {
    /// Elements inside.
    pub(in crate::policies) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.content.iter().filter_map(|content| match content {
            Content::Element(element) => Some(element),
            Content::Text(_) => None,
        })
    }

    /// Text directly inside.
    pub(in crate::policies) fn text(&self) -> String {
        let texts = self.content.iter().filter_map(|content| match content {
            Content::Text(text) => Some(text.as_str()),
            Content::Element(_) => None,
        });
        texts.collect()
    }

    /// Attributes that declare no namespace.
    pub(in crate::policies) fn plain_attributes(&self) -> impl Iterator<Item = &(String, String)> {
        self.attributes.iter().filter(|(name, _)| name != "xmlns" && !name.starts_with("xmlns:"))
    }
}

/// Reads a document; an error in words where it is none.
pub(in crate::policies) fn read(text: &str) -> Result<Document, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let mut version = None;
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    loop {
        let event = reader.read_event().map_err(|error| format!("{error}."))?;
        let piece = match event {
            Event::Eof => break,
            Event::Start(start) => {
                if open.len() >= MAX_DEPTH {
                    return Err(format!("Elements nest deeper than {MAX_DEPTH}."));
                }
                open.push(element(&start)?);
                continue;
            }
            Event::Empty(start) => Content::Element(Element { is_closed: true, ..element(&start)? }),
            Event::End(_) => match open.pop() {
                Some(mut element) => {
                    drop_white(&mut element);
                    Content::Element(element)
                }
                None => return Err("Unexpected end tag.".into()),
            },
            Event::Text(text) => Content::Text(text.into_inner().replace("\r\n", "\n")),
            Event::CData(text) => Content::Text(text.into_inner().into_owned()),
            Event::GeneralRef(reference) => Content::Text(entity(&reference)?),
            Event::Decl(declaration) => {
                version = declaration.version().ok().map(|version| version.into_owned());
                continue;
            }
            Event::DocType(_) => return Err("For security reasons DTD is prohibited in this XML document.".into()),
            Event::Comment(_) | Event::PI(_) => continue,
        };
        match (open.last_mut(), piece) {
            (Some(parent), Content::Text(text)) => match parent.content.last_mut() {
                Some(Content::Text(before)) => before.push_str(&text),
                _ => parent.content.push(Content::Text(text)),
            },
            (Some(parent), piece) => parent.content.push(piece),
            (None, Content::Text(text)) if text.trim().is_empty() => {}
            (None, Content::Text(_)) => return Err("Data at the root level is invalid.".into()),
            (None, Content::Element(_)) if root.is_some() => return Err("There are multiple root elements.".into()),
            (None, Content::Element(element)) => root = Some(element),
        }
    }
    if let Some(element) = open.last() {
        return Err(format!("The element `{}` is not closed.", element.name));
    }
    Ok(Document { version, root: root.ok_or("Root element is missing.")? })
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("{error}."))?;
        let value = unescape(&attribute.value).map_err(|error| format!("{error}."))?;
        attributes.push((attribute.key.0.to_owned(), value.into_owned()));
    }
    Ok(Element { name: start.name().0.to_owned(), attributes, ..Element::default() })
}

fn entity(reference: &str) -> Result<String, String> {
    let text = format!("&{reference};");
    unescape(&text).map(std::borrow::Cow::into_owned).map_err(|error| format!("{error}."))
}

/// White space that only separates tags.
fn drop_white(element: &mut Element) {
    if element.elements().next().is_some() {
        element.content.retain(|content| !matches!(content, Content::Text(text) if text.trim().is_empty()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees() {
        let text = "<?xml version=\"1.0\"?>\n<p:a x=\"1 &amp; 2\" xmlns:p=\"urn:p\">\n <b>x &lt; y<![CDATA[ & z]]>&#33;</b> <c/>tail</p:a>\n";
        let document = read(text).unwrap();
        let root = &document.root;
        assert_eq!((document.version.as_deref(), root.name.as_str(), local(&root.name)), (Some("1.0"), "p:a", "a"));
        assert_eq!(root.plain_attributes().collect::<Vec<_>>(), [&("x".to_owned(), "1 & 2".to_owned())]);
        let names: Vec<_> = root.elements().map(|e| (e.name.as_str(), e.is_closed, e.text())).collect();
        assert_eq!(names, [("b", false, "x < y & z!".to_owned()), ("c", true, String::new())]);
        assert_eq!(root.text(), "tail");
    }

    #[test]
    fn what_is_no_document() {
        let deep = "<a>".repeat(MAX_DEPTH + 1);
        for text in [
            "",
            "plain",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a>&none;</a>",
            "<a x=1/>",
            "<a/>tail",
            "</a>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            &deep,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
