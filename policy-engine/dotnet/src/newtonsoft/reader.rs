//! Newtonsoft's tolerant JSON reader: single quotes, unquoted names, comments, `NaN`, hexadecimal and octal integers, trailing
//! commas. Its states, messages, paths and positions follow `JsonTextReader`, because policies show the messages to callers.
mod constructor;
mod quoted;

use super::dates;
use super::number_text;
use super::position::{self, Step};
use super::scalar::{Digits, Kind, Scalar};
use crate::exception::{Exception, Result};
use crate::value::{Str, Value};

/// Newtonsoft 13's `JsonReader.MaxDepth`.
pub(super) const MAX_DEPTH: usize = 64;
/// Names that are shared between the objects of one text.
const SHARED_NAMES: usize = 32;
/// Room for so much nesting is made at once.
const FRAMES: usize = 8;

/// What was read.
pub(super) enum Event {
    StartObject,
    StartArray,
    /// `new Date(`
    StartConstructor(Str),
    EndObject,
    EndArray,
    EndConstructor,
    Name(Str),
    Scalar(Scalar),
    Comment(Str),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    ObjectStart,
    /// After a comma in an object.
    Object,
    /// After a name.
    Property,
    ArrayStart,
    /// After a comma in an array.
    Array,
    PostValue,
    Finished,
}

/// What a bracket opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
    Constructor,
}

impl Container {
    /// By its closing bracket.
    fn closed_by(c: char) -> Container {
        match c {
            '}' => Container::Object,
            ')' => Container::Constructor,
            _ => Container::Array,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Container::Object => "Object",
            Container::Array => "Array",
            Container::Constructor => "Constructor",
        }
    }
}

struct Frame {
    container: Container,
    name: Option<Name>,
    index: i64,
}

/// A name in a path: its place in the text, or its value if it was escaped there.
enum Name {
    At(usize, usize),
    Own(Str),
}

/// How scalars are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// As tokens: texts that look like dates become dates.
    Tokens,
    /// The same for a tree that is kept, which may hold constructors.
    Tree,
    /// For a known type: texts stay texts, and fractions keep their digits.
    Typed,
}

/// A running reader.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    line_start: usize,
    state: State,
    frames: Vec<Frame>,
    /// How many of the frames are arrays.
    arrays: usize,
    names: Vec<Str>,
    mode: Mode,
}

