//! Products, subscriptions, gateways, groups and users.

use super::Assembler;
use crate::sources::{Plain, Resource};
use config_model::{
    CertificateAuthority, Entity, Gateway, GatewayLocation, Group, Hostname, Product, ProductState, Subscription,
    SubscriptionScope, SubscriptionState, User, UserIdentity,
};
use std::{collections::BTreeSet, sync::Arc};

const STATES: [(&str, SubscriptionState); 6] = [
    ("active", SubscriptionState::Active),
    ("suspended", SubscriptionState::Suspended),
    ("expired", SubscriptionState::Expired),
    ("submitted", SubscriptionState::Submitted),
    ("rejected", SubscriptionState::Rejected),
    ("cancelled", SubscriptionState::Cancelled),
];

fn origin(resource: &Resource) -> Option<Arc<str>> {
    resource.file.as_ref().map(|file| file.path.clone())
}

impl Assembler<'_> {
    pub(super) fn read_access(&mut self) {
        self.read_products();
        self.read_subscriptions();
        self.read_gateways();
        self.read_people();
    }

    /// Names spelled as their resources are; links only ever mean root APIs.
    fn spell_all<T: From<String>>(&self, kind: &'static str, names: &BTreeSet<String>) -> Vec<T> {
        let root = |name: &str| name.split(";rev=").next().unwrap_or(name).to_owned();
        let spelled: BTreeSet<_> = names.iter().map(|name| self.names.spell(kind, &root(name))).collect();
        spelled.into_iter().map(T::from).collect()
    }

    fn read_products(&mut self) {
        for product in &self.gathered.products {
            let properties = self.properties(&product.resource);
            let state = properties.one_of(
                "state",
                &[("published", ProductState::Published), ("notPublished", ProductState::NotPublished)],
            );
            let entity = Product {
                id: product.resource.name.as_str().into(),
                display_name: properties.filled("displayName").unwrap_or_else(|| product.resource.name.clone()),
                description: properties.filled("description"),
                state: state.unwrap_or_default(),
                subscription_required: properties.flag("subscriptionRequired").unwrap_or(true),
                approval_required: properties.flag("approvalRequired").unwrap_or(false),
                subscriptions_limit: properties.number("subscriptionsLimit", 0, u32::MAX),
                terms: properties.filled("terms"),
                apis: self.spell_all("apis", &product.apis),
                groups: self.spell_all("groups", &product.groups),
                tags: self.spell_all("tags", &product.tags),
                origin: origin(&product.resource),
            };
            self.insert(Entity::Product(Arc::new(entity)));
        }
    }

    fn read_subscriptions(&mut self) {
        for resource in self.gathered.plain(Plain::Subscription) {
            let properties = self.properties(resource);
            let key =
                |field: &str, property: &str| self.secret(resource, "subscriptions", &resource.name, field, property);
            let entity = Subscription {
                id: resource.name.as_str().into(),
                display_name: properties.text("displayName").unwrap_or_default(),
                scope: self.read_scope(resource),
                state: properties.one_of("state", &STATES).unwrap_or_default(),
                primary_key: key("primary", "primaryKey"),
                secondary_key: key("secondary", "secondaryKey"),
                owner: properties.reference("ownerId").map(|id| self.names.spell("users", &id).into()),
                allow_tracing: properties.flag("allowTracing").unwrap_or(false),
                created_date: properties.filled("createdDate"),
                start_date: properties.filled("startDate"),
                end_date: properties.filled("endDate"),
                origin: origin(resource),
            };
            self.insert(Entity::Subscription(Arc::new(entity)));
        }
    }

    /// `/products/x`, `/apis/x`, `/apis`, `/`, each possibly behind the id of the service.
    fn read_scope(&self, resource: &Resource) -> SubscriptionScope {
        let properties = self.properties_of(resource);
        let Some(scope) = properties.text("scope") else {
            let finding = config_model::Finding::error(
                config_model::codes::BAD_PROPERTY,
                format!("subscription `{}` has no `scope`", resource.name),
            );
            properties.report("scope", finding);
            return SubscriptionScope::Product("".into());
        };
        let parts: Vec<&str> = scope.trim_matches('/').split('/').filter(|part| !part.is_empty()).collect();
        let lower: Vec<String> = parts.iter().map(|part| part.to_ascii_lowercase()).collect();
        match (lower.as_slice(), parts.as_slice()) {
            ([], _) => SubscriptionScope::AllAccess,
            ([.., kind, _], [.., name]) if kind == "products" => {
                SubscriptionScope::Product(self.names.spell("products", name).into())
            }
            ([.., kind, _], [.., name]) if kind == "apis" => {
                let root = name.split(";rev=").next().unwrap_or(name);
                SubscriptionScope::Api(self.names.spell("apis", root).into())
            }
            ([.., last], _) if last == "apis" => SubscriptionScope::AllApis,
            ([.., kind, _], _) if kind == "service" => SubscriptionScope::AllAccess,
            _ => {
                let message = format!("`{scope}` is no scope: expected `/products/<id>`, `/apis/<id>`, `/apis` or `/`");
                properties.report("scope", config_model::Finding::error(config_model::codes::BAD_PROPERTY, message));
                SubscriptionScope::Product("".into())
            }
        }
    }

    fn properties_of<'r>(&self, resource: &'r Resource) -> crate::properties::Properties<'r>
    where
        Self: 'r,
    {
        crate::properties::Properties::new(&resource.properties, resource.file.as_deref(), self.sink)
    }

    fn read_gateways(&mut self) {
        for gateway in &self.gathered.gateways {
            let properties = self.properties(&gateway.resource);
            let id = gateway.resource.name.as_str();
            let location = properties.object("locationData").map(|place| GatewayLocation {
                name: place.text("name").unwrap_or_default(),
                city: place.filled("city"),
                district: place.filled("district"),
                country_or_region: place.filled("countryOrRegion"),
            });
            let authorities = gateway.authorities.iter().map(|authority| CertificateAuthority {
                certificate: self.names.spell("certificates", &authority.name).into(),
                trusted: self.properties(authority).flag("isTrusted").unwrap_or(false),
            });
            let entity = Gateway {
                id: id.into(),
                description: properties.filled("description"),
                location: location.unwrap_or_default(),
                apis: self.spell_all("apis", &gateway.apis),
                certificate_authorities: authorities.collect(),
                origin: origin(&gateway.resource),
            };
            self.insert(Entity::Gateway(Arc::new(entity)));
            for resource in &gateway.hostnames {
                let properties = self.properties(resource);
                let entity = Hostname {
                    id: resource.name.as_str().into(),
                    gateway: id.into(),
                    hostname: properties.text("hostname").unwrap_or_default(),
                    certificate: properties
                        .reference("certificateId")
                        .map(|id| self.names.spell("certificates", &id).into()),
                    negotiate_client_certificate: properties.flag("negotiateClientCertificate").unwrap_or(false),
                    tls10: properties.flag("tls10Enabled").unwrap_or(false),
                    tls11: properties.flag("tls11Enabled").unwrap_or(false),
                    http2: properties.flag("http2Enabled"),
                    origin: origin(resource),
                };
                self.insert(Entity::Hostname(Arc::new(entity)));
            }
        }
    }

    fn read_people(&mut self) {
        for resource in self.gathered.plain(Plain::Group) {
            let properties = self.properties(resource);
            let entity = Group {
                id: resource.name.as_str().into(),
                display_name: properties.filled("displayName").unwrap_or_else(|| resource.name.clone()),
                description: properties.filled("description"),
                kind: properties.filled("type").unwrap_or_else(|| "custom".into()),
                external_id: properties.filled("externalId"),
                origin: origin(resource),
            };
            self.insert(Entity::Group(Arc::new(entity)));
        }
        for resource in self.gathered.plain(Plain::User) {
            let properties = self.properties(resource);
            // Groups come as names, or as the objects that the management plane lists.
            let groups = properties.list("groups").iter().filter_map(|group| {
                let name = group.as_str().or_else(|| group.get("name")?.as_str())?;
                Some(self.last_name("groups", name).into())
            });
            let identities = properties.objects("identities").into_iter().map(|identity| UserIdentity {
                provider: identity.text("provider").unwrap_or_default(),
                id: identity.text("id").unwrap_or_default(),
            });
            let entity = User {
                id: resource.name.as_str().into(),
                first_name: properties.text("firstName").unwrap_or_default(),
                last_name: properties.text("lastName").unwrap_or_default(),
                email: properties.text("email").unwrap_or_default(),
                state: properties.filled("state").unwrap_or_else(|| "active".into()),
                registration_date: properties.filled("registrationDate"),
                note: properties.filled("note"),
                groups: groups.collect(),
                identities: identities.collect(),
                origin: origin(resource),
            };
            self.insert(Entity::User(Arc::new(entity)));
        }
    }
}
