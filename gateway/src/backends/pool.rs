//! Load-balanced pools: which member the next request goes to.
//!
//! The best priority group that has a member with a closed circuit serves; inside it members take turns by weight (smoothly: the
//! share is kept over any stretch of requests, not only on average). A cookie may tie a caller to a member. Turns are this
//! process's own and stand beside the revision ([`super::States`]).
//!
//! `pingora-load-balancing` is not used: it tells backends apart by their address, while members here are entities, often with the
//! same address and another path or key; and past its first choice it forgets weights.

use std::sync::Arc;
use std::time::{Duration, Instant};

use config_model::{BackendId, PoolMember, Snapshot};
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use parking_lot::Mutex;
use policy_engine::Base;
use sha2::Sha256;

use super::breaker::Breaker;

/// Status when no member can be used, where the pool names none.
const NONE_STATUS: u16 = 503;

/// A pool of one revision.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) id: BackendId,
    /// Name of the cookie that ties a caller to a member.
    pub(crate) cookie: Option<String>,
    /// Groups from the best priority on, as places in `members`.
    groups: Vec<Vec<usize>>,
    members: Vec<Member>,
    status: u16,
    turns: Arc<Turns>,
}

/// A member.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) base: Arc<Base>,
    /// Its breaker, if it has one.
    pub(crate) breaker: Option<Arc<Breaker>>,
    /// What the cookie holds for it.
    pub(crate) token: String,
    weight: i64,
}

/// Whose turn it is. The credit of each member, as in smooth weighted round robin.
#[derive(Debug)]
pub(crate) struct Turns {
    of: Vec<PoolMember>,
    credit: Mutex<Vec<i64>>,
}

impl Turns {
    pub(crate) fn new(members: &[PoolMember]) -> Self {
        Self { of: members.to_vec(), credit: Mutex::new(vec![0; members.len()]) }
    }

    pub(crate) fn is_of(&self, members: &[PoolMember]) -> bool {
        self.of == members
    }
}

/// No member can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AllOpen {
    /// Until the first one can again.
    pub(crate) rest: Duration,
    pub(crate) status: u16,
}

impl Pool {
    /// `found` gives what the members are; those that do not exist are left out.
    pub(crate) fn new(
        id: &BackendId,
        entity: &config_model::Pool,
        turns: Arc<Turns>,
        key: &TieKey,
        found: impl Fn(&BackendId) -> Option<(Arc<Base>, Option<Arc<Breaker>>)>,
    ) -> Self {
        // Without any weight all are equal; next to weights, none means one.
        let mut by_priority: Vec<(u8, usize)> = Vec::new();
        let mut members = Vec::new();
        for member in &entity.members {
            let Some((base, breaker)) = found(&member.backend) else { continue };
            by_priority.push((member.priority.unwrap_or(1), members.len()));
            let token = key.token(id, &member.backend);
            members.push(Member { base, breaker, token, weight: i64::from(member.weight.unwrap_or(1)) });
        }
        by_priority.sort_by_key(|(priority, _)| *priority);
        let groups = by_priority.chunk_by(|one, other| one.0 == other.0);
        Self {
            id: id.clone(),
            cookie: entity.session_affinity.as_ref().map(|affinity| affinity.cookie.clone()),
            groups: groups.map(|group| group.iter().map(|(_, at)| *at).collect()).collect(),
            members,
            status: entity.failure_status.unwrap_or(NONE_STATUS),
            turns,
        }
    }

    /// The base that stands for the pool until a member is chosen.
    pub(crate) fn first(&self) -> Option<&Arc<Base>> {
        let at = *self.groups.first()?.first()?;
        self.members.get(at).map(|member| &member.base)
    }

    /// The next member; `tied` is what the caller's cookie holds.
    pub(crate) fn choose(&self, tied: Option<&str>, now: Instant) -> Result<&Member, AllOpen> {
        if let Some(member) = tied.and_then(|tied| self.members.iter().find(|member| same(&member.token, tied)))
            && member.is_closed(now)
        {
            return Ok(member);
        }
        for group in &self.groups {
            let usable = || group.iter().copied().filter(|at| self.members.get(*at).is_some_and(|m| m.is_closed(now)));
            let weighted = usable().filter(|at| self.weight(*at) > 0);
            let Some(at) = self.turn(weighted).or_else(|| self.turn(usable())) else { continue };
            if let Some(member) = self.members.get(at) {
                return Ok(member);
            }
        }
        let rests = self.members.iter().filter_map(|member| Some(member.breaker.as_ref()?.open(now)?.rest));
        Err(AllOpen { rest: rests.min().unwrap_or_default(), status: self.status })
    }

    fn weight(&self, at: usize) -> i64 {
        self.members.get(at).map_or(0, |member| member.weight)
    }

    /// Each candidate earns its weight; the richest one serves and pays what all have earned.
    fn turn(&self, candidates: impl Iterator<Item = usize>) -> Option<usize> {
        let mut credits = self.turns.credit.lock();
        let (mut best, mut earned): (Option<(usize, i64)>, i64) = (None, 0);
        for at in candidates {
            let weight = self.weight(at).max(1);
            earned += weight;
            let Some(credit) = credits.get_mut(at) else { continue };
            *credit += weight;
            if best.is_none_or(|(_, most)| *credit > most) {
                best = Some((at, *credit));
            }
        }
        let (at, _) = best?;
        if let Some(credit) = credits.get_mut(at) {
            *credit -= earned;
        }
        Some(at)
    }
}

/// Equality in constant time.
fn same(token: &str, tied: &str) -> bool {
    token.len() == tied.len() && openssl::memcmp::eq(token.as_bytes(), tied.as_bytes())
}

impl Member {
    fn is_closed(&self, now: Instant) -> bool {
        self.breaker.as_ref().is_none_or(|breaker| breaker.open(now).is_none())
    }
}

/// Signs the ties of a pool: made of all that its members' entities hold, credentials too, which no caller knows. So it is the same
/// in every gateway of a configuration and after each start, and a caller stays tied behind any of them.
pub(crate) struct TieKey([u8; 64]);

impl TieKey {
    pub(crate) fn new(pool: &config_model::Pool, snapshot: &Snapshot) -> Self {
        let mut digest = openssl::sha::Sha512::new();
        for member in &pool.members {
            let entity = snapshot.backends.get(&member.backend).map(serde_json::to_vec);
            digest.update(&entity.and_then(Result::ok).unwrap_or_default());
            digest.update(b"\n");
        }
        Self(digest.finish())
    }

    /// What the cookie holds. It says nothing about the member to who reads it, and nobody else can make one.
    fn token(&self, pool: &BackendId, member: &BackendId) -> String {
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&self.0.into());
        mac.update(format!("gatewright affinity\n{pool}\n{member}").as_bytes());
        mac.finalize().into_bytes().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
