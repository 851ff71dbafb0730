//! An operation's URL template: `/customers/{cid}/orders/{oid}?date={date}`, parsed once.

use super::query::QueryPairs;
use super::segment;

/// The longest template that is read.
const MAX_TEMPLATE: usize = 2_000;
/// The most parameters a template may have.
const MAX_PARAMETERS: usize = 64;

/// Why a template was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Longer than any real one.
    #[error("the template is longer than {MAX_TEMPLATE} characters")]
    TooLong,
    /// A brace without its partner.
    #[error("the braces in `{0}` do not match")]
    Braces(String),
    /// `{}`.
    #[error("a parameter in `{0}` has no name")]
    NoName(String),
    /// One name for two parameters.
    #[error("the parameter `{0}` occurs twice")]
    Twice(String),
    /// Two parameters side by side cannot be told apart.
    #[error("two parameters touch in `{0}`")]
    Adjacent(String),
    /// More parameters than the limit.
    #[error("more than {MAX_PARAMETERS} parameters")]
    TooMany,
    /// Something follows a wildcard.
    #[error("`{0}` goes on after its wildcard")]
    AfterWildcard(String),
}

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub(super) segments: Vec<Segment>,
    pub(super) query: Vec<QueryRule>,
    /// Names of the path parameters in order of capture.
    pub(super) names: Vec<Box<str>>,
}

/// One segment of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(Box<str>),
    Mixed(Mixed),
    Parameter,
    Wildcard,
}

/// Text and parameters in one segment: `report-{year}.pdf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mixed {
    /// Alternating: `Some(text)` is literal, `None` is a parameter.
    pub(super) parts: Vec<Option<Box<str>>>,
}

/// A query parameter that a request must carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueryRule {
    pub(super) key: Box<str>,
    pub(super) want: QueryWant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum QueryWant {
    /// Any value; the parameter's name in the template.
    Any(Box<str>),
    /// This value.
    Literal(Box<str>),
}

