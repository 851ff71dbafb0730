//! `cache-store`: keeps the response for `cache-lookup`, as it is at this point of outbound. Outbound, every scope; once a section.
//!
//! Only where a lookup of the same request missed. Status 200 is kept unless `cache-response` says otherwise. Not kept are
//! responses over 2 MiB, with `Vary: *` or with a duration of 0 or less; cookies and headers of the exchange are left out.
//! `Cache-Control` is replaced by what the lookup allows callers. Follows the public page `cache-store-policy`.
use std::time::Duration;

use http::header;

use super::shared::places::EVERY_SCOPE;
use super::shared::response_cache::{MAX_CACHED_BODY, control, entry};
use crate::compile::{AttributeSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Attr, Op, Section};
use crate::run::{Cx, Eventually, Flow, Response, StepResult};

pub(super) struct CacheStore;

const SPEC: Spec = Spec {
    element: "cache-store",
    summary: "keeps the response in the cache",
    sections: &[Section::Outbound],
    scopes: EVERY_SCOPE,
    repeat: Repeat::OncePerSection,
    attributes: &[
        AttributeSpec::required("duration", "seconds to keep it"),
        AttributeSpec::optional("cache-response", "is it kept? Without it only status 200 is"),
    ],
    content: Content::Empty,
    example: r#"<cache-store duration="3600" />"#,
};

impl Policy for CacheStore {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let duration = node.required("duration");
        let wanted = node.optional("cache-response");
        Ok(Op::async_step(Compiled { duration: duration?, wanted: wanted? }))
    }
}

struct Compiled {
    duration: Attr<i64>,
    wanted: Option<Attr<bool>>,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        if cx.state.caching.as_ref().is_none_or(|caching| caching.hit) {
            return Eventually::Ready(Ok(Flow::Continue));
        }
        Eventually::pending(self.store(cx))
    }
}

impl Compiled {
    async fn store(&self, cx: &mut Cx<'_>) -> StepResult {
        let seconds = u64::try_from(*self.duration.get(cx)?).unwrap_or(0);
        let wanted = match &self.wanted {
            Some(wanted) => *wanted.get(cx)?,
            None => cx.state.response_mut().status == 200,
        };
        if !wanted || seconds == 0 || !is_storable(cx.state.response_mut()) {
            return Ok(Flow::Continue);
        }
        // A body of unknown length has to be read to learn whether it fits; it is then sent from memory.
        cx.hold_response().await?;
        let now = cx.host.utc_ticks();
        let (Some(caching), Some(response)) = (cx.state.caching.clone(), &mut cx.state.response) else {
            return Ok(Flow::Continue);
        };
        let Some(entry) = entry(response, now, seconds) else { return Ok(Flow::Continue) };
        control(&mut response.headers, &caching, seconds);
        cx.host.cache().put(&caching.key, entry, Duration::from_secs(seconds)).get().await;
        Ok(Flow::Continue)
    }
}

fn is_storable(response: &Response) -> bool {
    let length = response.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    let varies = response.headers.get_all(header::VARY).iter().any(|v| v.as_bytes().trim_ascii() == b"*");
    !varies && length.is_none_or(|length| length <= MAX_CACHED_BODY)
}
