//! Choice of pool members: turns, weights, priorities, open circuits, ties.

use config_model::{CircuitBreakerRule, FailureCondition, SessionAffinity};

use super::super::breaker::Outcome;
use super::*;

fn member(backend: &str, weight: Option<u8>, priority: Option<u8>) -> PoolMember {
    PoolMember { backend: backend.into(), weight, priority }
}

/// A pool whose members trip at their first failure, for a minute.
fn pool(members: &[PoolMember], now: Instant) -> Pool {
    let entity = config_model::Pool {
        members: members.to_vec(),
        session_affinity: Some(SessionAffinity { cookie: "s".into() }),
        failure_status: None,
    };
    let rule = CircuitBreakerRule {
        failure_condition: FailureCondition {
            count: Some(1),
            interval: Duration::from_secs(60),
            ..FailureCondition::default()
        },
        trip_duration: Duration::from_secs(60),
        ..CircuitBreakerRule::default()
    };
    let key = TieKey::new(&entity, &Snapshot::default());
    Pool::new(&"p".into(), &entity, Arc::new(Turns::new(members)), &key, |id| {
        let base = Base::parse(&format!("http://{id}")).unwrap();
        Some((Arc::new(base), Some(Arc::new(Breaker::new(std::slice::from_ref(&rule), now)))))
    })
}

fn served(pool: &Pool, count: usize, now: Instant) -> String {
    (0..count).map(|_| pool.choose(None, now).map_or("-".to_owned(), |member| member.base.host.clone())).collect()
}

fn trip(pool: &Pool, host: &str, now: Instant) {
    let member = pool.members.iter().find(|member| member.base.host == host).unwrap();
    assert!(member.breaker.as_ref().unwrap().record(Outcome::Status(500, None), now));
}

#[test]
fn members_take_turns_by_weight() {
    let now = Instant::now();
    assert_eq!(served(&pool(&[member("a", None, None), member("b", None, None)], now), 4, now), "abab");
    let weighted = pool(&[member("a", Some(3), None), member("b", None, None)], now);
    assert_eq!(served(&weighted, 8, now), "aabaaaba");
}

#[test]
fn weight_zero_serves_when_nobody_else_can() {
    let now = Instant::now();
    let pool = pool(&[member("a", Some(100), None), member("b", Some(0), None)], now);
    assert_eq!(served(&pool, 3, now), "aaa");
    trip(&pool, "a", now);
    assert_eq!(served(&pool, 2, now), "bb");
}

#[test]
fn a_lower_group_serves_only_when_the_higher_is_open() {
    let now = Instant::now();
    let pool = pool(&[member("c", None, Some(2)), member("a", None, Some(1)), member("b", None, None)], now);
    assert_eq!(pool.first().unwrap().host, "a");
    assert_eq!(served(&pool, 4, now), "abab");
    trip(&pool, "a", now);
    assert_eq!(served(&pool, 2, now), "bb");
    trip(&pool, "b", now);
    assert_eq!(served(&pool, 2, now), "cc");
    trip(&pool, "c", now);
    assert_eq!(pool.choose(None, now).unwrap_err(), AllOpen { rest: Duration::from_secs(60), status: 503 });
    assert_eq!(served(&pool, 1, now + Duration::from_secs(60)), "a");
}

#[test]
fn a_tie_holds_until_its_member_is_open() {
    let now = Instant::now();
    let pool = pool(&[member("a", None, None), member("b", None, None)], now);
    let tied = pool.members[1].token.clone();
    for _ in 0..3 {
        assert_eq!(pool.choose(Some(&tied), now).unwrap().base.host, "b");
    }
    trip(&pool, "b", now);
    assert_eq!(pool.choose(Some(&tied), now).unwrap().base.host, "a");
    assert_eq!(pool.choose(Some("of somebody else"), now).unwrap().base.host, "a");
}

#[test]
fn ties_are_the_same_in_every_gateway_and_nobody_elses() {
    let snapshot = |url: &str| {
        let entity =
            config_model::Backend { id: "a".into(), url: Some(url.into()), ..config_model::Backend::default() };
        Snapshot { backends: [(entity.id.clone(), Arc::new(entity))].into_iter().collect(), ..Snapshot::default() }
    };
    let entity = config_model::Pool { members: vec![member("a", None, None)], ..config_model::Pool::default() };
    let key = |url: &str| TieKey::new(&entity, &snapshot(url));
    let token = |url: &str, pool: &str, member: &str| key(url).token(&pool.into(), &member.into());
    assert_eq!(token("http://x", "p", "a"), token("http://x", "p", "a"));
    assert_ne!(token("http://x", "p", "a"), token("http://x", "p", "b"));
    assert_ne!(token("http://x", "p", "a"), token("http://x", "q", "a"));
    // Who knows the names but not the backends cannot make one.
    assert_ne!(token("http://x", "p", "a"), token("http://y", "p", "a"));
}
