//! `cors`: answers preflights and gives actual requests of other origins their headers. Inbound, every scope, once a section.
//!
//! A preflight (OPTIONS with `Origin` and `Access-Control-Request-Method` that no operation of the API takes) is answered here, and
//! nothing but `cors` is evaluated for it ([`crate::run::Chain`]'s `preflight`). A foreign origin gets an empty 200 without CORS
//! headers, unless `terminate-unmatched-request` is false. The page's table says that it defaults to false, its text and the
//! vendor's toolkit that it defaults to true, which is taken. The origin is echoed, never `*` with credentials; the headers also
//! go on errors raised later. Follows the public page `cors-policy`.
use http::{HeaderName, HeaderValue, header};

use super::shared::places::{EVERY_SCOPE, INBOUND};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{Attr, Op, Step};
use crate::run::{Cx, Flow, PolicyError, ReplyHeader, Response, StepResult};

pub(super) struct Cors;

const SPEC: Spec = Spec {
    element: "cors",
    summary: "lets browsers call from other origins",
    sections: INBOUND,
    scopes: EVERY_SCOPE,
    repeat: Repeat::OncePerSection,
    attributes: &[
        AttributeSpec::optional("allow-credentials", "may credentials be sent (default `false`)?"),
        AttributeSpec::optional("terminate-unmatched-request", "answer foreign origins at once (default `true`)?"),
    ],
    content: Content::Children(&[
        ChildSpec::maybe(
            "allowed-origins",
            &[],
            Content::Children(&[ChildSpec::many("origin", &[], Content::Text).at_least(1)]),
        )
        .at_least(1),
        ChildSpec::maybe(
            "allowed-methods",
            &[AttributeSpec::optional("preflight-result-max-age", "seconds that browsers may keep the answer")],
            Content::Children(&[ChildSpec::many("method", &[], Content::Text).at_least(1)]),
        ),
        ChildSpec::maybe(
            "allowed-headers",
            &[],
            Content::Children(&[ChildSpec::many("header", &[], Content::Text).at_least(1)]),
        ),
        ChildSpec::maybe(
            "expose-headers",
            &[],
            Content::Children(&[ChildSpec::many("header", &[], Content::Text).at_least(1)]),
        ),
    ]),
    example: r#"<cors><allowed-origins><origin>https://app.example.com</origin></allowed-origins><allowed-methods><method>GET</method></allowed-methods></cors>"#,
};

/// Request headers that need no permission (Fetch standard, CORS-safelisted request-header names of any value here).
const SAFE_HEADERS: &[&str] = &["accept", "accept-language", "content-language"];

impl Policy for Cors {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let credentials = node.or("allow-credentials", false);
        let terminate = node.or("terminate-unmatched-request", true);
        let origins = node.child("allowed-origins", |n| n.each("origin", |o| o.trimmed_text()));
        let methods = node.child("allowed-methods", |n| {
            let age = n.optional("preflight-result-max-age");
            let names = n.each("method", |m| m.trimmed_text());
            Ok((names?, age?))
        });
        let headers = node.child("allowed-headers", |n| n.each("header", |h| h.trimmed_text()));
        let exposed = node.child("expose-headers", |n| n.each("header", |h| h.trimmed_text()));
        let (methods, max_age) = match methods? {
            Some((names, age)) => (names, age),
            None => (["GET", "POST"].map(|m| Attr::Const(m.to_owned())).into(), None),
        };
        Ok(Op::step(Compiled {
            credentials: credentials?,
            terminate: terminate?,
            origins: origins?.ok_or(Refused)?,
            methods,
            max_age,
            headers: headers?.unwrap_or_default(),
            exposed: exposed?.unwrap_or_default(),
        }))
    }
}

struct Compiled {
    credentials: Attr<bool>,
    terminate: Attr<bool>,
    origins: Vec<Attr<String>>,
    methods: Vec<Attr<String>>,
    max_age: Option<Attr<u64>>,
    headers: Vec<Attr<String>>,
    exposed: Vec<Attr<String>>,
}

type Headers = Vec<(HeaderName, HeaderValue)>;

impl Step for Compiled {
    fn run(&self, cx: &mut Cx<'_>) -> StepResult {
        let Some(origin) = cx.state.request.headers.get(header::ORIGIN).cloned() else { return Ok(Flow::Continue) };
        let preflight = cx.is_preflight();
        let mut answer = self.allow_origin(cx, &origin)?;
        if let (Some(headers), true) = (&mut answer, preflight)
            && !self.allow_preflight(cx, headers)?
        {
            answer = None;
        }
        match answer {
            None if *self.terminate.get(cx)? => {
                cx.state.response = Some(Response::new(200));
                Ok(Flow::Respond)
            }
            None => Ok(Flow::Continue),
            Some(headers) => {
                if preflight {
                    cx.state.response = Some(Response::new(200));
                } else {
                    self.expose(cx)?;
                }
                for (name, value) in headers {
                    let append = name == header::VARY;
                    cx.state.reply_headers.push(ReplyHeader { name, value, append });
                }
                Ok(if preflight { Flow::Respond } else { Flow::Continue })
            }
        }
    }
}

