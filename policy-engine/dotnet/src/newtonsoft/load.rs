//! From text to tokens: `JToken.Parse`, `JObject.Parse`, `JArray.Parse`.
use std::sync::Arc;

use super::members::Members;
use super::reader::{Event, Mode, Reader};
use super::scalar::{Kind, Scalar};
use super::token::{ArrayData, ObjectData, Payload, Slot, Token};
use crate::ambient::Ambient;
use crate::exception::Result;
use crate::value::Str;
use parking_lot::RwLock;

/// A tree needs about so many bytes for each byte of text.
const BYTES_A_BYTE: usize = 4;
const BYTES_A_STEP: usize = 16;

/// What must stand at the root.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Any,
    Object,
    Array,
}

impl Root {
    fn name(self) -> &'static str {
        match self {
            Root::Any => "JToken",
            Root::Object => "JObject",
            Root::Array => "JArray",
        }
    }
}

pub(super) fn charge(cx: &mut dyn Ambient, text: &str) -> Result<()> {
    cx.charge_bytes(text.len().saturating_mul(BYTES_A_BYTE))?;
    cx.charge_steps(u64::try_from(text.len() / BYTES_A_STEP).unwrap_or(u64::MAX).saturating_add(1))
}

/// Reads one token and the rest of the text, which may only hold comments.
pub(super) fn parse(cx: &mut dyn Ambient, text: &str, root: Root) -> Result<Arc<Token>> {
    charge(cx, text)?;
    let mut reader = Reader::new(text, Mode::Tree);
    let payload = read_root(&mut reader, root)?;
    while reader.next()?.is_some() {}
    Ok(Token::of_payload(&payload))
}

/// Reads one token.
pub(super) fn read_root(reader: &mut Reader<'_>, root: Root) -> Result<Payload> {
    loop {
        let Some(event) = reader.next()? else {
            return Err(reader.error(&format!("Error reading {} from JsonReader.", root.name())));
        };
        let wrong = |what: &str, found: &str, reader: &Reader<'_>| {
            let text = format!(
                "Error reading {} from JsonReader. Current JsonReader item is not an {what}: {found}.",
                root.name()
            );
            Err(reader.error(&text))
        };
        return match (root, event) {
            (Root::Any | Root::Object, event @ Event::StartObject)
            | (Root::Any | Root::Array, event @ Event::StartArray)
            | (Root::Any, event @ Event::StartConstructor(_)) => Builder::default().run(reader, root, event),
            (Root::Any, Event::Scalar(s)) => Ok(Payload::Scalar(s)),
            (Root::Any, Event::Comment(text)) => Ok(Payload::Scalar(comment(text))),
            (_, Event::Comment(_)) => continue,
            (Root::Object, event) => wrong("object", name_of(&event), reader),
            (Root::Array, event) => wrong("array", name_of(&event), reader),
            (Root::Any, event) => {
                Err(reader
                    .error(&format!("Error reading JToken from JsonReader. Unexpected token: {}.", name_of(&event))))
            }
        };
    }
}

fn comment(text: Str) -> Scalar {
    Scalar::new(Kind::Comment, crate::value::Value::Str(text))
}

fn name_of(event: &Event) -> &'static str {
    match event {
        Event::StartObject => "StartObject",
        Event::StartArray => "StartArray",
        Event::StartConstructor(_) => "StartConstructor",
        Event::EndObject => "EndObject",
        Event::EndArray => "EndArray",
        Event::EndConstructor => "EndConstructor",
        Event::Name(_) => "PropertyName",
        Event::Scalar(s) => s.kind.name(),
        Event::Comment(_) => "Comment",
    }
}

/// Room for so many open containers is made at once.
const OPEN: usize = 4;

/// Containers under construction, outermost first. The reader bounds their number.
#[derive(Default)]
pub(super) struct Builder {
    open: Vec<Open>,
}

struct Open {
    content: Content,
    /// The name that the next value gets.
    name: Option<Str>,
}

enum Content {
    Object(Members),
    Array(Vec<Slot>),
    Constructor(Str, Vec<Slot>),
}

impl Builder {
    /// Reads to the end of the container that was just begun.
    fn run(mut self, reader: &mut Reader<'_>, root: Root, begun: Event) -> Result<Payload> {
        self.take(begun);
        let mut any = false;
        while let Some(event) = reader.next()? {
            any = true;
            if let Some(done) = self.take(event) {
                return Ok(done);
            }
        }
        let name = match (root, self.open.first().map(|o| &o.content)) {
            (Root::Object, _) | (_, Some(Content::Object(_))) => "JObject",
            (_, Some(Content::Constructor(..))) => "JConstructor",
            _ => "JArray",
        };
        if any {
            Err(reader.error(&format!("Unexpected end of content while loading {name}.")))
        } else {
            Err(reader.error(&format!("Error reading {name} from JsonReader.")))
        }
    }

    /// Closes everything that is open: what a text gave before it broke off.
    pub(super) fn close_all(&mut self) -> Option<Payload> {
        while !self.open.is_empty() {
            if let Some(done) = self.take(Event::EndObject) {
                return Some(done);
            }
        }
        None
    }

    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    fn open(&mut self, content: Content) {
        if self.open.capacity() == 0 {
            self.open.reserve(OPEN);
        }
        self.open.push(Open { content, name: None });
    }

    /// Takes one event; answers the whole when the outermost container ends.
    pub(super) fn take(&mut self, event: Event) -> Option<Payload> {
        match event {
            Event::StartObject => self.open(Content::Object(Members::default())),
            Event::StartArray => self.open(Content::Array(Vec::new())),
            Event::StartConstructor(name) => self.open(Content::Constructor(name, Vec::new())),
            Event::Name(name) => {
                if let Some(open) = self.open.last_mut() {
                    open.name = Some(name);
                }
            }
            Event::Scalar(scalar) => return self.put(Payload::Scalar(scalar)),
            Event::Comment(_) => {}
            Event::EndObject | Event::EndArray | Event::EndConstructor => {
                let payload = match self.open.pop()?.content {
                    Content::Object(members) => Payload::Object(Arc::new(ObjectData(RwLock::new(members)))),
                    Content::Array(list) => Payload::Array(Arc::new(ArrayData::array(list))),
                    Content::Constructor(name, list) => {
                        Payload::Array(Arc::new(ArrayData::constructor(Some(name), list)))
                    }
                };
                return self.put(payload);
            }
        }
        None
    }

    /// A repeated name replaces the value and keeps the place.
    pub(super) fn put(&mut self, payload: Payload) -> Option<Payload> {
        let Some(open) = self.open.last_mut() else { return Some(payload) };
        match &mut open.content {
            Content::Array(list) | Content::Constructor(_, list) => list.push(Slot::new(payload)),
            Content::Object(members) => {
                let name = open.name.take()?;
                match members.position(&name).and_then(|at| members.list.get_mut(at)) {
                    Some(member) => member.slot = Slot::new(payload),
                    None => members.push(name, Slot::new(payload)),
                }
            }
        }
        None
    }
}
