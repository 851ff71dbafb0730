//! APIs. What is wrong with one puts that one aside.

use super::{Assembler, rest};
use crate::{
    openapi::{self, RequiredQuery},
    properties::Properties,
    sources::{RawApi, Specification},
    text, yaml,
};
use config_model::{
    Api, ApiAuthentication, ApiId, ApiKind, Entity, Finding, OAuth2Setting, OpenIdSetting, Operation, PolicyScope,
    Protocol, SubscriptionKeyNames, codes, template_problem,
};
use std::sync::Arc;

const KINDS: [(&str, ApiKind); 8] = [
    ("http", ApiKind::Http),
    ("soap", ApiKind::Soap),
    ("websocket", ApiKind::Websocket),
    ("graphql", ApiKind::Graphql),
    ("grpc", ApiKind::Grpc),
    ("odata", ApiKind::Odata),
    ("mcp", ApiKind::Mcp),
    ("a2a", ApiKind::Mcp),
];

const PROTOCOLS: [(&str, Protocol); 4] =
    [("http", Protocol::Http), ("https", Protocol::Https), ("ws", Protocol::Ws), ("wss", Protocol::Wss)];

/// Between the name of an API and the number of its revision.
const REVISION_MARK: &str = ";rev=";

impl<'a> Assembler<'a> {
    pub(super) fn read_apis(&mut self) {
        let gathered = self.gathered;
        // Roots first: revisions take their path and version from them.
        let (revisions, roots): (Vec<_>, Vec<_>) =
            gathered.apis.iter().partition(|api| api.resource.name.contains(REVISION_MARK));
        for raw in roots.into_iter().chain(revisions) {
            let name = raw.resource.name.as_str();
            let api = self.read_api(raw);
            self.settle_for_api(name);
            let disabled = self.findings.disabled().contains_key(name);
            if let (Some(api), false) = (api, disabled) {
                self.place_api(raw, api);
                self.settle_for_api(name);
                self.take_back_if_disabled(name);
            }
        }
        self.snapshot.settings.disabled_apis = self.findings.disabled().clone();
    }

    /// Puts an API and the policies of its operations in place.
    fn place_api(&mut self, raw: &'a RawApi, mut api: Api) {
        let policies = self.match_operations(raw, &mut api);
        for operation in &api.operations {
            if let Some(problem) = template_problem(&operation.url_template) {
                let message =
                    format!("template `{}` of operation `{}`: {problem}", operation.url_template, operation.id);
                let own =
                    raw.operations.get(operation.id.as_str()).and_then(|own| own.resource.as_ref()?.file.as_deref());
                let defined = raw.specification.as_ref().and_then(|specification| specification.file.as_ref().ok());
                let finding = Finding::error(codes::BAD_TEMPLATE, message)
                    .with_help(format!("only API `{}` is affected", api.id));
                let file = own.or(defined);
                self.findings.disable(
                    api.id.as_str(),
                    match file {
                        Some(file) => {
                            let path = operation.url_template.split('?').next().unwrap_or_default();
                            let (line, column) = text::position(&file.text, file.text.find(path).unwrap_or_default());
                            finding.in_file(&file.path).at(line, column)
                        }
                        None => finding.from_origin(api.origin.as_ref()),
                    },
                );
            }
        }
        let id = api.id.clone();
        for resource in &raw.diagnostics {
            self.read_diagnostic(resource, Some(id.clone()));
        }
        for path in &raw.not_supported {
            let message = format!("`{path}` is not served: GraphQL resolvers are not supported");
            self.findings.add(Finding::warning(codes::NOT_SUPPORTED, message).in_file(path));
        }
        self.insert(Entity::Api(Arc::new(api)));
        for (operation, policy) in policies {
            self.add_policy(PolicyScope::Operation(id.clone(), operation), Some(policy));
        }
    }

