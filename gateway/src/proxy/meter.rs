//! Bytes of an exchange with the client, added to the totals that bandwidth quotas ask for.

use http::HeaderMap;
use pingora::protocols::http::ServerSession;
use policy_engine::{Total, Totals};

use super::ctx::Ctx;
use super::host::utc_ticks;

/// `: ` and the line end of a header.
const HEADER_FRAME: usize = 4;

/// Counts both messages, heads and bodies, when the exchange is over.
pub(super) fn count(session: &ServerSession, ctx: &mut Ctx) {
    let mut meters = std::mem::take(&mut ctx.meters);
    if let Some(duplex) = &mut ctx.duplex {
        meters.append(&mut duplex.state.get_mut().meters);
    }
    if meters.is_empty() {
        return;
    }
    let request = session.req_header();
    let mut heads = request.method.as_str().len() + request.raw_path().len() + head(&request.headers);
    heads += session.response_written().map_or(0, |response| head(&response.headers));
    let bodies = session.body_bytes_read().saturating_add(session.body_bytes_sent());
    let bytes = u64::try_from(heads.saturating_add(bodies)).unwrap_or(u64::MAX);
    add(&ctx.worker.shared.memory.totals, &meters, bytes);
}

fn add(totals: &dyn Totals, meters: &[Total], bytes: u64) {
    let now = utc_ticks();
    for total in meters {
        // Totals in memory answer at once.
        let _ = totals.tally(total, bytes, now).now();
    }
}

fn head(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + HEADER_FRAME).sum()
}
