//! Kinds that are read field by field: version sets, loggers, diagnostics, caches, certificates, fragments, schemas, tags, identity providers.

use super::Assembler;
use crate::{
    properties::Properties,
    sources::{Plain, Resource},
    text,
};
use base64::Engine as _;
use config_model::{
    ApiId, Cache, Certificate, Diagnostic, Entity, Finding, Fragment, HttpCorrelation, IdentityProvider,
    IdentityProviderKind, Logger, LoggerKind, Masking, MaskingMode, MessageDiagnostic, PipelineDiagnostic, Schema,
    Secret, Tag, Verbosity, VersionSet, VersioningScheme, codes,
};
use std::sync::Arc;

const SCHEMES: [(&str, VersioningScheme); 3] =
    [("Segment", VersioningScheme::Segment), ("Query", VersioningScheme::Query), ("Header", VersioningScheme::Header)];

fn origin(resource: &Resource) -> Option<Arc<str>> {
    resource.file.as_ref().map(|file| file.path.clone())
}

impl<'a> Assembler<'a> {
    pub(super) fn read_rest(&mut self) {
        let gathered = self.gathered;
        for resource in gathered.plain(Plain::VersionSet) {
            let set = read_version_set(&resource.name, &self.properties(resource), origin(resource));
            self.insert(Entity::VersionSet(Arc::new(set)));
        }
        for resource in gathered.plain(Plain::Tag) {
            let display_name = self.properties(resource).filled("displayName").unwrap_or_else(|| resource.name.clone());
            self.insert(Entity::Tag(Arc::new(Tag {
                id: resource.name.as_str().into(),
                display_name,
                origin: origin(resource),
            })));
        }
        for resource in gathered.plain(Plain::Logger) {
            self.read_logger(resource);
        }
        for resource in gathered.plain(Plain::Diagnostic) {
            self.read_diagnostic(resource, None);
        }
        for resource in gathered.plain(Plain::Cache) {
            self.read_cache(resource);
        }
        for resource in gathered.plain(Plain::Certificate) {
            self.read_certificate(resource);
        }
        for resource in gathered.plain(Plain::Schema) {
            let schema = self.read_schema(resource);
            self.insert(Entity::Schema(Arc::new(schema)));
        }
        self.read_identity_providers();
        self.read_fragments();
    }

    fn read_fragments(&mut self) {
        for fragment in &self.gathered.fragments {
            let properties = self.properties(&fragment.resource);
            let id = fragment.resource.name.as_str();
            let (body, path) = match (&fragment.policy, properties.text("value")) {
                (Some(policy), _) => (policy.file.text.to_string(), Some(policy.file.path.clone())),
                (None, Some(value)) => (value, origin(&fragment.resource)),
                (None, None) => {
                    let message = format!("fragment `{id}` has no text: neither `policy.xml` nor `properties.value`");
                    let finding =
                        Finding::error(codes::NO_INFORMATION, message).from_origin(origin(&fragment.resource).as_ref());
                    self.findings.add(finding);
                    continue;
                }
            };
            if let Some(policy) = &fragment.policy {
                self.check_placeholders(policy);
            }
            let format = super::format_of(properties.text("format").as_deref().filter(|_| fragment.policy.is_none()));
            let description = properties.filled("description");
            let entity = Fragment { description, format, origin: path, ..Fragment::new(id, body) };
            self.insert(Entity::Fragment(Arc::new(entity)));
        }
    }

    fn read_logger(&mut self, resource: &'a Resource) {
        let properties = self.properties(resource);
        let kind = match properties.text("loggerType").unwrap_or_default().to_ascii_lowercase().as_str() {
            "azureeventhub" => LoggerKind::AzureEventHub,
            "applicationinsights" => LoggerKind::ApplicationInsights,
            "azuremonitor" => LoggerKind::AzureMonitor,
            other => LoggerKind::Other(other.to_owned()),
        };
        let mut credentials = Vec::new();
        if let Some(given) = properties.object("credentials") {
            for (name, values) in properties.text_lists("credentials") {
                for value in values {
                    match self.fill(&value) {
                        Ok(value) => credentials.push((name.clone(), Secret::from(value))),
                        // Logging must not stop requests: the logger is served without the credential, and says so when it is used.
                        Err(unfilled) => {
                            let message = format!("logger `{}` cannot be used: {unfilled}", resource.name);
                            given.report(&name, Finding::warning(codes::NO_NAMED_VALUE, message));
                        }
                    }
                }
            }
        }
        let entity = Logger {
            id: resource.name.as_str().into(),
            kind,
            description: properties.filled("description"),
            credentials,
            buffered: properties.flag("isBuffered").unwrap_or(true),
            resource_id: properties.filled("resourceId"),
            origin: origin(resource),
        };
        self.insert(Entity::Logger(Arc::new(entity)));
    }

