//! `cache-lookup`: answers from the cache. Inbound, every scope; once a section.
//!
//! Only GET, and not with `Authorization` unless that is allowed. A hit goes on in outbound after `cache-store`; a miss takes the
//! caller's conditions off the request, so that the backend sends all of it. The key holds the API's revision, operation,
//! backend URL, query (all of it unless parameters are named), and what it varies by. Callers that hold the response already
//! get 304. Follows the public page `cache-lookup-policy`.
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, header};

use super::shared::cached::{CACHING_TYPE, read_caching_type};
use super::shared::places::{EVERY_SCOPE, INBOUND};
use super::shared::response_cache::{is_held, kept};
use super::shared::uri;
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{AfterResponse, Body, Caching, Cx, EvalState, Eventually, Flow, PolicyError, StepResult, keywords};

pub(super) struct CacheLookup;

const SPEC: Spec = Spec {
    element: "cache-lookup",
    summary: "answers from the cache of responses",
    sections: INBOUND,
    scopes: EVERY_SCOPE,
    repeat: Repeat::OncePerSection,
    attributes: &[
        AttributeSpec::required("vary-by-developer", "is it kept for each user apart?"),
        AttributeSpec::required("vary-by-developer-groups", "is it kept for each set of groups apart?"),
        CACHING_TYPE,
        AttributeSpec::optional(
            "downstream-caching-type",
            "`none` (default), `private` or `public`: what callers may keep",
        ),
        AttributeSpec::optional("must-revalidate", "must callers ask again after that time (default `true`)?"),
        AttributeSpec::optional(
            "allow-private-response-caching",
            "are requests with `Authorization` cached too (default `false`)?",
        ),
    ],
    content: Content::Children(&[
        ChildSpec::many("vary-by-header", &[], Content::Text),
        ChildSpec::many("vary-by-query-parameter", &[], Content::Text),
    ]),
    example: r#"<cache-lookup vary-by-developer="false" vary-by-developer-groups="false"><vary-by-header>Accept</vary-by-header></cache-lookup>"#,
};

keywords! {
    enum Downstream {
        None = "none",
        Private = "private",
        Public = "public",
    }
}

/// Headers by which a caller asks for less than the whole response.
const CONDITIONS: [HeaderName; 8] = [
    header::CACHE_CONTROL,
    header::PRAGMA,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_MATCH,
    header::IF_UNMODIFIED_SINCE,
    header::IF_RANGE,
    header::RANGE,
];

impl Policy for CacheLookup {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let by_developer = node.required("vary-by-developer");
        let by_groups = node.required("vary-by-developer-groups");
        let cached = read_caching_type(node);
        let downstream = node.or("downstream-caching-type", Downstream::None);
        let must_revalidate = node.or("must-revalidate", true);
        let private = node.or("allow-private-response-caching", false);
        let headers = node.each("vary-by-header", |n| n.trimmed_text());
        let parameters = node.each("vary-by-query-parameter", |n| n.trimmed_text());
        Ok(Op::async_step(Compiled {
            by_developer: by_developer?,
            by_groups: by_groups?,
            cached: cached?,
            downstream: downstream?,
            must_revalidate: must_revalidate?,
            private: private?,
            headers: headers?,
            parameters: parameters?,
        }))
    }
}

struct Compiled {
    by_developer: Attr<bool>,
    by_groups: Attr<bool>,
    cached: bool,
    downstream: Attr<Downstream>,
    must_revalidate: Attr<bool>,
    private: Attr<bool>,
    headers: Vec<Attr<HeaderName>>,
    parameters: Vec<Attr<String>>,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let caching = match self.prepare(cx) {
            Ok(Some(caching)) => caching,
            Ok(None) => return Eventually::Ready(Ok(Flow::Continue)),
            Err(error) => return Eventually::Ready(Err(error)),
        };
        if let Some(found) = cx.host.cache().get(&caching.key).now() {
            return Eventually::Ready(conclude(cx, caching, found));
        }
        Eventually::pending(async move {
            let found = cx.host.cache().get(&caching.key).get().await;
            conclude(cx, caching, found)
        })
    }
}