    /// What was found wrong with the files below an API after it was put in place takes it out again.
    fn take_back_if_disabled(&mut self, name: &str) {
        if !self.findings.disabled().contains_key(name) {
            return;
        }
        let snapshot = &mut self.snapshot;
        snapshot.apis.remove(name);
        snapshot.policies.retain(|scope, _| !matches!(scope, PolicyScope::Operation(api, _) if api.as_str() == name));
        snapshot.diagnostics.retain(|_, diagnostic| diagnostic.api.as_ref().is_none_or(|api| api.as_str() != name));
    }

    fn read_api(&mut self, raw: &'a RawApi) -> Option<Api> {
        let resource = &raw.resource;
        let properties = self.properties(resource);
        let (root, revision) = match resource.name.split_once(REVISION_MARK) {
            Some((root, revision)) => (self.names.spell("apis", root), Some(revision.to_owned())),
            None => (resource.name.clone(), None),
        };
        // Both names occur: `apiType` in what the tools write, `type` in the management plane.
        let kind_name = if properties.value("apiType").is_some() { "apiType" } else { "type" };
        let mut api = Api {
            id: resource.name.as_str().into(),
            root: ApiId::from(root),
            display_name: properties.filled("displayName").unwrap_or_else(|| resource.name.clone()),
            description: properties.filled("description"),
            path: properties.text("path").unwrap_or_default().trim_matches('/').to_owned(),
            service_url: self.read_service_url(raw),
            kind: properties.one_of(kind_name, &KINDS).unwrap_or_default(),
            is_current: revision.is_none(),
            revision: revision.or_else(|| properties.filled("apiRevision")).unwrap_or_else(|| "1".into()),
            is_online: properties.flag("isOnline").unwrap_or(true),
            revision_description: properties.filled("apiRevisionDescription"),
            version: properties.filled("apiVersion"),
            version_set: self.read_version_set_of(&properties),
            version_description: properties.filled("apiVersionDescription"),
            subscription_required: properties.flag("subscriptionRequired").unwrap_or(true),
            subscription_key: read_key_names(&properties),
            authentication: self.read_authentication(&properties),
            tags: raw.tags.iter().map(|tag| self.names.spell("tags", tag).into()).collect(),
            terms_of_service_url: properties.filled("termsOfServiceUrl"),
            origin: resource.file.as_ref().map(|file| file.path.clone()),
            ..Api::default()
        };
        let protocols: Vec<_> =
            properties.texts("protocols").iter().filter_map(|name| self.read_protocol(&properties, name)).collect();
        if !protocols.is_empty() {
            api.protocols = protocols;
        }
        self.follow_root(&mut api)?;
        if !self.is_served(raw, &api) {
            return None;
        }
        self.read_definition(raw, &mut api);
        Some(api)
    }

