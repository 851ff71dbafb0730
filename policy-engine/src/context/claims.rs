//! One part of a token, a JSON object: read once and whole, but kept as places in its text until somebody asks for a value.
use std::borrow::Cow;
use std::fmt;

use dotnet::Value;
use dotnet::collections::array;
use dotnet::collections::dictionary::Pending;
use serde::Deserialize as _;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

/// Room for so many entries is made at once.
const ENTRIES: usize = 8;

/// Names and values of a header or of claims.
#[derive(Default)]
pub(crate) struct Claims {
    text: String,
    /// As they stand in the text; the last one of a name counts.
    entries: Vec<(Piece, Claim)>,
}

/// A text: a place in the part's own text, or one that was escaped there.
enum Piece {
    At(usize, usize),
    Own(Box<str>),
}

enum Claim {
    Text(Piece),
    Number(Number),
    Other(Box<Json>),
}

impl Claims {
    /// Reads a JSON object; `None` for everything else.
    pub(super) fn read(text: String) -> Option<Claims> {
        let base = text.as_ptr().addr();
        let mut reader = serde_json::Deserializer::from_str(&text);
        let entries = reader.deserialize_map(Entries { base }).ok()?;
        reader.end().ok()?;
        Some(Claims { text, entries })
    }

    fn piece<'a>(&'a self, piece: &'a Piece) -> &'a str {
        match piece {
            Piece::At(from, to) => self.text.get(*from..*to).unwrap_or_default(),
            Piece::Own(text) => text,
        }
    }

    fn get(&self, name: &str) -> Option<&Claim> {
        self.entries.iter().rev().find(|(n, _)| self.piece(n) == name).map(|(_, claim)| claim)
    }

    /// A claim's value as text: strings bare, everything else as JSON; `None` if there is none.
    pub(super) fn text(&self, name: &str) -> Option<Value> {
        self.get(name).map(|claim| self.shown(claim))
    }

    /// A claim that is a number.
    pub(super) fn number(&self, name: &str) -> Option<&Number> {
        match self.get(name)? {
            Claim::Number(n) => Some(n),
            _ => None,
        }
    }

    /// The texts of a claim: one for each element of an array, one otherwise.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<Value>> {
        self.get(name).map(|claim| self.all(claim))
    }

    fn shown(&self, claim: &Claim) -> Value {
        match claim {
            Claim::Text(piece) => Value::str(self.piece(piece)),
            Claim::Number(n) => Value::str(n.to_string()),
            Claim::Other(json) => Value::str(plain(json)),
        }
    }

    fn all(&self, claim: &Claim) -> Vec<Value> {
        match claim {
            Claim::Other(json) => match &**json {
                Json::Array(items) => items.iter().map(|v| Value::str(plain(v))).collect(),
                other => vec![Value::str(plain(other))],
            },
            one => vec![self.shown(one)],
        }
    }
}

impl From<&Map<String, Json>> for Claims {
    fn from(map: &Map<String, Json>) -> Claims {
        let claim = |v: &Json| match v {
            Json::String(s) => Claim::Text(Piece::Own(s.as_str().into())),
            Json::Number(n) => Claim::Number(n.clone()),
            other => Claim::Other(Box::new(other.clone())),
        };
        let entries = map.iter().map(|(n, v)| (Piece::Own(n.as_str().into()), claim(v))).collect();
        Claims { text: String::new(), entries }
    }
}

impl Pending for Claims {
    fn entries(&self) -> Vec<(Value, Value)> {
        let entry = |(name, claim): &(Piece, Claim)| {
            (Value::str(self.piece(name)), array::new_array(dotnet::Type::STRING, self.all(claim)))
        };
        self.entries.iter().map(entry).collect()
    }

    fn joined(&self, key: &str) -> Option<Value> {
        match self.get(key)? {
            Claim::Other(json) => match &**json {
                Json::Array(items) => Some(Value::str(items.iter().map(plain).collect::<Vec<_>>().join(","))),
                other => Some(Value::str(plain(other))),
            },
            one => Some(self.shown(one)),
        }
    }
}