fn is_space(c: char) -> bool {
    c.is_whitespace()
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

impl Frame {
    fn is_object(&self) -> bool {
        self.container == Container::Object
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, mode: Mode) -> Reader<'a> {
        Reader {
            text,
            at: 0,
            line: 1,
            line_start: 0,
            state: State::Start,
            frames: Vec::with_capacity(FRAMES),
            arrays: 0,
            names: Vec::new(),
            mode,
        }
    }

    // --- position ---

    pub(super) fn path(&self) -> String {
        let inside = !matches!(self.state, State::ArrayStart | State::ObjectStart);
        let shown = if inside { self.frames.len() } else { self.frames.len().saturating_sub(1) };
        position::join(self.frames.iter().take(shown).filter_map(|f| match &f.name {
            Some(Name::Own(name)) if f.is_object() => Some(Step::Name(name)),
            Some(Name::At(from, to)) if f.is_object() => self.text.get(*from..*to).map(Step::Name),
            None if f.is_object() => None,
            _ => (f.index >= 0).then_some(Step::Index(f.index)),
        }))
    }

    pub(super) fn line_position(&self) -> (usize, usize) {
        let column = self.text.get(self.line_start..self.at).map_or(0, crate::utf16::len);
        (if self.state == State::Start && column == 0 { 0 } else { self.line }, column)
    }

    /// `JsonReaderException` here.
    pub(super) fn error(&self, text: &str) -> Exception {
        let (path, place) = (self.path(), self.line_position());
        let number = |n: usize| Value::Int32(i32::try_from(n).unwrap_or(i32::MAX));
        Exception::json_reader(position::message(text, &path, Some(place)))
            .with("Path", Value::str(path))
            .with("LineNumber", number(place.0))
            .with("LinePosition", number(place.1))
    }

    fn unexpected(&self, c: char) -> Exception {
        self.error(&format!("Unexpected character encountered while parsing value: {c}."))
    }

    fn unexpected_end(&mut self) -> Exception {
        self.at = self.text.len();
        self.error("Unexpected end when reading JSON.")
    }

    // --- characters ---

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn peek(&self) -> Option<char> {
        match self.byte() {
            Some(b) if b.is_ascii() => Some(char::from(b)),
            Some(_) => self.rest().chars().next(),
            None => None,
        }
    }

    fn advance(&mut self, c: char) {
        self.at = self.at.saturating_add(c.len_utf8());
    }

    /// Passes one white character, counting lines.
    fn pass_space(&mut self, c: char) {
        self.advance(c);
        match c {
            '\r' => {
                if self.byte() == Some(b'\n') {
                    self.at = self.at.saturating_add(1);
                }
                self.new_line();
            }
            '\n' => self.new_line(),
            _ => {}
        }
    }

    fn new_line(&mut self) {
        self.line = self.line.saturating_add(1);
        self.line_start = self.at;
    }

    fn skip_space(&mut self) {
        while let Some(c) = self.peek().filter(|c| is_space(*c)) {
            self.pass_space(c);
        }
    }

    // --- structure ---

    /// Next event; `None` at the end of the text, however deep.
    pub(super) fn next(&mut self) -> Result<Option<Event>> {
        loop {
            match self.state {
                State::Start | State::Property | State::Array | State::ArrayStart => return self.value(),
                State::Object | State::ObjectStart => return self.object(),
                State::PostValue => {
                    if let Some(event) = self.post_value()? {
                        return Ok(Some(event));
                    }
                    if self.state == State::PostValue {
                        return Ok(None);
                    }
                }
                State::Finished => return self.after_end(),
            }
        }
    }

    fn after_end(&mut self) -> Result<Option<Event>> {
        self.skip_space();
        match self.peek() {
            None => Ok(None),
            Some('/') => self.comment().map(Some),
            Some(c) => {
                Err(self.error(&format!("Additional text encountered after finished reading JSON content: {c}.")))
            }
        }
    }

    fn push(&mut self, container: Container) -> Result<()> {
        self.finish_item();
        self.frames.push(Frame { container, name: None, index: -1 });
        let is_object = container == Container::Object;
        self.arrays = self.arrays.saturating_add(usize::from(!is_object));
        self.state = if is_object { State::ObjectStart } else { State::ArrayStart };
        if self.frames.len() > MAX_DEPTH {
            return Err(self.error(&format!("The reader's MaxDepth of {MAX_DEPTH} has been exceeded.")));
        }
        Ok(())
    }

    /// Counts items of the array that a value just began or ended in.
    fn finish_item(&mut self) {
        if let Some(frame) = self.frames.last_mut().filter(|f| !f.is_object()) {
            frame.index = frame.index.saturating_add(1);
        }
    }

    fn pop(&mut self, closed: Container) -> Result<Event> {
        let top = self.frames.pop();
        if top.as_ref().is_some_and(|f| !f.is_object()) {
            self.arrays = self.arrays.saturating_sub(1);
        }
        self.state = if self.frames.is_empty() { State::Finished } else { State::PostValue };
        if top.as_ref().is_some_and(|f| f.container == closed) {
            return Ok(match closed {
                Container::Object => Event::EndObject,
                Container::Array => Event::EndArray,
                Container::Constructor => Event::EndConstructor,
            });
        }
        let open = top.map_or("None", |f| f.container.name());
        Err(self.error(&format!("JsonToken End{} is not valid for closing JsonType {open}.", closed.name())))
    }

    /// The state after a comma or a value.
    fn state_of_container(&self) -> State {
        match self.frames.last() {
            None => State::Finished,
            Some(f) if f.is_object() => State::Object,
            Some(_) => State::Array,
        }
    }

    fn after_value(&mut self) {
        self.finish_item();
        self.state = if self.frames.is_empty() { State::Finished } else { State::PostValue };
    }

    fn post_value(&mut self) -> Result<Option<Event>> {
        while let Some(c) = self.peek() {
            match c {
                '}' | ']' | ')' => {
                    self.advance(c);
                    return self.pop(Container::closed_by(c)).map(Some);
                }
                '/' => return self.comment().map(Some),
                ',' => {
                    self.advance(c);
                    self.state = self.state_of_container();
                    return Ok(None);
                }
                '\0' => self.advance(c),
                c if is_space(c) => self.pass_space(c),
                c => {
                    let text = format!("After parsing a value an unexpected character was encountered: {c}.");
                    return Err(self.error(&text));
                }
            }
        }
        Ok(None)
    }

    fn object(&mut self) -> Result<Option<Event>> {
        while let Some(c) = self.peek() {
            match c {
                '}' => {
                    self.advance(c);
                    return self.pop(Container::Object).map(Some);
                }
                '/' => return self.comment().map(Some),
                '\0' => self.advance(c),
                c if is_space(c) => self.pass_space(c),
                c => return self.name(c).map(Some),
            }
        }
        Ok(None)
    }

    fn name(&mut self, first: char) -> Result<Event> {
        let (name, place) = match first {
            '"' | '\'' => {
                self.advance(first);
                let start = self.at;
                match self.quoted(first)? {
                    Some(unescaped) => {
                        let name: Str = unescaped.into();
                        (name.clone(), Name::Own(name))
                    }
                    None => self.shared(start, self.at.saturating_sub(1)),
                }
            }
            c if is_name_char(c) => self.unquoted_name()?,
            c => return Err(self.error(&format!("Invalid property identifier character: {c}."))),
        };
        self.skip_space();
        match self.peek() {
            Some(':') => self.at = self.at.saturating_add(1),
            // Newtonsoft shows the terminating zero of its buffer at the end of the text.
            other => {
                let c = other.unwrap_or('\0');
                return Err(
                    self.error(&format!("Invalid character after parsing property name. Expected ':' but got: {c}."))
                );
            }
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.name = Some(place);
        }
        self.state = State::Property;
        Ok(Event::Name(name))
    }

    fn unquoted_name(&mut self) -> Result<(Str, Name)> {
        let start = self.at;
        while let Some(c) = self.peek() {
            if is_name_char(c) {
                self.advance(c);
            } else if is_space(c) || c == ':' {
                return Ok(self.shared(start, self.at));
            } else {
                return Err(self.error(&format!("Invalid JavaScript property identifier character: {c}.")));
            }
        }
        Err(self.error("Unexpected end while parsing unquoted property name."))
    }

    /// A name that stands in the text as it is. Names in arrays repeat: one allocation for all of them.
    fn shared(&mut self, from: usize, to: usize) -> (Str, Name) {
        let (text, place) = (self.text.get(from..to).unwrap_or_default(), Name::At(from, to));
        if self.arrays == 0 {
            return (text.into(), place);
        }
        if let Some(known) = self.names.iter().find(|n| &***n == text) {
            return (known.clone(), place);
        }
        let name: Str = text.into();
        if self.names.len() < SHARED_NAMES {
            self.names.push(name.clone());
        }
        (name, place)
    }

    // --- values ---

    fn value(&mut self) -> Result<Option<Event>> {
        while let Some(c) = self.peek() {
            return match c {
                '"' | '\'' => self.string(c),
                '{' => {
                    self.advance(c);
                    self.push(Container::Object).map(|()| Event::StartObject)
                }
                '[' => {
                    self.advance(c);
                    self.push(Container::Array).map(|()| Event::StartArray)
                }
                ']' | ')' => {
                    self.advance(c);
                    self.pop(Container::closed_by(c))
                }
                't' => self.literal("true", "boolean", Scalar::new(Kind::Boolean, Value::Bool(true))),
                'f' => self.literal("false", "boolean", Scalar::new(Kind::Boolean, Value::Bool(false))),
                'n' => self.null(),
                'u' => self.literal("undefined", "undefined", Scalar::UNDEFINED),
                'N' => self.literal("NaN", "NaN", Scalar::new(Kind::Float, Value::Double(f64::NAN))),
                'I' => self.literal(
                    "Infinity",
                    "positive infinity",
                    Scalar::new(Kind::Float, Value::Double(f64::INFINITY)),
                ),
                '-' if self.rest().as_bytes().get(1) == Some(&b'I') => self.literal(
                    "-Infinity",
                    "negative infinity",
                    Scalar::new(Kind::Float, Value::Double(f64::NEG_INFINITY)),
                ),
                '/' => self.comment(),
                // A missing value; the comma stays for the next step.
                ',' => {
                    self.after_value();
                    Ok(Event::Scalar(Scalar::UNDEFINED))
                }
                '-' | '.' | '0'..='9' => self.number(),
                '\0' => {
                    self.advance(c);
                    continue;
                }
                c if is_space(c) => {
                    self.pass_space(c);
                    continue;
                }
                c if c.is_numeric() => self.number(),
                c => Err(self.unexpected(c)),
            }
            .map(Some);
        }
        Ok(None)
    }

    fn null(&mut self) -> Result<Event> {
        match self.rest().as_bytes().get(1) {
            Some(b'u') => self.literal("null", "null", Scalar::NULL),
            Some(b'e') if self.mode == Mode::Tree => self.constructor(),
            Some(b'e') => Err(self.error("JSON constructors are read by `Parse` of tokens only.")),
            Some(_) => Err(self.unexpected('n')),
            None => Err(self.unexpected_end()),
        }
    }

    fn literal(&mut self, word: &str, what: &str, scalar: Scalar) -> Result<Event> {
        let rest = self.rest();
        if rest.len() < word.len() {
            return Err(self.unexpected_end());
        }
        let matching = rest.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count();
        self.at = self.at.saturating_add(matching);
        if matching < word.len() || !self.at_separator() {
            return Err(self.error(&format!("Error parsing {what} value.")));
        }
        self.after_value();
        Ok(Event::Scalar(scalar))
    }

    fn at_separator(&self) -> bool {
        match self.peek() {
            None | Some('}' | ']' | ',' | '\0') => true,
            Some(')') => self.frames.last().is_some_and(|f| f.container == Container::Constructor),
            Some('/') => matches!(self.rest().as_bytes().get(1), Some(b'*' | b'/')),
            Some(c) => is_space(c),
        }
    }

    fn string(&mut self, quote: char) -> Result<Event> {
        self.advance(quote);
        let start = self.at;
        let unescaped = self.quoted(quote)?;
        let end = self.at.saturating_sub(1);
        let text = match &unescaped {
            Some(text) => text.as_str(),
            None => self.text.get(start..end).unwrap_or_default(),
        };
        let date = if self.mode != Mode::Typed { dates::read(text) } else { None };
        let scalar = match date {
            Some(date) => Scalar::new(Kind::Date, Value::DateTime(date)),
            None => Scalar::string(text),
        };
        self.after_value();
        Ok(Event::Scalar(scalar))
    }

    fn number(&mut self) -> Result<Event> {
        let start = self.at;
        while let Some(c) = self.peek() {
            match c {
                '-' | '+' | '.' | 'x' | 'X' | '0'..='9' | 'a'..='f' | 'A'..='F' => self.at = self.at.saturating_add(1),
                ',' | '}' | ']' | ')' | '/' | '\0' => break,
                c if is_space(c) => break,
                c => return Err(self.error(&format!("Unexpected character encountered while parsing number: {c}."))),
            }
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        self.after_value();
        match number_text::read(text) {
            Ok(Scalar { kind: Kind::Float, value: Value::Double(value) }) if self.mode == Mode::Typed => {
                Ok(Event::Scalar(Scalar::new(Kind::Float, Value::object(Digits { text: text.into(), value }))))
            }
            Ok(scalar) => Ok(Event::Scalar(scalar)),
            Err(number_text::NotRead) if text.len() > number_text::MAX_DIGITS => {
                Err(self.error(&format!("JSON integer {text} is too large to parse.")))
            }
            Err(number_text::NotRead) => Err(self.error(&format!("Input string '{text}' is not a valid number."))),
        }
    }

    // --- comments ---

    fn comment(&mut self) -> Result<Event> {
        self.at = self.at.saturating_add(1);
        let single_line = match self.peek() {
            Some('*') => false,
            Some('/') => true,
            Some(c) => return Err(self.error(&format!("Error parsing comment. Expected: *, got {c}."))),
            None => return Err(self.error("Unexpected end while parsing comment.")),
        };
        // The reader wants a character more before it looks on.
        if self.at.saturating_add(1) >= self.text.len() {
            return Err(self.error("Unexpected end while parsing comment."));
        }
        self.at = self.at.saturating_add(1);
        let start = self.at;
        while let Some(c) = self.peek() {
            if single_line && matches!(c, '\r' | '\n') {
                break;
            }
            if !single_line && self.rest().starts_with("*/") {
                let text = self.text.get(start..self.at).unwrap_or_default();
                self.at = self.at.saturating_add(2);
                return Ok(Event::Comment(text.into()));
            }
            self.pass_space(c);
        }
        if !single_line {
            return Err(self.error("Unexpected end while parsing comment."));
        }
        Ok(Event::Comment(self.text.get(start..self.at).unwrap_or_default().into()))
    }
}