    fn read_protocol(&self, properties: &Properties<'_>, name: &str) -> Option<Protocol> {
        let found = PROTOCOLS.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, protocol)| *protocol);
        if found.is_none() {
            let message = format!("`{name}` is no protocol: expected `http`, `https`, `ws` or `wss`");
            properties.report("protocols", Finding::error(codes::BAD_PROPERTY, message));
        }
        found
    }

    fn read_service_url(&self, raw: &'a RawApi) -> Option<String> {
        let properties = self.properties(&raw.resource);
        let url = properties.filled("serviceUrl")?;
        if let Some(what) = super::placeholder(&url) {
            properties
                .report("serviceUrl", Finding::error(codes::PLACEHOLDER, format!("`serviceUrl` still holds {what}")));
        }
        match self.fill(&url) {
            Ok(url) => Some(url),
            Err(unfilled) => {
                properties.report("serviceUrl", Finding::error(codes::NO_NAMED_VALUE, unfilled.to_string()));
                None
            }
        }
    }

    /// The version set of an API; one that only stands inside the API is made from there.
    fn read_version_set_of(&mut self, properties: &Properties<'a>) -> Option<config_model::VersionSetId> {
        let inside = properties.object("apiVersionSet");
        let id = properties.reference("apiVersionSetId").or_else(|| inside.as_ref()?.reference("id"))?;
        let id = self.names.spell("versionSets", &id);
        if let Some(inside) = inside.filter(|inside| inside.value("versioningScheme").is_some())
            && !self.snapshot.version_sets.contains_key(id.as_str())
        {
            self.insert(Entity::VersionSet(Arc::new(rest::read_version_set(&id, &inside, None))));
        }
        Some(id.into())
    }

    fn read_authentication(&self, properties: &Properties<'_>) -> ApiAuthentication {
        let Some(settings) = properties.object("authenticationSettings") else { return ApiAuthentication::default() };
        let oauth2 = settings.object("oAuth2").into_iter().chain(settings.objects("oAuth2AuthenticationSettings"));
        let openid = settings.object("openid").into_iter().chain(settings.objects("openidAuthenticationSettings"));
        let spell = |id: String| self.names.spell("identityProviders", &id).into();
        ApiAuthentication {
            oauth2: oauth2
                .filter_map(|o| {
                    Some(OAuth2Setting {
                        server: spell(o.reference("authorizationServerId")?),
                        scope: o.filled("scope"),
                    })
                })
                .collect(),
            openid: openid
                .filter_map(|o| {
                    let provider = spell(o.reference("openidProviderId")?);
                    Some(OpenIdSetting { provider, bearer_token_sending_methods: o.texts("bearerTokenSendingMethods") })
                })
                .collect(),
        }
    }

    /// Only the current revision may change these; a revision without its root cannot be reached.
    fn follow_root(&mut self, api: &mut Api) -> Option<()> {
        if api.is_current {
            return Some(());
        }
        match self.snapshot.apis.get(&api.root) {
            Some(root) => {
                api.path = root.path.clone();
                api.version = root.version.clone();
                api.version_set = root.version_set.clone();
                api.protocols = root.protocols.clone();
                api.kind = root.kind;
                api.subscription_required = root.subscription_required;
                Some(())
            }
            None => {
                let message = format!("revision `{}` is not served, because its API `{}` is not", api.id, api.root);
                self.findings
                    .add(Finding::warning(codes::DANGLING_REFERENCE, message).from_origin(api.origin.as_ref()));
                None
            }
        }
    }

    fn is_served(&mut self, raw: &RawApi, api: &Api) -> bool {
        let what = match api.kind {
            ApiKind::Mcp => "MCP and A2A servers",
            ApiKind::Odata => "OData APIs",
            _ => return true,
        };
        let message = format!("API `{}` is not served: {what} are not supported", api.id);
        let finding = rest::placed(Finding::warning(codes::NOT_SUPPORTED, message.clone()), &raw.resource, "type");
        self.findings.disable(api.id.as_str(), finding);
        false
    }

    /// Operations and schemas, from the specification or from what the kind of API has by nature.
    fn read_definition(&mut self, raw: &'a RawApi, api: &mut Api) {
        api.schemas = raw.schemas.iter().map(|resource| self.read_schema(resource)).collect();
        match &raw.specification {
            Some(specification) => self.read_specification(raw, specification, api),
            None => {
                api.operations = natural_operations(api.kind);
                let own = raw.operations.values().any(|operation| operation.resource.is_some());
                if api.operations.is_empty() && !own {
                    let message = format!(
                        "API `{}` has no specification, so it has no operations: every call is answered with 404",
                        api.id
                    );
                    self.findings.add(Finding::warning(codes::NO_OPERATIONS, message).from_origin(api.origin.as_ref()));
                }
            }
        }
    }

    fn read_specification(&mut self, raw: &'a RawApi, specification: &Specification, api: &mut Api) {
        let id = api.id.as_str().to_owned();
        let file = match &specification.file {
            Ok(file) => file,
            Err(finding) => {
                return self
                    .findings
                    .disable(&id, Finding { code: codes::BAD_SPECIFICATION.into(), ..finding.clone() });
            }
        };
        let parsed = match specification.ending.as_str() {
            "yaml" => yaml::parse_yaml(file),
            "json" => text::parse_json(file),
            ending => return self.read_other_specification(ending, file, api),
        };
        let required_query = match self.properties(&raw.resource).text("translateRequiredQueryParameters") {
            Some(text) if text.eq_ignore_ascii_case("query") => RequiredQuery::Query,
            _ => RequiredQuery::Template,
        };
        let definition = parsed
            .map_err(|finding| Finding { code: codes::BAD_SPECIFICATION.into(), ..finding })
            .and_then(|body| openapi::read(&body, required_query).map_err(|reason| openapi::refuse(file, &reason)));
        match definition {
            Err(finding) => self.findings.disable(&id, finding.with_help(format!("only API `{id}` is affected"))),
            Ok(definition) => {
                for (place, note) in definition.notes {
                    let finding =
                        Finding::warning(codes::SPECIFICATION_PART, format!("`{place}`: {note}")).in_file(&file.path);
                    let at = place.rsplit_once('.').map_or(place.as_str(), |(path, _)| path);
                    let (line, column) = file.text.find(at).map_or((1, 1), |offset| text::position(&file.text, offset));
                    self.findings.add(finding.at(line, column));
                }
                api.operations = definition.operations;
                for mut schema in definition.schemas {
                    schema.origin = Some(file.path.clone());
                    api.schemas.push(schema);
                }
            }
        }
    }

    /// Specifications that are no OpenAPI.
    fn read_other_specification(&mut self, ending: &str, file: &text::TextFile, api: &mut Api) {
        if ending == "graphql" {
            api.operations = natural_operations(ApiKind::Graphql);
            api.schemas.push(config_model::Schema {
                id: "graphql".into(),
                content_type: "application/vnd.ms-azure-apim.graphql.schema".into(),
                text: file.text.clone(),
                origin: Some(file.path.clone()),
            });
            return;
        }
        let message = format!(
            "no operations are taken from {} files, so every call to API `{}` is answered with 404",
            ending.to_uppercase(),
            api.id
        );
        let finding = Finding::warning(codes::NO_OPERATIONS, message).in_file(&file.path).at(1, 1);
        self.findings.add(finding.with_help(
            "export the API as OpenAPI, or describe its operations in `operations/<id>/operationInformation.json`",
        ));
    }
}

