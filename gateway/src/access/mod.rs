//! Who may call: a key leads to a subscription, a subscription to a product or to none. Pure look-ups over one revision.
//!
//! The rules are those of the vendor: a key that is given must be right, even where none is needed; without one an open
//! product goes before an API that needs none.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use config_model::{ApiId, Product, ProductId, Snapshot, Subscription, SubscriptionScope, SubscriptionState};

/// Who may call what, in one revision.
#[derive(Debug, Default)]
pub struct Access {
    /// Keys of all subscriptions; the random hash of the standard map and a comparison in constant time tell an attacker
    /// nothing about a key.
    by_key: HashMap<Box<str>, Entry>,
    /// APIs of each product.
    members: HashMap<ProductId, HashSet<ApiId>>,
    /// The open product that contains an API.
    open: HashMap<ApiId, Arc<Product>>,
    products: HashMap<ProductId, Arc<Product>>,
}

#[derive(Debug, Clone)]
struct Entry {
    subscription: Arc<Subscription>,
    key: Arc<str>,
}

/// In whose name a request runs.
#[derive(Debug, Clone, Default)]
pub struct Admitted {
    /// The product whose policies run.
    pub product: Option<Arc<Product>>,
    /// The subscription of the key.
    pub subscription: Option<Arc<Subscription>>,
    /// The key that was given.
    pub key: Option<Arc<str>>,
}

/// Why a request may not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// A key is needed and none was given.
    Missing,
    /// The key is unknown, not active, or for something else.
    Invalid,
}

impl Access {
    /// Collects the keys and products of a snapshot.
    pub fn build(snapshot: &Snapshot) -> Self {
        let mut access = Self::default();
        for subscription in snapshot.subscriptions.values() {
            for key in [&subscription.primary_key, &subscription.secondary_key].into_iter().flatten() {
                let key: Arc<str> = Arc::from(key.expose().as_str());
                if !key.is_empty() {
                    let entry = Entry { subscription: Arc::clone(subscription), key: Arc::clone(&key) };
                    access.by_key.insert((*key).into(), entry);
                }
            }
        }
        for product in snapshot.products.values() {
            access.members.insert(product.id.clone(), product.apis.iter().cloned().collect());
            access.products.insert(product.id.clone(), Arc::clone(product));
            if !product.subscription_required {
                for api in &product.apis {
                    access.open.entry(api.clone()).or_insert_with(|| Arc::clone(product));
                }
            }
        }
        access
    }

    /// Decides about a call of the API `api` (its current revision's id) with the key that was given, if any.
    pub fn admit(&self, api: &ApiId, key_required: bool, key: Option<&str>) -> Result<Admitted, Denied> {
        match key.filter(|key| !key.is_empty()) {
            Some(key) => self.by_key(api, key),
            None => match self.open.get(api) {
                Some(product) => Ok(Admitted { product: Some(Arc::clone(product)), ..Admitted::default() }),
                None if key_required => Err(Denied::Missing),
                None => Ok(Admitted::default()),
            },
        }
    }

    fn by_key(&self, api: &ApiId, key: &str) -> Result<Admitted, Denied> {
        let entry = self.by_key.get(key).ok_or(Denied::Invalid)?;
        let known = entry.key.as_bytes();
        if known.len() != key.len() || !openssl::memcmp::eq(known, key.as_bytes()) {
            return Err(Denied::Invalid);
        }
        let subscription = &entry.subscription;
        if subscription.state != SubscriptionState::Active {
            return Err(Denied::Invalid);
        }
        let product = match &subscription.scope {
            SubscriptionScope::AllAccess | SubscriptionScope::AllApis => None,
            SubscriptionScope::Api(own) if own == api => None,
            SubscriptionScope::Product(product) if self.members.get(product).is_some_and(|apis| apis.contains(api)) => {
                self.products.get(product).cloned()
            }
            _ => return Err(Denied::Invalid),
        };
        Ok(Admitted { product, subscription: Some(Arc::clone(subscription)), key: Some(Arc::clone(&entry.key)) })
    }
}

#[cfg(test)]
mod tests {
    use config_model::{Entity, Secret};

    use super::*;

    fn access() -> Access {
        let mut snapshot = Snapshot::default();
        let subscription = |id: &str, key: &str, scope, state| {
            Entity::Subscription(Arc::new(Subscription {
                id: id.into(),
                primary_key: Some(Secret::from(key)),
                secondary_key: Some(Secret::from(format!("{key}-2"))),
                scope,
                state,
                ..Subscription::default()
            }))
        };
        snapshot.insert(subscription(
            "gold",
            "g",
            SubscriptionScope::Product("gold".into()),
            SubscriptionState::Active,
        ));
        snapshot.insert(subscription(
            "off",
            "o",
            SubscriptionScope::Product("gold".into()),
            SubscriptionState::Suspended,
        ));
        snapshot.insert(subscription("all", "a", SubscriptionScope::AllApis, SubscriptionState::Active));
        snapshot.insert(subscription("one", "x", SubscriptionScope::Api("in-gold".into()), SubscriptionState::Active));
        let product = |id: &str, required, apis: &[&str]| {
            Entity::Product(Arc::new(Product {
                id: id.into(),
                subscription_required: required,
                apis: apis.iter().map(|api| ApiId::from(*api)).collect(),
                ..Product::default()
            }))
        };
        snapshot.insert(product("gold", true, &["in-gold", "in-both"]));
        snapshot.insert(product("free", false, &["in-free", "in-both"]));
        Access::build(&snapshot)
    }

    fn ask(api: &str, required: bool, key: Option<&str>) -> Result<(Option<String>, Option<String>), Denied> {
        let admitted = access().admit(&api.into(), required, key)?;
        Ok((admitted.product.map(|p| p.id.to_string()), admitted.subscription.map(|s| s.id.to_string())))
    }

    fn some(product: &str, subscription: &str) -> Result<(Option<String>, Option<String>), Denied> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok((text(product), text(subscription)))
    }

    #[test]
    fn a_key_must_fit_whatever_is_needed() {
        assert_eq!(ask("in-gold", true, Some("g")), some("gold", "gold"));
        assert_eq!(ask("in-gold", true, Some("g-2")), some("gold", "gold"));
        assert_eq!(ask("in-gold", true, Some("a")), some("", "all"));
        assert_eq!(ask("in-gold", false, Some("x")), some("", "one"));
        assert_eq!(ask("in-both", false, Some("g")), some("gold", "gold"));
        for key in ["G", "o", "nobody"] {
            assert_eq!(ask("in-gold", false, Some(key)), Err(Denied::Invalid), "{key}");
        }
        assert_eq!(ask("in-free", false, Some("g")), Err(Denied::Invalid));
        assert_eq!(ask("in-free", false, Some("x")), Err(Denied::Invalid));
    }

    #[test]
    fn without_a_key_open_products_go_first() {
        assert_eq!(ask("in-gold", true, None), Err(Denied::Missing));
        assert_eq!(ask("in-gold", true, Some("")), Err(Denied::Missing));
        assert_eq!(ask("in-gold", false, None), some("", ""));
        assert_eq!(ask("in-free", true, None), some("free", ""));
        assert_eq!(ask("in-both", true, None), some("free", ""));
    }
}