impl Compiled {
    /// `None` where this request is not for the cache.
    fn prepare(&self, cx: &mut Cx<'_>) -> Result<Option<Caching>, PolicyError> {
        let is_private = cx.state.request.headers.contains_key(header::AUTHORIZATION);
        if !self.cached || cx.state.request.method != Method::GET || (is_private && !*self.private.get(cx)?) {
            return Ok(None);
        }
        let key = self.key(cx)?;
        let downstream = match *self.downstream.get(cx)? {
            Downstream::None => None,
            Downstream::Private => Some("private"),
            Downstream::Public => Some("public"),
        };
        Ok(Some(Caching { key, hit: false, downstream, must_revalidate: *self.must_revalidate.get(cx)? }))
    }

    fn key(&self, cx: &mut Cx<'_>) -> Result<String, PolicyError> {
        let (by_developer, by_groups) = (*self.by_developer.get(cx)?, *self.by_groups.get(cx)?);
        let mut key = place(cx.state);
        let mut part = |name: &str, value: &str| {
            key.push('\u{1f}');
            key.push_str(&uri::pair(name, value));
        };
        if self.parameters.is_empty() {
            part("query", &cx.state.request.target.query);
        }
        for names in &self.parameters {
            let names = names.text(cx)?.unwrap_or_default();
            for name in names.split(';').map(str::trim).filter(|name| !name.is_empty()) {
                let value = uri::value(&cx.state.request.target.query, name);
                part(&format!("query:{}", name.to_ascii_lowercase()), value.as_deref().unwrap_or("\u{0}"));
            }
        }
        for name in &self.headers {
            let name = name.get(cx)?.into_owned();
            let lines = cx.state.request.headers.get_all(&name).iter().map(|v| String::from_utf8_lossy(v.as_bytes()));
            part(&format!("header:{name}"), &lines.collect::<Vec<_>>().join(","));
        }
        let user = cx.state.facts.user.as_deref();
        if by_developer {
            part("developer", user.map_or("anonymous", |u| u.id.as_str()));
        }
        if by_groups {
            let mut groups: Vec<&str> = user.map(|u| u.groups.iter().map(|g| g.as_str()).collect()).unwrap_or_default();
            groups.sort_unstable();
            part("groups", &groups.join(","));
        }
        Ok(key)
    }
}

/// API, operation and backend URL without its query. An API id names the revision.
fn place(state: &EvalState) -> String {
    let (api, operation) = (state.facts.api.as_deref(), state.facts.operation.as_deref());
    let api = api.map_or_else(String::new, |a| format!("{};{}", a.id.as_str(), a.revision));
    let operation = operation.map_or("", |o| o.id.as_str());
    let target = &state.request.target;
    let base = target.base.as_ref().map_or_else(String::new, |b| {
        let backend = b.backend.as_ref().map_or("", |id| id.as_str());
        format!("{backend}\u{1f}{}://{}:{}{}?{}", b.scheme(), b.host.to_ascii_lowercase(), b.port, b.path, b.query)
    });
    format!("response\u{1f}{api}\u{1f}{operation}\u{1f}{base}\u{1f}{}", target.path)
}

fn conclude(cx: &mut Cx<'_>, mut caching: Caching, found: Option<Bytes>) -> StepResult {
    let mut conditions = HeaderMap::new();
    for name in CONDITIONS {
        for value in cx.state.request.headers.get_all(&name) {
            conditions.append(&name, value.clone());
        }
    }
    let Some(kept) = found.and_then(kept) else {
        conditions.keys().for_each(|name| drop(cx.state.request.headers.remove(name)));
        cx.state.caching = Some(caching);
        return Ok(Flow::Continue);
    };
    caching.hit = true;
    cx.state.response = Some(kept.aged(&caching, cx.host.utc_ticks()));
    cx.state.caching = Some(caching);
    cx.state.after.push(Box::new(Validation(conditions)));
    Ok(Flow::Cached)
}

/// A caller that holds the response gets its head alone; decided at the end, since outbound may still look at the body.
struct Validation(HeaderMap);

impl AfterResponse for Validation {
    fn run<'c>(self: Box<Self>, cx: &'c mut Cx<'_>) -> Eventually<'c, Result<(), PolicyError>>
    where
        Self: 'c,
    {
        if let Some(response) = cx.state.response.as_mut().filter(|r| r.status == 200 && is_held(&self.0, &r.headers)) {
            response.status = 304;
            response.reason = None;
            response.body = Body::Empty;
            response.headers.remove(header::CONTENT_LENGTH);
        }
        Eventually::Ready(Ok(()))
    }
}
