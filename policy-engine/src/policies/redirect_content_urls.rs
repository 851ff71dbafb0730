//! `redirect-content-urls`: makes links in a body point to the other side: in outbound those to the backend to this gateway, in
//! inbound the reverse. Once a section; every scope.
//!
//! The backend's base URL, with its scheme or as `//host`, is replaced by the one the caller knows (scheme, host, path of the API
//! and its version), to the letter and in textual bodies only. Headers such as `Location` stay (documented). Follows the public
//! page `redirect-content-urls-policy`.
use config_model::VersioningScheme;

use super::shared::convert::on_body;
use super::shared::media;
use super::shared::places::EVERY_SCOPE;
use crate::compile::{Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Op, Section};
use crate::run::{Cx, EvalState, Eventually, Flow, MAX_HELD_BODY, PolicyError, StepResult};

pub(super) struct RedirectContentUrls;

const SPEC: Spec = Spec {
    element: "redirect-content-urls",
    summary: "makes links in a body point to the gateway, or to the backend",
    sections: &[Section::Inbound, Section::Outbound],
    scopes: EVERY_SCOPE,
    repeat: Repeat::OncePerSection,
    attributes: &[],
    content: Content::Empty,
    example: "<redirect-content-urls />",
};

impl Policy for RedirectContentUrls {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, _: &mut Node<'_, '_>) -> Result<Op, Refused> {
        Ok(Op::async_step(Compiled))
    }
}

struct Compiled;

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let open = cx.headers().is_some_and(|headers| media::is_text(media::of(headers)));
        on_body(cx, Ok(open), replace)
    }
}

fn replace(cx: &mut Cx<'_>) -> StepResult {
    let (Some(backend), own) = (backend(cx.state), gateway(cx.state)) else { return Ok(Flow::Continue) };
    let (from, to) = if cx.on_request() { (own, backend) } else { (backend, own) };
    let Some(bytes) = cx.plain_body()? else { return Ok(Flow::Continue) };
    let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(Flow::Continue) };
    if let Some(out) = redirected(text, &from, &to)? {
        cx.set_body(out.into());
    }
    Ok(Flow::Continue)
}

/// A base URL: scheme, and what stands behind `//`, without a slash at its end.
struct Base {
    scheme: &'static str,
    rest: String,
}

fn backend(state: &EvalState) -> Option<Base> {
    let base = state.request.target.base.as_ref()?;
    Some(Base { scheme: base.scheme(), rest: format!("{}{}", base.authority(), base.path) })
}

/// What the caller sees: as many segments of its path as the API and its version have.
fn gateway(state: &EvalState) -> Base {
    let original = &state.original;
    let segments = state.facts.api.as_ref().map_or(0, |api| {
        let sets = &state.facts.snapshot.version_sets;
        let scheme = api.version_set.as_ref().and_then(|id| sets.get(id)).map(|set| set.scheme);
        let version = usize::from(scheme == Some(VersioningScheme::Segment) && api.version.is_some());
        api.path.split('/').filter(|segment| !segment.is_empty()).count().saturating_add(version)
    });
    let path: String =
        original.path.split('/').filter(|segment| !segment.is_empty()).take(segments).flat_map(|s| ["/", s]).collect();
    let default = if original.tls { 443 } else { 80 };
    let port = if original.port == default { String::new() } else { format!(":{}", original.port) };
    let scheme = if original.tls { "https" } else { "http" };
    Base { scheme, rest: format!("{}{port}{path}", original.host) }
}

/// The text with its links redirected; `None` where there are none.
fn redirected(text: &str, from: &Base, to: &Base) -> Result<Option<String>, PolicyError> {
    let wanted = format!("//{}", from.rest);
    let mut out = String::new();
    let mut copied: usize = 0;
    for (at, found) in text.match_indices(&wanted) {
        let end = at.saturating_add(found.len());
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(end..).unwrap_or_default());
        let schemed = before.strip_suffix(':').and_then(|before| before.strip_suffix(from.scheme));
        // `//host` without a scheme counts; with another one it is somebody else's.
        if at < copied || (before.ends_with(':') && schemed.is_none()) || !ends_here(after) {
            continue;
        }
        let start = schemed.map_or(at, str::len);
        out.push_str(text.get(copied..start).unwrap_or_default());
        if schemed.is_some() {
            out.push_str(to.scheme);
            out.push(':');
        }
        out.push_str("//");
        out.push_str(&to.rest);
        copied = end;
        if out.len() > MAX_HELD_BODY {
            let text = format!("the redirected body would be larger than {MAX_HELD_BODY} bytes");
            return Err(PolicyError::internal("BodyTooLarge", text));
        }
    }
    if copied == 0 {
        return Ok(None);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Ok(Some(out))
}

/// Is the URL at its end, or at that of a segment? `http://host/v1` is not the beginning of `http://host/v10`.
fn ends_here(after: &str) -> bool {
    after
        .chars()
        .next()
        .is_none_or(|next| !(next.is_alphanumeric() || matches!(next, '-' | '_' | '.' | '~' | '%' | ':' | '@')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links() {
        let from = Base { scheme: "http", rest: "b.example:81/v1".into() };
        let to = Base { scheme: "https", rest: "gw.example/shop".into() };
        let out = |text| redirected(text, &from, &to).unwrap();
        assert_eq!(
            out("a http://b.example:81/v1/x, //b.example:81/v1?q").unwrap(),
            "a https://gw.example/shop/x, //gw.example/shop?q"
        );
        assert_eq!(out("\"http://b.example:81/v1\"").unwrap(), "\"https://gw.example/shop\"");
        for other in
            ["http://b.example:81/v10", "ftp://b.example:81/v1", "http://b.example/v1", "http://xb.example:81/v1", ""]
        {
            assert_eq!(out(other), None, "{other}");
        }
    }
}