/// A value as text: strings bare, everything else as JSON.
fn plain(value: &Json) -> Cow<'_, str> {
    match value {
        Json::String(s) => Cow::Borrowed(s),
        Json::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

// === reading ===

struct Entries {
    base: usize,
}

struct PieceSeed(usize);

struct ClaimSeed(usize);

fn piece(base: usize, text: &str) -> Piece {
    let from = text.as_ptr().addr().saturating_sub(base);
    Piece::At(from, from.saturating_add(text.len()))
}

impl<'de> Visitor<'de> for Entries {
    type Value = Vec<(Piece, Claim)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::with_capacity(ENTRIES);
        while let Some(entry) = map.next_entry_seed(PieceSeed(self.base), ClaimSeed(self.base))? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

impl<'de> DeserializeSeed<'de> for PieceSeed {
    type Value = Piece;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Piece, D::Error> {
        d.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for PieceSeed {
    type Value = Piece;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Piece, E> {
        Ok(piece(self.0, text))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Piece, E> {
        Ok(Piece::Own(text.into()))
    }
}

impl<'de> DeserializeSeed<'de> for ClaimSeed {
    type Value = Claim;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Claim, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ClaimSeed {
    type Value = Claim;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Claim, E> {
        Ok(Claim::Text(piece(self.0, text)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Claim, E> {
        Ok(Claim::Text(Piece::Own(text.into())))
    }
    fn visit_i64<E: Error>(self, n: i64) -> Result<Claim, E> {
        Ok(Claim::Number(n.into()))
    }
    fn visit_u64<E: Error>(self, n: u64) -> Result<Claim, E> {
        Ok(Claim::Number(n.into()))
    }
    fn visit_f64<E: Error>(self, n: f64) -> Result<Claim, E> {
        Ok(Number::from_f64(n).map_or_else(|| Claim::Other(Box::default()), Claim::Number))
    }
    fn visit_bool<E: Error>(self, v: bool) -> Result<Claim, E> {
        Ok(Claim::Other(Box::new(Json::Bool(v))))
    }
    fn visit_unit<E: Error>(self) -> Result<Claim, E> {
        Ok(Claim::Other(Box::default()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Claim, A::Error> {
        Json::deserialize(SeqAccessDeserializer::new(items)).map(|v| Claim::Other(Box::new(v)))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Claim, A::Error> {
        Json::deserialize(MapAccessDeserializer::new(map)).map(|v| Claim::Other(Box::new(v)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Claims, Pending as _};
    use serde_json::{Map, Value as Json};

    fn joined(claims: &Claims, key: &str) -> Option<String> {
        claims.joined(key).and_then(|v| v.as_str().map(str::to_owned))
    }

    /// Reading in place accepts, refuses and shows just what reading into a map does.
    #[test]
    fn reads_as_a_map_does() {
        let texts = [
            r#"{"sub":"ada","n":1.0,"big":18446744073709551615,"neg":-3,"e":1e3}"#,
            r#"{"s\u0075b":"a\n\u00e9","aud":["a",1,null,{"k":[true]}],"o":{"x":1},"t":true,"z":null}"#,
            r#"{"a":"first","b":"x","a":"last"}"#,
            r#" {} "#,
            r#"{"a":1} x"#,
            r#"{"a":1e999}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":["\ud800"]}"#,
            r#"{"a":[1e999]}"#,
            r#"{"a":01}"#,
            r#"{"a":1,}"#,
            r#"["a"]"#,
            r#""a""#,
            "null",
            "",
            "{",
        ];
        for text in texts {
            let map: Option<Map<String, Json>> = serde_json::from_str(text).ok();
            let read = Claims::read(text.to_owned());
            assert_eq!(read.is_some(), map.is_some(), "{text}");
            let (Some(read), Some(map)) = (read, map) else { continue };
            let given = Claims::from(&map);
            for name in map.keys() {
                assert_eq!(joined(&read, name), joined(&given, name), "{text} {name}");
                assert!(joined(&read, name).is_some(), "{text} {name}");
            }
            assert_eq!(joined(&read, "missing"), None);
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert!(Claims::read(deep).is_none());
    }
}
