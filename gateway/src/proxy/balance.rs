//! Circuit breakers and pools around an exchange. Only configurations that have any come here; others forward at once.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::header::{self, HeaderMap, HeaderValue};
use pingora::protocols::http::ServerSession;
use policy_engine::{Base, ForwardOptions, IoError, Request, Response};

use super::direct::DirectHost;
use crate::backends::{Outcome, Pool};
use crate::world::World;

/// Where a request goes after all.
pub(super) struct Chosen {
    /// The member of a pool; none where the base stands for itself.
    pub(super) member: Option<Arc<Base>>,
    /// Ties the caller to it.
    pub(super) cookie: Option<HeaderValue>,
}

/// Finds the target of an exchange, unless a circuit is open.
pub(super) fn choose(world: &World, base: &Base, session: &ServerSession) -> Result<Chosen, IoError> {
    let now = Instant::now();
    if let Some(pool) = world.pool(base) {
        return choose_member(pool, session, now);
    }
    match world.breaker(base).and_then(|breaker| breaker.open(now)) {
        None => Ok(Chosen { member: None, cookie: None }),
        Some(open) => Err(IoError::CircuitOpen { status: open.status, wait: open.rest, pool: None }),
    }
}

fn choose_member(pool: &Pool, session: &ServerSession, now: Instant) -> Result<Chosen, IoError> {
    let tied = pool.cookie.as_deref().and_then(|name| cookie(&session.req_header().headers, name));
    let member = pool.choose(tied, now).map_err(|open| IoError::CircuitOpen {
        status: open.status,
        wait: open.rest,
        pool: Some(pool.id.to_string()),
    })?;
    let cookie = match &pool.cookie {
        Some(name) if tied != Some(member.token.as_str()) => {
            let secure = session.digest().is_some_and(|digest| digest.ssl_digest.is_some());
            let secure = if secure { "; Secure" } else { "" };
            let text = format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}", member.token);
            HeaderValue::try_from(text).ok()
        }
        _ => None,
    };
    Ok(Chosen { member: Some(Arc::clone(&member.base)), cookie })
}

/// Tells the breaker of a backend what came of an exchange with it.
pub(super) fn record(world: &World, base: &Base, result: Result<(u16, &HeaderMap), &IoError>) {
    let Some(breaker) = world.breaker(base) else { return };
    let outcome = match result {
        Ok((status, headers)) => Outcome::Status(status, retry_after(headers)),
        Err(IoError::Timeout(_)) => Outcome::Error("Timeout"),
        Err(IoError::Connection(_)) => Outcome::Error("BackendConnectionFailure"),
        Err(IoError::ClientGone) => Outcome::Error("ClientConnectionFailure"),
        // The backend had no part in these.
        Err(IoError::TooLarge(_) | IoError::NotReplayable | IoError::Unsupported(_) | IoError::CircuitOpen { .. }) => {
            return;
        }
    };
    if breaker.record(outcome, Instant::now()) {
        let backend = base.backend.as_ref().map(|id| id.as_str()).unwrap_or_default();
        log::warn!(backend = backend, cause = format!("{outcome:?}").as_str(); "the circuit breaker of a backend has opened");
    }
}

impl DirectHost<'_> {
    /// Forwards to a backend with a breaker, or to a member of a pool.
    pub(crate) async fn forward_balanced(
        &mut self,
        request: &Request,
        options: &ForwardOptions,
    ) -> Result<Response, IoError> {
        let world = self.world;
        let Some(base) = &request.target.base else { return self.forward_request(request, options).await };
        let Chosen { member, cookie } = choose(world, base, self.session)?;
        let mut request = Cow::Borrowed(request);
        if let Some(member) = member {
            request.to_mut().target.base = Some(member);
        }
        let result = self.forward_request(&request, options).await;
        if let Some(base) = &request.target.base {
            record(world, base, result.as_ref().map(|response| (response.status, &response.headers)));
        }
        result.map(|mut response| {
            if let Some(cookie) = cookie {
                response.headers.append(header::SET_COOKIE, cookie);
            }
            response
        })
    }
}

/// The value of a cookie that the client sent.
fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// `Retry-After` as seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; SessionId=x=y"));
        headers.append(header::COOKIE, HeaderValue::from_static("b=2"));
        assert_eq!(cookie(&headers, "SessionId"), Some("x=y"));
        assert_eq!((cookie(&headers, "b"), cookie(&headers, "Session")), (Some("2"), None));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let of = |text: &str| retry_after(&HeaderMap::from_iter([(header::RETRY_AFTER, text.parse().unwrap())]));
        assert_eq!(of("120"), Some(Duration::from_secs(120)));
        assert_eq!(of("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(100));
        assert!(of(&soon).is_some_and(|wait| (95..=100).contains(&wait.as_secs())));
        assert_eq!((of("soon"), of("-1")), (None, None));
    }
}