fn texts(cx: &mut Cx<'_>, all: &[Attr<String>]) -> Result<Vec<String>, PolicyError> {
    all.iter().map(|t| Ok(t.text(cx)?.unwrap_or_default().trim().to_owned())).collect()
}

impl Compiled {
    /// Headers for this origin; `None` if it is foreign.
    fn allow_origin(&self, cx: &mut Cx<'_>, origin: &HeaderValue) -> Result<Option<Headers>, PolicyError> {
        let allowed = texts(cx, &self.origins)?;
        let any = allowed.iter().any(|o| o == "*");
        let asked = canonical(&String::from_utf8_lossy(origin.as_bytes()));
        if !any && !allowed.iter().any(|o| canonical(o) == asked) {
            return Ok(None);
        }
        let credentials = *self.credentials.get(cx)?;
        if any && !credentials {
            return Ok(Some(vec![(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))]));
        }
        let mut headers = vec![
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()),
            (header::VARY, HeaderValue::from_static("Origin")),
        ];
        if credentials {
            headers.push((header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true")));
        }
        Ok(Some(headers))
    }

    /// Are the requested method and headers allowed? Adds what the browser is told.
    fn allow_preflight(&self, cx: &mut Cx<'_>, out: &mut Headers) -> Result<bool, PolicyError> {
        let request = &cx.state.request.headers;
        let Some(method) = request.get(header::ACCESS_CONTROL_REQUEST_METHOD).cloned() else { return Ok(false) };
        let asked: Vec<HeaderValue> = request.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS).iter().cloned().collect();
        let methods = texts(cx, &self.methods)?;
        let all_methods = methods.iter().any(|m| m == "*");
        if !all_methods && !methods.iter().any(|m| m.as_bytes().eq_ignore_ascii_case(method.as_bytes())) {
            return Ok(false);
        }
        let headers = texts(cx, &self.headers)?;
        let all_headers = headers.iter().any(|h| h == "*");
        let fits = |name: &str| {
            all_headers
                || SAFE_HEADERS.iter().any(|h| h.eq_ignore_ascii_case(name))
                || headers.iter().any(|h| h.eq_ignore_ascii_case(name))
        };
        let names = asked.iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
        if !names.map(str::trim).filter(|n| !n.is_empty()).all(fits) {
            return Ok(false);
        }
        let methods = if all_methods { Some(method) } else { HeaderValue::from_str(&methods.join(",")).ok() };
        out.extend(methods.map(|m| (header::ACCESS_CONTROL_ALLOW_METHODS, m)));
        // The names asked for were just found to be allowed, so they can be said back as they came.
        let asked: Vec<&str> = asked.iter().filter_map(|v| v.to_str().ok()).collect();
        if !asked.is_empty() {
            let value = HeaderValue::from_str(&asked.join(",")).ok();
            out.extend(value.map(|v| (header::ACCESS_CONTROL_ALLOW_HEADERS, v)));
        }
        if let Some(age) = &self.max_age {
            out.push((header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(*age.get(cx)?)));
        }
        Ok(true)
    }

    fn expose(&self, cx: &mut Cx<'_>) -> Result<(), PolicyError> {
        let exposed = texts(cx, &self.exposed)?;
        if let (false, Ok(value)) = (exposed.is_empty(), HeaderValue::from_str(&exposed.join(","))) {
            let name = header::ACCESS_CONTROL_EXPOSE_HEADERS;
            cx.state.reply_headers.push(ReplyHeader { name, value, append: false });
        }
        Ok(())
    }
}

/// Lower case, without a trailing `/` and without the scheme's own port.
fn canonical(origin: &str) -> String {
    let origin = origin.trim().trim_end_matches('/').to_ascii_lowercase();
    let port = match origin.split_once("://") {
        Some(("http", _)) => ":80",
        Some(("https", _)) => ":443",
        _ => return origin,
    };
    origin.strip_suffix(port).map_or_else(|| origin.clone(), str::to_owned)
}

impl Cx<'_> {
    /// A browser's question that no operation of the API takes.
    fn is_preflight(&self) -> bool {
        self.state.facts.operation.is_none() && crate::run::is_preflight(&self.state.request)
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn origins_compare_without_case_slash_and_default_port() {
        for (a, b) in [
            ("HTTP://Shop.example:80", "http://shop.example/"),
            ("https://a.example:443", "https://a.example"),
            ("null", "null"),
        ] {
            assert_eq!(canonical(a), canonical(b));
        }
        assert_ne!(canonical("https://a.example:8443"), canonical("https://a.example"));
        assert_ne!(canonical("http://a.example:443"), canonical("http://a.example"));
    }
}