    pub(super) fn read_diagnostic(&mut self, resource: &'a Resource, api: Option<ApiId>) {
        let properties = self.properties(resource);
        let sampling = properties.object("sampling").and_then(|sampling| sampling.value("percentage")?.as_f64());
        let verbosity =
            [("verbose", Verbosity::Verbose), ("information", Verbosity::Information), ("error", Verbosity::Error)];
        let correlation =
            [("None", HttpCorrelation::None), ("Legacy", HttpCorrelation::Legacy), ("W3C", HttpCorrelation::W3c)];
        let pipeline = |name: &str| properties.object(name).map(|side| read_pipeline(&side)).unwrap_or_default();
        let entity = Diagnostic {
            id: resource.name.as_str().into(),
            api,
            logger: properties.reference("loggerId").map(|id| self.names.spell("loggers", &id).into()),
            always_log_errors: properties.text("alwaysLog").is_some_and(|text| text.eq_ignore_ascii_case("allErrors")),
            sampling_percentage: sampling.unwrap_or(100.0),
            verbosity: properties.one_of("verbosity", &verbosity).unwrap_or_default(),
            http_correlation: properties.one_of("httpCorrelationProtocol", &correlation).unwrap_or_default(),
            operation_name_is_url: properties
                .text("operationNameFormat")
                .is_some_and(|text| text.eq_ignore_ascii_case("Url")),
            log_client_ip: properties.flag("logClientIp").unwrap_or(false),
            metrics: properties.flag("metrics").unwrap_or(false),
            frontend: pipeline("frontend"),
            backend: pipeline("backend"),
            origin: origin(resource),
        };
        self.insert(Entity::Diagnostic(Arc::new(entity)));
    }

    fn read_cache(&mut self, resource: &'a Resource) {
        let properties = self.properties(resource);
        let given = self.secret(resource, "caches", &resource.name, "connection-string", "connectionString");
        let connection_string = match given.map(|text| self.fill(text.expose())) {
            None => None,
            Some(Ok(text)) => Some(Secret::from(text)),
            Some(Err(unfilled)) => {
                let message = format!("cache `{}` cannot be used: {unfilled}", resource.name);
                properties.report("connectionString", Finding::error(codes::NO_NAMED_VALUE, message));
                None
            }
        };
        let entity = Cache {
            id: resource.name.as_str().into(),
            connection_string,
            use_from_location: properties.filled("useFromLocation").unwrap_or_else(|| "default".into()),
            description: properties.filled("description"),
            origin: origin(resource),
        };
        self.insert(Entity::Cache(Arc::new(entity)));
    }

    fn read_certificate(&mut self, resource: &'a Resource) {
        let properties = self.properties(resource);
        let data = self.secret(resource, "certificates", &resource.name, "data", "data");
        let password = self.secret(resource, "certificates", &resource.name, "password", "password");
        let mut entity = Certificate {
            id: resource.name.as_str().into(),
            thumbprint: properties.filled("thumbprint"),
            subject: properties.filled("subject"),
            expiration_date: properties.filled("expirationDate"),
            origin: origin(resource),
            ..Certificate::default()
        };
        match data {
            Some(data) => {
                match open_certificate(data.expose(), password.as_ref().map_or("", |password| password.expose())) {
                    Ok(opened) => {
                        entity.thumbprint = Some(opened.thumbprint);
                        entity.subject = entity.subject.or(Some(opened.subject));
                        entity.pem = Some(opened.pem);
                        if opened.has_key {
                            (entity.pfx_base64, entity.password) = (Some(data), password);
                        }
                    }
                    Err(problem) => {
                        let message = format!("certificate `{}` cannot be opened: {problem}", resource.name);
                        properties.report("data", Finding::error(codes::BAD_CERTIFICATE, message));
                    }
                }
            }
            None => {
                let message = format!("certificate `{}` has no `data`: what needs it fails", resource.name);
                let finding = Finding::warning(codes::NO_SECRET, message);
                properties.report(
                    "data",
                    finding.with_help("name its file in the secrets file, below `[certificates.<id>]`"),
                );
            }
        }
        self.insert(Entity::Certificate(Arc::new(entity)));
    }

    pub(super) fn read_schema(&self, resource: &'a Resource) -> Schema {
        let properties = self.properties(resource);
        let document = properties.value("document");
        let inner = document.and_then(|document| document.get("value")).and_then(serde_json::Value::as_str);
        let text = inner
            .map(str::to_owned)
            .or_else(|| properties.value("value").map(as_text))
            .or_else(|| document.map(as_text));
        Schema {
            id: resource.name.as_str().into(),
            content_type: properties.text("contentType").or_else(|| properties.text("schemaType")).unwrap_or_default(),
            text: Arc::from(text.unwrap_or_default()),
            origin: origin(resource),
        }
    }

