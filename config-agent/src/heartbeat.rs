//! Once a minute: how the agent and its gateways are, in one line.

use crate::{
    feed::Registry,
    status::{Keeper, State},
};
use std::time::Duration;

/// Logs the line.
pub(crate) fn beat(keeper: &Keeper, age: Duration, registry: &Registry) {
    let peers = registry.peers();
    let revision = keeper.good().map(|good| good.revision());
    let live = peers.iter().filter(|peer| revision.is_some() && peer.live == revision).count();
    let refusing = peers.iter().filter(|peer| peer.refused.is_some()).count();
    let requests: u64 =
        peers.iter().filter_map(|peer| peer.health.as_ref()).fold(0, |sum, health| sum.saturating_add(health.requests));
    let (state, gateways) = (keeper.state(), peers.len());
    let shown = revision.map_or_else(|| "none".to_owned(), |revision| revision.short());
    let level = if state == State::Ready && refusing == 0 { log::Level::Info } else { log::Level::Warn };
    log::log!(
        level, state = state.as_str(), revision = shown.as_str(), age_secs = age.as_secs(), gateways = gateways, live = live,
        refusing = refusing, requests = requests; "heartbeat"
    );
    for peer in &peers {
        let (gateway, live) = (
            peer.gateway.as_ref().map_or("", |id| id.as_str()),
            peer.live.map(|revision| revision.short()).unwrap_or_default(),
        );
        let failures = peer.health.as_ref().map_or(0, |health| health.failures);
        log::debug!(pid = peer.pid, gateway = gateway, revision = live.as_str(), failures = failures; "gateway");
    }
}
