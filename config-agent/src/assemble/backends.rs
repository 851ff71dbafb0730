//! Backends, with credentials filled in.

use super::{Assembler, placeholder, values::Unfilled};
use crate::{
    properties::Properties,
    sources::{Plain, Resource},
    text,
};
use config_model::{
    Authorization, Backend, BackendCredentials, BackendProtocol, BackendProxy, BackendTls, BackendX509Name,
    CircuitBreakerRule, Entity, FailureCondition, Finding, ManagedIdentity, Pool, PoolMember, Secret, SessionAffinity,
    StatusRange, codes,
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// Default of a circuit breaker's interval and trip time, as the vendor's portal has it.
const BREAKER_DEFAULT: Duration = Duration::from_secs(3600);

type Filled<T> = Result<T, Unfilled>;

impl<'a> Assembler<'a> {
    pub(super) fn read_backends(&mut self, urls: &BTreeMap<String, String>) {
        for resource in self.gathered.plain(Plain::Backend) {
            let properties = self.properties(resource);
            let url = urls.iter().find(|(id, _)| id.eq_ignore_ascii_case(&resource.name)).map(|(_, url)| url.clone());
            match self.read_backend(resource, &properties, url) {
                Ok(backend) => self.insert(Entity::Backend(Arc::new(backend))),
                Err(unfilled) => self.unusable(resource, &unfilled.to_string()),
            }
        }
        for id in urls.keys() {
            if !self.gathered.plain(Plain::Backend).iter().any(|resource| resource.name.eq_ignore_ascii_case(id)) {
                let message = format!("there is no backend `{id}` whose URL could be replaced");
                self.findings.add(Finding::error(codes::BAD_OVERRIDE, message));
            }
        }
    }

    /// A backend that lacks a secret is left out. That refuses the configuration only if something names it.
    fn unusable(&mut self, resource: &Resource, why: &str) {
        let named = self.is_named_by_policies(&resource.name) || self.is_named_by_pools(&resource.name);
        let (finding, end) = match named {
            true => (Finding::error(codes::NO_NAMED_VALUE, ""), ""),
            false => (Finding::warning(codes::NO_NAMED_VALUE, ""), "; nothing names it, so it is left out"),
        };
        let message = format!("backend `{}` cannot be used: {why}{end}", resource.name);
        let finding = Finding { message, ..finding };
        self.snapshot.settings.left_out_backends.insert(resource.name.as_str().into(), why.to_owned());
        self.findings.add(match &resource.file {
            Some(file) => text::place(finding.on_field("credentials"), file),
            None => finding,
        });
    }

    /// True if the text of any policy or fragment has the name in it. Policies are opaque here, so this may say yes too often, never too rarely
    /// (but for names that an expression puts together).
    fn is_named_by_policies(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let gathered = self.gathered;
        let apis = gathered
            .apis
            .iter()
            .flat_map(|api| api.policy.iter().chain(api.operations.values().filter_map(|o| o.policy.as_ref())));
        let products = gathered.products.iter().filter_map(|product| product.policy.as_ref());
        let fragments = gathered.fragments.iter().filter_map(|fragment| fragment.policy.as_ref());
        let mut all = gathered.policy.iter().chain(apis).chain(products).chain(fragments);
        all.any(|policy| policy.file.text.to_ascii_lowercase().contains(&name))
    }

    fn is_named_by_pools(&self, name: &str) -> bool {
        let members = self.gathered.plain(Plain::Backend).iter().filter_map(|backend| backend.properties.get("pool"));
        members
            .into_iter()
            .any(|pool| pool.to_string().to_ascii_lowercase().contains(&format!("/{}\"", name.to_ascii_lowercase())))
    }

    fn read_backend(
        &self,
        resource: &'a Resource,
        properties: &Properties<'a>,
        url: Option<String>,
    ) -> Filled<Backend> {
        let is_pool = properties.text("type").is_some_and(|kind| kind.eq_ignore_ascii_case("Pool"));
        let pool = properties.object("pool").filter(|_| is_pool || properties.value("url").is_none());
        let fabric = properties.object("properties").is_some_and(|more| more.value("serviceFabricCluster").is_some());
        let url = match url {
            Some(url) => Some(url),
            None => self.filled(properties, "url")?,
        };
        if let Some(what) = url.as_deref().and_then(placeholder) {
            let message = format!("the URL of backend `{}` still holds {what}", resource.name);
            properties.report("url", Finding::error(codes::PLACEHOLDER, message));
        }
        Ok(Backend {
            id: resource.name.as_str().into(),
            title: properties.filled("title"),
            description: properties.filled("description"),
            protocol: properties
                .one_of("protocol", &[("http", BackendProtocol::Http), ("soap", BackendProtocol::Soap)])
                .unwrap_or_default(),
            resource_id: properties.filled("resourceId"),
            credentials: self.read_credentials(resource, properties)?,
            proxy: properties.object("proxy").map(|proxy| self.read_proxy(resource, &proxy)).transpose()?,
            tls: properties.object("tls").map(|tls| read_tls(&tls)).unwrap_or_default(),
            circuit_breaker: properties
                .object("circuitBreaker")
                .map(|breaker| read_breaker(&breaker))
                .unwrap_or_default(),
            pool: match (pool, is_pool) {
                (Some(pool), _) => Some(self.read_pool(&pool)),
                (None, true) => Some(Pool::default()),
                (None, false) => None,
            },
            service_fabric: fabric,
            origin: resource.file.as_ref().map(|file| file.path.clone()),
            url: url.filter(|_| !is_pool),
        })
    }

    fn read_proxy(&self, resource: &Resource, proxy: &Properties<'_>) -> Filled<BackendProxy> {
        let outside = self.secrets.look_up("backends", &resource.name, "proxy-password");
        Ok(BackendProxy {
            url: self.filled(proxy, "url")?.unwrap_or_default(),
            username: self.filled(proxy, "username")?,
            password: match outside {
                Some(password) => Some(password),
                None => self.filled(proxy, "password")?.map(Secret::from),
            },
        })
    }

    fn read_credentials(&self, resource: &Resource, properties: &Properties<'a>) -> Filled<BackendCredentials> {
        let Some(credentials) = properties.object("credentials") else { return Ok(BackendCredentials::default()) };
        let outside = self.secrets.look_up("backends", &resource.name, "authorization");
        let authorization = match credentials.object("authorization") {
            None => None,
            Some(authorization) => Some(Authorization {
                scheme: authorization.text("scheme").unwrap_or_default(),
                parameter: match outside {
                    Some(parameter) => parameter,
                    None => self.live(&authorization, "parameter")?.unwrap_or_default().into(),
                },
            }),
        };
        Ok(BackendCredentials {
            authorization,
            headers: self.read_pairs(resource, &credentials, "header")?,
            query: self.read_pairs(resource, &credentials, "query")?,
            certificate_ids: credentials
                .texts("certificateIds")
                .iter()
                .map(|id| self.last_name("certificates", id).into())
                .collect(),
            certificate_thumbprints: credentials.texts("certificate"),
            managed_identity: credentials.object("managedIdentity").map(|identity| ManagedIdentity {
                client_id: identity.filled("clientId"),
                resource: identity.text("resource").unwrap_or_default(),
            }),
        })
    }

    /// A filled-in property that must not be a placeholder.
    fn live(&self, properties: &Properties<'_>, name: &str) -> Filled<Option<String>> {
        let text = self.filled(properties, name)?;
        if let Some(what) = text.as_deref().and_then(placeholder) {
            properties.report(name, Finding::error(codes::PLACEHOLDER, format!("`{name}` still holds {what}")));
        }
        Ok(text)
    }

    fn read_pairs(
        &self,
        resource: &Resource,
        credentials: &Properties<'_>,
        member: &str,
    ) -> Filled<Vec<(String, Vec<Secret<String>>)>> {
        let mut pairs = Vec::new();
        for (name, values) in credentials.text_lists(member) {
            if let Some(secret) = self.secrets.look_up("backends", &resource.name, &format!("{member}.{name}")) {
                pairs.push((name, vec![secret]));
                continue;
            }
            let mut filled = Vec::new();
            for value in values {
                let value = self.fill(&value)?;
                if let Some(what) = placeholder(&value) {
                    let message = format!("`{name}` of backend `{}` still holds {what}", resource.name);
                    credentials.report(member, Finding::error(codes::PLACEHOLDER, message));
                }
                filled.push(Secret::from(value));
            }
            pairs.push((name, filled));
        }
        Ok(pairs)
    }

    fn read_pool(&self, pool: &Properties<'_>) -> Pool {
        let failure = pool.object("failureResponse").and_then(|failure| failure.number("statusCode", 200, 599));
        let session = pool.object("sessionAffinity").and_then(|affinity| affinity.object("sessionId"));
        let members = pool.objects("services").into_iter().map(|member| PoolMember {
            backend: self.last_name("backends", &member.text("id").unwrap_or_default()).into(),
            weight: member.number("weight", 0, 100).and_then(|weight| u8::try_from(weight).ok()),
            priority: member.number("priority", 0, 100).and_then(|priority| u8::try_from(priority).ok()),
        });
        Pool {
            members: members.collect(),
            session_affinity: session
                .map(|session| SessionAffinity { cookie: session.text("name").unwrap_or_default() }),
            failure_status: failure.and_then(|status| u16::try_from(status).ok()),
        }
    }

    /// The name at the end of a resource id, spelled as its resource is.
    pub(super) fn last_name(&self, kind: &'static str, id: &str) -> String {
        self.names.spell(kind, id.trim_end_matches('/').rsplit('/').next().unwrap_or(id))
    }
}

fn read_tls(tls: &Properties<'_>) -> BackendTls {
    let names = tls.objects("serverX509Names").into_iter().map(|name| BackendX509Name {
        name: name.text("name").unwrap_or_default(),
        issuer_thumbprint: name.filled("issuerCertificateThumbprint"),
    });
    BackendTls {
        validate_certificate_chain: tls.flag("validateCertificateChain").unwrap_or(true),
        validate_certificate_name: tls.flag("validateCertificateName").unwrap_or(true),
        server_certificate_thumbprints: tls.texts("serverCertificateThumbprints"),
        server_x509_names: names.collect(),
    }
}

fn read_breaker(breaker: &Properties<'_>) -> Vec<CircuitBreakerRule> {
    let code = |properties: &Properties<'_>, name: &str| {
        properties.number(name, 200, 599).and_then(|code| u16::try_from(code).ok())
    };
    let mut rules = Vec::new();
    for rule in breaker.objects("rules") {
        let condition = rule.object("failureCondition");
        let ranges = condition.iter().flat_map(|condition| condition.objects("statusCodeRanges"));
        let failure_condition = FailureCondition {
            count: condition.as_ref().and_then(|condition| condition.number("count", 1, u32::MAX)),
            percentage: condition
                .as_ref()
                .and_then(|condition| condition.number("percentage", 1, 100))
                .and_then(|p| u8::try_from(p).ok()),
            interval: condition
                .as_ref()
                .and_then(|condition| condition.duration("interval"))
                .unwrap_or(BREAKER_DEFAULT),
            status_code_ranges: ranges
                .filter_map(|range| Some(StatusRange { min: code(&range, "min")?, max: code(&range, "max")? }))
                .collect(),
            error_reasons: condition.as_ref().map(|condition| condition.texts("errorReasons")).unwrap_or_default(),
        };
        rules.push(CircuitBreakerRule {
            name: rule.text("name").unwrap_or_default(),
            failure_condition,
            trip_duration: rule.duration("tripDuration").unwrap_or(BREAKER_DEFAULT),
            accept_retry_after: rule.flag("acceptRetryAfter").unwrap_or(false),
            failure_status: rule.object("failureResponse").and_then(|failure| code(&failure, "statusCode")),
        });
    }
    rules
}