    fn read_identity_providers(&mut self) {
        let kinds = [
            (Plain::AuthorizationServer, IdentityProviderKind::AuthorizationServer),
            (Plain::OpenIdProvider, IdentityProviderKind::OpenIdProvider),
        ];
        for (plain, kind) in kinds {
            for resource in self.gathered.plain(plain) {
                let properties = self.properties(resource);
                let entity = IdentityProvider {
                    id: resource.name.as_str().into(),
                    kind,
                    display_name: properties.filled("displayName").unwrap_or_else(|| resource.name.clone()),
                    token_endpoint: properties.filled("tokenEndpoint"),
                    authorization_endpoint: properties.filled("authorizationEndpoint"),
                    metadata_endpoint: properties.filled("metadataEndpoint"),
                    client_id: properties.filled("clientId"),
                    client_secret: properties.filled("clientSecret").map(Secret::from),
                    origin: origin(resource),
                };
                self.insert(Entity::IdentityProvider(Arc::new(entity)));
            }
        }
    }
}

fn as_text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A version set, from its own file or from inside an API.
pub(super) fn read_version_set(id: &str, properties: &Properties<'_>, origin: Option<Arc<str>>) -> VersionSet {
    let name = properties.filled("displayName").or_else(|| properties.filled("name"));
    VersionSet {
        id: id.into(),
        display_name: name.unwrap_or_else(|| id.to_owned()),
        description: properties.filled("description"),
        scheme: properties.one_of("versioningScheme", &SCHEMES).unwrap_or_default(),
        header_name: properties.filled("versionHeaderName"),
        query_name: properties.filled("versionQueryName"),
        origin,
    }
}

fn read_pipeline(side: &Properties<'_>) -> PipelineDiagnostic {
    let message = |name: &str| side.object(name).map(|message| read_message(&message)).unwrap_or_default();
    PipelineDiagnostic { request: message("request"), response: message("response") }
}

fn read_message(message: &Properties<'_>) -> MessageDiagnostic {
    let modes = [("Mask", MaskingMode::Mask), ("Hide", MaskingMode::Hide)];
    let masking = |name: &str| -> Vec<Masking> {
        let items = message.object("dataMasking").map(|masking| masking.objects(name)).unwrap_or_default();
        let read = items.into_iter().map(|item| Masking {
            name: item.text("value").unwrap_or_default(),
            mode: item.one_of("mode", &modes).unwrap_or_default(),
        });
        read.collect()
    };
    MessageDiagnostic {
        headers: message.texts("headers"),
        body_bytes: message.object("body").and_then(|body| body.number("bytes", 0, u32::MAX)).unwrap_or(0),
        masked_headers: masking("headers"),
        masked_query: masking("queryParams"),
    }
}

struct Opened {
    thumbprint: String,
    subject: String,
    pem: String,
    has_key: bool,
}

/// Opens PKCS#12, PEM or DER in Base64, or PEM as it is.
fn open_certificate(data: &str, password: &str) -> Result<Opened, String> {
    use openssl::{hash::MessageDigest, pkcs12::Pkcs12, x509::X509};
    let bytes = if data.trim_start().starts_with("-----BEGIN") {
        data.as_bytes().to_vec()
    } else {
        let packed: String = data.chars().filter(|c| !c.is_whitespace()).collect();
        base64::engine::general_purpose::STANDARD.decode(packed).map_err(|_| "it is not Base64".to_owned())?
    };
    let (certificate, has_key) = match Pkcs12::from_der(&bytes) {
        Ok(pkcs12) => {
            let parsed = pkcs12
                .parse2(password)
                .map_err(|_| "its password is wrong, or its encryption is not supported".to_owned())?;
            (parsed.cert.ok_or("it holds no certificate")?, parsed.pkey.is_some())
        }
        Err(_) => {
            let certificate = X509::from_pem(&bytes).or_else(|_| X509::from_der(&bytes));
            (certificate.map_err(|_| "it is neither PKCS#12 nor a certificate".to_owned())?, false)
        }
    };
    let failed = |error: openssl::error::ErrorStack| error.to_string();
    let digest = certificate.digest(MessageDigest::sha1()).map_err(failed)?;
    let names = certificate.subject_name().entries().filter_map(|entry| {
        Some(format!("{}={}", entry.object().nid().short_name().ok()?, entry.data().to_string().ok()?))
    });
    let mut names: Vec<_> = names.collect();
    // The vendor writes the most specific part first.
    names.reverse();
    Ok(Opened {
        thumbprint: digest.iter().map(|byte| format!("{byte:02X}")).collect(),
        subject: names.join(", "),
        pem: String::from_utf8(certificate.to_pem().map_err(failed)?).map_err(|_| "not text".to_owned())?,
        has_key,
    })
}

/// Where a finding about a resource stands.
pub(super) fn placed(finding: Finding, resource: &Resource, field: &str) -> Finding {
    match &resource.file {
        Some(file) => text::place(finding.on_field(field), file),
        None => finding,
    }
}
