//! An operation: a method and a URL template below the path of its API, and what is said about its messages.

use crate::{OperationId, SchemaId, TagId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// A parameter in the path, the query, a header or a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `string`, `integer`, `number`, `boolean`, `array`, `object`, or empty when nothing is said.
    #[serde(rename = "type")]
    pub kind: String,
    /// Text for people.
    pub description: Option<String>,
    /// True if it must be there.
    pub required: bool,
    /// Value when absent.
    pub default_value: Option<String>,
    /// The only values allowed, if any are listed.
    pub values: Vec<String>,
    /// The schema as JSON text; `$ref`s point into the document `schema_id`.
    pub schema: Option<Arc<str>>,
    /// The schema document of the API that `$ref`s of `schema` point into.
    pub schema_id: Option<SchemaId>,
    /// The name of a schema in that document, if the parameter names one.
    pub type_name: Option<String>,
    /// True if a repeated parameter is one array (`explode`); false if commas separate the items.
    pub explode: bool,
    /// OpenAPI `style` (`form`, `simple`, `spaceDelimited`, `pipeDelimited`, `deepObject`, ...), or empty.
    pub style: String,
}

/// An example of a body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Example {
    /// Its name; `default` for the only one.
    pub name: String,
    /// Text for people.
    pub summary: Option<String>,
    /// The body: text as it is, anything else as JSON text.
    pub value: Arc<str>,
}

/// A body in one content type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Representation {
    /// The media type, such as `application/json`.
    pub content_type: String,
    /// The schema as JSON text; `$ref`s point into the document `schema_id`.
    pub schema: Option<Arc<str>>,
    /// The schema document of the API that `$ref`s of `schema` point into.
    pub schema_id: Option<SchemaId>,
    /// The name of a schema in that document, if the body is one.
    pub type_name: Option<String>,
    /// Fields of a form.
    pub form_parameters: Vec<Parameter>,
    /// Examples in the order of the definition.
    pub examples: Vec<Example>,
}

/// What is said about requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OperationRequest {
    /// Text for people.
    pub description: Option<String>,
    /// True if a body must be there.
    pub body_required: bool,
    /// Query parameters that do not take part in matching, and those that do.
    pub query_parameters: Vec<Parameter>,
    /// Headers.
    pub headers: Vec<Parameter>,
    /// Bodies.
    pub representations: Vec<Representation>,
}

/// Which status codes a response description is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResponseStatus {
    /// One code.
    Code(u16),
    /// A hundred codes: `Class(4)` is `4XX`.
    Class(u8),
    /// All codes that nothing else describes.
    #[default]
    Default,
}

impl ResponseStatus {
    /// True if the description may be used for this code.
    pub fn covers(self, code: u16) -> bool {
        match self {
            Self::Code(own) => own == code,
            Self::Class(class) => u16::from(class) == code / 100,
            Self::Default => true,
        }
    }
}

impl fmt::Display for ResponseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Class(class) => write!(f, "{class}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

impl FromStr for ResponseStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no status code, no class such as `4XX`, and not `default`");
        if text.eq_ignore_ascii_case("default") {
            return Ok(Self::Default);
        }
        match text.as_bytes() {
            [class @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => Ok(Self::Class(class - b'0')),
            [b'1'..=b'9', _, _] => text.parse().map(Self::Code).map_err(|_| bad()),
            _ => Err(bad()),
        }
    }
}

impl Serialize for ResponseStatus {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ResponseStatus {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What is said about responses with one status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OperationResponse {
    /// Which codes.
    pub status: ResponseStatus,
    /// Text for people.
    pub description: Option<String>,
    /// Headers.
    pub headers: Vec<Parameter>,
    /// Bodies.
    pub representations: Vec<Representation>,
}

/// One operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Operation {
    /// Resource name; unique in the API.
    pub id: OperationId,
    /// Name for people.
    pub display_name: String,
    /// Text for people.
    pub description: Option<String>,
    /// Any token; compared exactly.
    pub method: String,
    /// Template with `{name}` for a segment, `*` for any rest, and possibly a query part (`?date={date}`) whose parameters must be there for
    /// the operation to match. It starts with `/`.
    pub url_template: String,
    /// The parameters that the template names, in path and query.
    pub template_parameters: Vec<Parameter>,
    /// Requests.
    pub request: OperationRequest,
    /// Responses.
    pub responses: Vec<OperationResponse>,
    /// Tags.
    pub tags: Vec<TagId>,
}
