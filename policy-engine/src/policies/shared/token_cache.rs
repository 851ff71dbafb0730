//! Tokens that were good a moment ago, kept by each thread: a caller sends the same one with every request until it expires.
//!
//! What is kept is what cannot change: what a text says once decoded, and that one set of keys has signed it. Lifetime, audience,
//! issuer and claims are judged for every request. A signature by a shared secret is checked again too: that costs less than a
//! microsecond. One by a public key is believed again only from the same keys: a compiled policy has a number of its own, and a
//! provider whose keys are fetched anew is another object.
use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::jose::Token;
use super::jwks::Provider;

/// Longer tokens are read each time.
const MAX_TEXT: usize = 8 * 1024;
/// Bytes of tokens in a generation; there are two on each thread.
const GENERATION_BYTES: usize = 512 * 1024;
/// Tokens in a generation.
const GENERATION_TOKENS: usize = 1024;

thread_local! {
    static KEPT: RefCell<Generations> = RefCell::default();
}

/// The token of a text, if it is kept.
pub(super) fn find(text: &str) -> Option<Arc<Token>> {
    KEPT.with(|kept| kept.try_borrow_mut().ok()?.find(text))
}

/// Keeps a token that was good. No other may be: callers could fill the room with garbage.
pub(super) fn keep(token: &Arc<Token>) {
    KEPT.with(|kept| {
        if let Ok(mut kept) = kept.try_borrow_mut() {
            kept.keep(token);
        }
    });
}

/// Young tokens, and those of the generation before; what is found again is young again. No order to keep, and never more than two
/// generations.
#[derive(Default)]
struct Generations {
    young: HashSet<ByText>,
    young_bytes: usize,
    old: HashSet<ByText>,
}

impl Generations {
    fn find(&mut self, text: &str) -> Option<Arc<Token>> {
        if let Some(ByText(token)) = self.young.get(text) {
            return Some(Arc::clone(token));
        }
        let ByText(token) = self.old.take(text)?;
        self.keep(&token);
        Some(token)
    }

    fn keep(&mut self, token: &Arc<Token>) {
        let size = token.text().len();
        if size > MAX_TEXT || self.young.contains(token.text()) {
            return;
        }
        if self.young_bytes + size > GENERATION_BYTES || self.young.len() >= GENERATION_TOKENS {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += size;
        self.young.insert(ByText(Arc::clone(token)));
    }
}

/// A token that is found by its text.
struct ByText(Arc<Token>);

impl Borrow<str> for ByText {
    fn borrow(&self) -> &str {
        self.0.text()
    }
}

impl PartialEq for ByText {
    fn eq(&self, other: &ByText) -> bool {
        self.0.text() == other.0.text()
    }
}

impl Eq for ByText {}

impl Hash for ByText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.text().hash(state);
    }
}

/// The keys that a policy brings itself, which never change while it is compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::policies) struct OwnKeys(u64);

impl OwnKeys {
    /// None at all.
    pub(in crate::policies) const NONE: OwnKeys = OwnKeys(0);

    /// A set that is no other.
    pub(in crate::policies) fn new() -> OwnKeys {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        OwnKeys(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// A set of keys that has signed a token.
pub(super) struct Signers {
    own: OwnKeys,
    /// Held, so that none of them can be another one at the same place.
    providers: Vec<Arc<Provider>>,
}

impl Signers {
    pub(super) fn new(own: OwnKeys, providers: &[Arc<Provider>]) -> Signers {
        Signers { own, providers: providers.to_vec() }
    }

    pub(super) fn are(&self, own: OwnKeys, providers: &[Arc<Provider>]) -> bool {
        self.own == own
            && self.providers.len() == providers.len()
            && self.providers.iter().zip(providers).all(|(a, b)| Arc::ptr_eq(a, b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(number: usize, room: usize) -> Arc<Token> {
        use base64::Engine as _;
        let claims = format!(r#"{{"n":{number},"room":"{}"}}"#, "x".repeat(room));
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
        Arc::new(Token::read(&format!("e30.{claims}.")).unwrap())
    }

    #[test]
    fn no_more_than_two_generations_are_kept() {
        let mut kept = Generations::default();
        let all: Vec<_> = (0..3 * GENERATION_TOKENS).map(|n| token(n, 0)).collect();
        all.iter().for_each(|token| kept.keep(token));
        assert!(kept.young.len() <= GENERATION_TOKENS && kept.old.len() <= GENERATION_TOKENS);
        assert!(kept.find(all[0].text()).is_none());
        assert!(Arc::ptr_eq(&kept.find(all[all.len() - 1].text()).unwrap(), &all[all.len() - 1]));
        let mut kept = Generations::default();
        (0..300).for_each(|n| kept.keep(&token(n, 5000)));
        let bytes = |set: &HashSet<ByText>| set.iter().map(|kept| kept.0.text().len()).sum::<usize>();
        assert!(bytes(&kept.young) <= GENERATION_BYTES && bytes(&kept.old) <= GENERATION_BYTES);
        kept.keep(&token(0, MAX_TEXT));
        assert!(kept.find(token(0, MAX_TEXT).text()).is_none());
    }

    #[test]
    fn what_is_used_stays() {
        let mut kept = Generations::default();
        let used = token(0, 0);
        kept.keep(&used);
        for n in 1..5 * GENERATION_TOKENS {
            kept.keep(&token(n, 0));
            if n % 100 == 0 {
                assert!(Arc::ptr_eq(&kept.find(used.text()).unwrap(), &used));
            }
        }
    }

    #[test]
    fn signers_are_the_same_only_as_the_same_objects() {
        let provider = || Arc::new(Provider::test());
        let (a, b, own) = (provider(), provider(), OwnKeys::new());
        let signers = Signers::new(own, &[Arc::clone(&a)]);
        assert!(signers.are(own, &[Arc::clone(&a)]));
        assert!(!signers.are(own, &[b]) && !signers.are(own, &[]) && !signers.are(OwnKeys::new(), &[a]));
    }
}