/// The operations that an API of this kind has without a specification.
fn natural_operations(kind: ApiKind) -> Vec<Operation> {
    let operation = |id: &str, method: &str, template: &str| Operation {
        id: id.into(),
        display_name: id.into(),
        method: method.into(),
        url_template: template.into(),
        ..Operation::default()
    };
    match kind {
        // Queries and mutations are posted to the root of the API; `GET` is for queries in the URL and for subscriptions.
        ApiKind::Graphql => vec![operation("graphql-post", "POST", "/"), operation("graphql-get", "GET", "/")],
        // The name that the management plane gives to the only operation of a WebSocket API.
        ApiKind::Websocket => vec![operation("onHandshake", "GET", "/*")],
        ApiKind::Grpc => vec![operation("grpc", "POST", "/*")],
        ApiKind::Http | ApiKind::Soap | ApiKind::Odata | ApiKind::Mcp => Vec::new(),
    }
}

fn read_key_names(properties: &Properties<'_>) -> SubscriptionKeyNames {
    let default = SubscriptionKeyNames::default();
    match properties.object("subscriptionKeyParameterNames") {
        Some(names) => SubscriptionKeyNames {
            header: names.filled("header").unwrap_or(default.header),
            query: names.filled("query").unwrap_or(default.query),
        },
        None => default,
    }
}