impl Template {
    /// Parses `text`.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.len() > MAX_TEMPLATE {
            return Err(TemplateError::TooLong);
        }
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let mut template = Self { segments: Vec::new(), query: Vec::new(), names: Vec::new() };
        template.parse_path(path)?;
        for (key, value) in QueryPairs::new(query) {
            template.parse_pair(key, value)?;
        }
        if template.names.len() + template.query.len() > MAX_PARAMETERS {
            return Err(TemplateError::TooMany);
        }
        Ok(template)
    }

    /// Adds query parameters that a request must carry besides those written in the template.
    pub fn require_query<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        for name in names {
            if !self.query.iter().any(|rule| rule.key.eq_ignore_ascii_case(name)) && !self.has_name(name) {
                self.query.push(QueryRule { key: name.into(), want: QueryWant::Any(name.into()) });
            }
        }
    }

    fn parse_path(&mut self, path: &str) -> Result<(), TemplateError> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.is_empty() {
            return Ok(());
        }
        for text in path.split('/') {
            if matches!(self.segments.last(), Some(Segment::Wildcard)) {
                return Err(TemplateError::AfterWildcard(path.to_owned()));
            }
            let segment = self.parse_segment(text)?;
            self.segments.push(segment);
        }
        Ok(())
    }

    fn parse_segment(&mut self, text: &str) -> Result<Segment, TemplateError> {
        if text == "*" {
            self.name("*")?;
            return Ok(Segment::Wildcard);
        }
        if let Some(name) = text.strip_prefix("{*").and_then(|rest| rest.strip_suffix('}')) {
            self.name(if name.is_empty() { "*" } else { name })?;
            return Ok(Segment::Wildcard);
        }
        let parts = self.parse_parts(text)?;
        Ok(match parts.as_slice() {
            [] => Segment::Literal("".into()),
            [Some(literal)] => Segment::Literal(literal.clone()),
            [None] => Segment::Parameter,
            _ => Segment::Mixed(Mixed { parts }),
        })
    }

    fn parse_parts(&mut self, text: &str) -> Result<Vec<Option<Box<str>>>, TemplateError> {
        let braces = || TemplateError::Braces(text.to_owned());
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let open = rest.find('{');
            if rest.find('}').is_some_and(|close| open.is_none_or(|open| close < open)) {
                return Err(braces());
            }
            let Some(open) = open else {
                parts.push(Some(segment::decode(rest).into()));
                break;
            };
            let (literal, after) = rest.split_at_checked(open).ok_or_else(braces)?;
            if !literal.is_empty() {
                parts.push(Some(segment::decode(literal).into()));
            } else if matches!(parts.last(), Some(None)) {
                return Err(TemplateError::Adjacent(text.to_owned()));
            }
            let (name, after) = after.strip_prefix('{').and_then(|after| after.split_once('}')).ok_or_else(braces)?;
            if name.contains('{') {
                return Err(braces());
            }
            self.name(name)?;
            parts.push(None);
            rest = after;
        }
        Ok(parts)
    }

    fn parse_pair(&mut self, key: &str, value: &str) -> Result<(), TemplateError> {
        let key: Box<str> = super::decode_component(key).into();
        let want = match value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some("") => return Err(TemplateError::NoName(value.to_owned())),
            Some(name) if self.has_name(name) => return Err(TemplateError::Twice(name.to_owned())),
            Some(name) => QueryWant::Any(name.into()),
            None => QueryWant::Literal(super::decode_component(value).into()),
        };
        self.query.push(QueryRule { key, want });
        Ok(())
    }

    fn name(&mut self, name: &str) -> Result<(), TemplateError> {
        if name.is_empty() {
            return Err(TemplateError::NoName("{}".to_owned()));
        }
        if self.has_name(name) {
            return Err(TemplateError::Twice(name.to_owned()));
        }
        self.names.push(name.into());
        Ok(())
    }

    fn has_name(&self, name: &str) -> bool {
        let in_query =
            |rule: &QueryRule| matches!(&rule.want, QueryWant::Any(known) if known.eq_ignore_ascii_case(name));
        self.names.iter().any(|known| known.eq_ignore_ascii_case(name)) || self.query.iter().any(in_query)
    }
}

impl Mixed {
    /// Matches a whole segment from the right, as .NET does: `{name}.{ext}` on `a.b.c` gives `a.b` and `c`. Calls `capture`
    /// with byte ranges of the raw segment, last parameter first.
    pub(super) fn matches(&self, raw: &str, mut capture: impl FnMut(usize, usize)) -> bool {
        let mut end = raw.len();
        let mut pending = false;
        for part in self.parts.iter().rev() {
            let Some(literal) = part else {
                pending = true;
                continue;
            };
            let Some(head) = raw.get(..end) else { return false };
            let found = if pending { rfind_folded(head, literal) } else { ends_with_folded(head, literal) };
            let Some((start, stop)) = found else { return false };
            if pending {
                if stop >= end {
                    return false;
                }
                capture(stop, end);
                pending = false;
            }
            end = start;
        }
        if pending {
            if end == 0 {
                return false;
            }
            capture(0, end);
            return true;
        }
        end == 0
    }
}

/// The last place of `literal` in `text` that leaves at least one byte behind it for the parameter.
fn rfind_folded(text: &str, literal: &str) -> Option<(usize, usize)> {
    let (text, literal) = (text.as_bytes(), literal.as_bytes());
    let last = text.len().checked_sub(literal.len())?.checked_sub(1)?;
    (0..=last).rev().find_map(|at| {
        let stop = at + literal.len();
        text.get(at..stop)?.eq_ignore_ascii_case(literal).then_some((at, stop))
    })
}

fn ends_with_folded(text: &str, literal: &str) -> Option<(usize, usize)> {
    let start = text.len().checked_sub(literal.len())?;
    text.as_bytes().get(start..)?.eq_ignore_ascii_case(literal.as_bytes()).then_some((start, text.len()))
}
