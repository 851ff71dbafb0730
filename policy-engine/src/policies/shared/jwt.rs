//! Judging a token: where it stands in the request, whose keys sign it, and what its claims must say. Shared by the policies that
//! validate tokens; each of them decides what is asked and what the client is told.
//!
//! Order of the checks, which decides the reason: presence, form, decryption, signature, lifetime, audience, issuer, claims.
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use http::{HeaderName, header};
use openssl::pkcs12::Pkcs12;
use openssl::x509::X509;
use serde_json::Value as Json;

use super::jose::{DecryptKey, Object, Signature, Token, VerifyKey, base64, decrypt, is_encrypted};
use super::jwks::{self, Provider};
use super::token_cache::{self, OwnKeys};
use super::uri;
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Refused};
use crate::diagnostics::codes;
use crate::program::Attr;
use crate::run::{Cx, EvalState, PolicyError, keywords};

const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks of 1970-01-01.
const UNIX_EPOCH: i64 = 621_355_968_000_000_000;

/// Why a token is refused: `LastError.Reason` and the text of `LastError.Message`.
#[derive(Debug)]
pub(in crate::policies) struct Rejection {
    pub(in crate::policies) reason: &'static str,
    pub(in crate::policies) message: String,
}

impl Rejection {
    pub(in crate::policies) fn new(reason: &'static str, message: impl Into<String>) -> Rejection {
        Rejection { reason, message: message.into() }
    }

    fn invalid(message: impl Into<String>) -> Rejection {
        Rejection::new("JwtInvalid", message)
    }
}

/// A refused token, or a fault of an expression on the way.
pub(in crate::policies) enum Verdict {
    Rejected(Rejection),
    Fault(PolicyError),
}

impl From<Rejection> for Verdict {
    fn from(r: Rejection) -> Verdict {
        Verdict::Rejected(r)
    }
}

impl From<PolicyError> for Verdict {
    fn from(e: PolicyError) -> Verdict {
        Verdict::Fault(e)
    }
}

// === where the token stands ===

/// Attributes that say where the token stands.
pub(in crate::policies) const HEADER_NAME: AttributeSpec =
    AttributeSpec::optional("header-name", "header that holds the token");
pub(in crate::policies) const QUERY_NAME: AttributeSpec =
    AttributeSpec::optional("query-parameter-name", "query parameter that holds the token");
pub(in crate::policies) const TOKEN_VALUE: AttributeSpec =
    AttributeSpec::optional("token-value", "the token itself, without a scheme");

/// Where the token stands.
pub(in crate::policies) enum Place {
    Header(Attr<HeaderName>),
    Query(Attr<String>),
    Value(Attr<String>),
}

impl Place {
    /// Reads the three attributes; `default` is the header where none is written.
    pub(in crate::policies) fn read(node: &mut Node<'_, '_>, default: Option<HeaderName>) -> Result<Place, Refused> {
        let header = node.optional("header-name");
        let query = node.optional("query-parameter-name");
        let value = node.optional("token-value");
        match (header?, query?, value?, default) {
            (Some(name), None, None, _) => Ok(Place::Header(name)),
            (None, Some(name), None, _) => Ok(Place::Query(name)),
            (None, None, Some(value), _) => Ok(Place::Value(value)),
            (None, None, None, Some(name)) => Ok(Place::Header(Attr::Const(name))),
            (None, None, None, None) => {
                let message = "one of `header-name`, `query-parameter-name` and `token-value` is needed";
                node.fail(codes::MISSING_ATTRIBUTE, message, None)
            }
            _ => {
                let name = node.name().to_owned();
                let message =
                    format!("`{name}` takes only one of `header-name`, `query-parameter-name` and `token-value`");
                node.fail(codes::CONFLICTING_ATTRIBUTES, message, None)
            }
        }
    }

    /// The token; `None` if there is none. A scheme only counts for `Authorization`.
    pub(in crate::policies) fn find(
        &self,
        cx: &mut Cx<'_>,
        scheme: Option<&Attr<String>>,
    ) -> Result<Option<String>, PolicyError> {
        let found = match self {
            Place::Header(name) => {
                let name = name.get(cx)?;
                let scheme = match scheme.filter(|_| *name == header::AUTHORIZATION) {
                    Some(scheme) => scheme.text(cx)?.map(Cow::into_owned),
                    None => None,
                };
                let line = cx.state.request.headers.get(&*name);
                // A token is ASCII; what is not is none, and is told as such.
                let line =
                    line.map(|v| v.to_str().map_or_else(|_| String::from_utf8_lossy(v.as_bytes()), Cow::Borrowed));
                line.and_then(|line| without_scheme(&line, scheme.as_deref()))
            }
            Place::Query(name) => {
                let name = name.text(cx)?.unwrap_or_default();
                query_value(&cx.state.request.target.query, &name)
            }
            Place::Value(value) => value.text(cx)?.map(|v| v.trim().to_owned()),
        };
        Ok(found.filter(|token| !token.is_empty()))
    }
}

/// With a required scheme only what follows it; otherwise a leading `Bearer` may stand there or not.
fn without_scheme(line: &str, required: Option<&str>) -> Option<String> {
    let line = line.trim();
    let split = line.split_once(char::is_whitespace);
    match (required.filter(|r| !r.is_empty()), split) {
        (Some(wanted), Some((scheme, rest))) if scheme.eq_ignore_ascii_case(wanted) => Some(rest.trim().to_owned()),
        (Some(_), _) => None,
        (None, Some((scheme, rest))) if scheme.eq_ignore_ascii_case("Bearer") => Some(rest.trim().to_owned()),
        (None, _) if line.eq_ignore_ascii_case("Bearer") => None,
        (None, _) => Some(line.to_owned()),
    }
}

fn query_value(query: &str, name: &str) -> Option<String> {
    let pair = uri::pairs(query).find(|(_, found)| found.eq_ignore_ascii_case(name))?.0;
    let value = pair.split_once('=').map_or("", |(_, v)| v);
    Some(uri::decode(&value.replace('+', " ")).trim().to_owned())
}

// === keys ===

/// Attributes of a `key`.
pub(in crate::policies) const KEY: &[AttributeSpec] = &[
    AttributeSpec::optional("id", "matched with the token's `kid`").literal(),
    AttributeSpec::optional("certificate-id", "certificate whose key it is").literal(),
    AttributeSpec::optional("n", "modulus of an RSA key, Base64url").literal(),
    AttributeSpec::optional("e", "exponent of an RSA key, Base64url").literal(),
];

/// A certificate of the configuration, read on first use. Documents are compiled anew when a certificate changes.
pub(in crate::policies) struct FromCertificate<K> {
    certificate: String,
    key: OnceLock<Option<K>>,
}

impl<K> FromCertificate<K> {
    fn new(certificate: String) -> FromCertificate<K> {
        FromCertificate { certificate, key: OnceLock::new() }
    }

    fn get(&self, state: &EvalState, read: impl FnOnce(&config_model::Certificate) -> Option<K>) -> Option<&K> {
        let find = || {
            let named = |c: &&Arc<config_model::Certificate>| {
                c.id.as_str().eq_ignore_ascii_case(&self.certificate)
                    || c.thumbprint.as_ref().is_some_and(|t| t.eq_ignore_ascii_case(&self.certificate))
            };
            read(state.facts.snapshot.certificates.values().find(named)?)
        };
        self.key.get_or_init(find).as_ref()
    }
}

/// A key for signatures.
pub(in crate::policies) enum SigningKey {
    Known(VerifyKey),
    Certificate(FromCertificate<VerifyKey>, Option<String>),
    /// A shared secret by expression.
    Computed(Attr<String>, Option<String>),
}

/// A key for encrypted tokens.
pub(in crate::policies) enum OpeningKey {
    Known(DecryptKey),
    Certificate(FromCertificate<DecryptKey>),
}

impl SigningKey {
    /// Reads a `key` of `issuer-signing-keys`.
    pub(in crate::policies) fn read(node: &mut Node<'_, '_>) -> Result<SigningKey, Refused> {
        let id: Option<String> = node.literal_or_none("id")?;
        let certificate: Option<String> = node.literal_or_none("certificate-id")?;
        let (n, e): (Option<String>, Option<String>) = (node.literal_or_none("n")?, node.literal_or_none("e")?);
        let forms = [certificate.is_some(), n.is_some() || e.is_some(), node.has_text()];
        if forms.iter().filter(|f| **f).count() != 1 {
            let message = "a `key` is either text in Base64, or a `certificate-id`, or `n` and `e`";
            return node.fail(codes::CONFLICTING_ATTRIBUTES, message, None);
        }
        if let Some(certificate) = certificate {
            node.check_certificate("certificate-id", &certificate)?;
            return Ok(SigningKey::Certificate(FromCertificate::new(certificate), id));
        }
        if n.is_some() || e.is_some() {
            let key = n.zip(e).and_then(|(n, e)| VerifyKey::rsa(id, &base64(&n)?, &base64(&e)?).ok());
            return match key {
                Some(key) => Ok(SigningKey::Known(key)),
                None => node.fail(codes::BAD_VALUE, "`n` and `e` do not make an RSA key", Some("both are Base64url")),
            };
        }
        match node.trimmed_text::<String>()? {
            Attr::Const(text) => match base64(&text) {
                Some(secret) => Ok(SigningKey::Known(VerifyKey::secret(id, secret))),
                None => node.fail_text(codes::BAD_VALUE, "the key is not Base64", None),
            },
            computed => Ok(SigningKey::Computed(computed, id)),
        }
    }

    /// Does each request compute it?
    pub(in crate::policies) fn is_computed(&self) -> bool {
        matches!(self, SigningKey::Computed(..))
    }

    fn get<'k>(
        &'k self,
        cx: &mut Cx<'_>,
        computed: &'k OnceLock<VerifyKey>,
    ) -> Result<Option<&'k VerifyKey>, PolicyError> {
        Ok(match self {
            SigningKey::Known(key) => Some(key),
            SigningKey::Certificate(from, id) => from.get(cx.state, |c| certificate_key(c, id.clone())),
            SigningKey::Computed(text, id) => {
                let text = text.text(cx)?.unwrap_or_default();
                let secret = base64(&text).ok_or_else(|| PolicyError::evaluation("The signing key is not Base64."))?;
                Some(computed.get_or_init(|| VerifyKey::secret(id.clone(), secret)))
            }
        })
    }
}

fn certificate_key(c: &config_model::Certificate, id: Option<String>) -> Option<VerifyKey> {
    let cert = match (&c.pfx_base64, &c.pem) {
        (Some(pfx), _) => open_pfx(c, pfx.expose())?.cert?,
        (None, Some(pem)) => X509::from_pem(pem.as_bytes()).ok()?,
        (None, None) => return None,
    };
    VerifyKey::public(id, cert.public_key().ok()?)
}

fn private_key(c: &config_model::Certificate) -> Option<DecryptKey> {
    open_pfx(c, c.pfx_base64.as_ref()?.expose())?.pkey.map(DecryptKey::Rsa)
}

fn open_pfx(c: &config_model::Certificate, pfx: &str) -> Option<openssl::pkcs12::ParsedPkcs12_2> {
    let password = c.password.as_ref().map_or("", |p| p.expose().as_str());
    Pkcs12::from_der(&base64(pfx)?).ok()?.parse2(password).ok()
}

impl OpeningKey {
    /// Reads a `key` of `decryption-keys`.
    pub(in crate::policies) fn read(node: &mut Node<'_, '_>) -> Result<OpeningKey, Refused> {
        let certificate: Option<String> = node.literal_or_none("certificate-id")?;
        if let Some(certificate) = certificate {
            node.check_certificate("certificate-id", &certificate)?;
            return Ok(OpeningKey::Certificate(FromCertificate::new(certificate)));
        }
        match node.trimmed_text::<String>()? {
            Attr::Const(text) => match base64(&text).filter(|key| !key.is_empty()) {
                Some(secret) => Ok(OpeningKey::Known(DecryptKey::Secret(secret))),
                None => node.fail_text(codes::BAD_VALUE, "the key is not Base64", None),
            },
            Attr::Expr(_) => node.fail_text(codes::EXPRESSION_NOT_ALLOWED, "a decryption key cannot be computed", None),
        }
    }

    fn get(&self, state: &EvalState) -> Option<&DecryptKey> {
        match self {
            OpeningKey::Known(key) => Some(key),
            OpeningKey::Certificate(from) => from.get(state, private_key),
        }
    }
}

// === claims ===

keywords! {
    /// How many of a claim's values must be there.
    pub(in crate::policies) enum Match {
        All = "all",
        Any = "any",
    }
}

/// Description of `required-claims`.
pub(in crate::policies) const REQUIRED_CLAIMS: ChildSpec = ChildSpec::maybe(
    "required-claims",
    &[],
    Content::Children(&[ChildSpec::many(
        "claim",
        &[
            AttributeSpec::required("name", "name of the claim"),
            AttributeSpec::optional("match", "`all` values must be there (default), or `any`"),
            AttributeSpec::optional("separator", "splits a claim that is text"),
        ],
        Content::Children(&[ChildSpec::many("value", &[], Content::Text)]),
    )
    .at_least(1)]),
);

/// A claim that must be there.
pub(in crate::policies) struct RequiredClaim {
    name: Attr<String>,
    which: Attr<Match>,
    separator: Option<Attr<String>>,
    values: Vec<Attr<String>>,
}

impl RequiredClaim {
    /// Reads all `claim`s of `required-claims`.
    pub(in crate::policies) fn read(node: &mut Node<'_, '_>) -> Result<Vec<RequiredClaim>, Refused> {
        let all = node.child("required-claims", |n| {
            n.each("claim", |c| {
                let name = c.required("name");
                let which = c.or("match", Match::All);
                let separator = c.optional("separator");
                let values = c.each("value", |v| v.trimmed_text());
                Ok(RequiredClaim { name: name?, which: which?, separator: separator?, values: values? })
            })
        });
        Ok(all?.unwrap_or_default())
    }

    /// The token's values of this claim; `None` if it has none.
    fn found(&self, cx: &mut Cx<'_>, claims: &Object, name: &str) -> Result<Option<Vec<String>>, PolicyError> {
        let Some(value) = claims.get(name) else { return Ok(None) };
        let texts = texts(value);
        let separator = match &self.separator {
            Some(s) => s.text(cx)?.filter(|s| !s.is_empty()),
            None => None,
        };
        Ok(Some(match (value, separator) {
            (Json::String(text), Some(separator)) => {
                text.split(&*separator).filter(|t| !t.is_empty()).map(str::to_owned).collect()
            }
            _ => texts,
        }))
    }
}

/// Texts of a claim: one for each element of an array. Numbers and booleans are their JSON text.
pub(in crate::policies) fn texts(value: &Json) -> Vec<String> {
    let one = |v: &Json| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    match value {
        Json::Array(items) => items.iter().map(one).collect(),
        other => vec![one(other)],
    }
}

/// All required claims: those that are missing are named together.
fn check_claims(cx: &mut Cx<'_>, claims: &Object, required: &[RequiredClaim]) -> Result<(), Verdict> {
    let mut missing = Vec::new();
    let mut wrong = None;
    for claim in required {
        let name = claim.name.text(cx)?.unwrap_or_default().into_owned();
        let Some(found) = claim.found(cx, claims, &name)? else {
            missing.push(name);
            continue;
        };
        let mut wanted = Vec::with_capacity(claim.values.len());
        for value in &claim.values {
            wanted.push(value.text(cx)?.unwrap_or_default().into_owned());
        }
        let fits = match *claim.which.get(cx)? {
            Match::All => wanted.iter().all(|w| found.contains(w)),
            Match::Any => wanted.is_empty() || wanted.iter().any(|w| found.contains(w)),
        };
        if !fits && wrong.is_none() {
            wrong = Some(format!("Claim {name} value of {} is not allowed. Access denied.", found.join(", ")));
        }
    }
    if !missing.is_empty() {
        let message = format!("JWT token is missing the following claims: {}. Access denied.", missing.join(", "));
        return Err(Rejection::new("TokenClaimNotFound", message).into());
    }
    match wrong {
        Some(message) => Err(Rejection::new("TokenClaimValueNotAllowed", message).into()),
        None => Ok(()),
    }
}

// === the judgement ===

/// What is asked of a token; texts are evaluated for the request at hand.
pub(in crate::policies) struct Rules<'r> {
    pub(in crate::policies) signing: &'r [SigningKey],
    /// Stands for `signing`, unless one of them is computed for each request.
    pub(in crate::policies) own_keys: Option<OwnKeys>,
    pub(in crate::policies) require_signed: bool,
    pub(in crate::policies) require_expiration: bool,
    /// Seconds.
    pub(in crate::policies) skew: i64,
    /// Empty: not checked.
    pub(in crate::policies) audiences: Vec<String>,
    /// Besides those of the providers; both empty: not checked.
    pub(in crate::policies) issuers: Vec<String>,
    pub(in crate::policies) claims: &'r [RequiredClaim],
}

/// Reads the token, opening it first if it is encrypted. Needs no keys of a provider, so garbage costs no fetch.
pub(in crate::policies) fn read(
    state: &EvalState,
    text: &str,
    opening: &[OpeningKey],
) -> Result<Arc<Token>, Rejection> {
    let opened = if is_encrypted(text) {
        let inner = decrypt(text, opening.iter().filter_map(|k| k.get(state)));
        Some(inner.ok_or_else(|| Rejection::invalid("The token cannot be decrypted."))?)
    } else {
        None
    };
    let text = opened.as_deref().unwrap_or(text).trim();
    let token = token_cache::find(text).or_else(|| Token::read(text).map(Arc::new));
    token.ok_or_else(|| Rejection::invalid("The token is not well formed."))
}

/// Judges a token that was read.
pub(in crate::policies) fn judge(
    cx: &mut Cx<'_>,
    token: &Arc<Token>,
    rules: &Rules<'_>,
    providers: &[Arc<Provider>],
) -> Result<(), Verdict> {
    signature(cx, token, rules, providers)?;
    lifetime(cx.host.utc_ticks(), token, rules)?;
    audience(token, rules)?;
    issuer(token, rules, providers)?;
    check_claims(cx, &token.claims, rules.claims)
}

fn signature(
    cx: &mut Cx<'_>,
    token: &Arc<Token>,
    rules: &Rules<'_>,
    providers: &[Arc<Provider>],
) -> Result<(), Verdict> {
    if rules.own_keys.is_some_and(|own| token.is_good_with(own, providers)) {
        return Ok(());
    }
    let computed: Vec<OnceLock<VerifyKey>> = rules.signing.iter().map(|_| OnceLock::new()).collect();
    let mut own = Vec::with_capacity(rules.signing.len());
    for (key, slot) in rules.signing.iter().zip(&computed) {
        own.extend(key.get(cx, slot)?);
    }
    let keys = own.into_iter().chain(providers.iter().flat_map(|p| &p.keys));
    let keys: Vec<&VerifyKey> = keys.collect();
    let denied = |reason, text: &str| Err(Rejection::new(reason, format!("{text} Access denied.")).into());
    match token.verify(keys.iter().copied()) {
        Signature::Good => {
            if let Some(own) = rules.own_keys {
                token.note_good_with(own, providers);
            }
            // One that somebody else holds is in the cache already.
            if Arc::strong_count(token) == 1 {
                token_cache::keep(token);
            }
            Ok(())
        }
        Signature::Unsigned if !rules.require_signed => Ok(()),
        Signature::Unsigned => Err(Rejection::invalid("The token is not signed.").into()),
        Signature::NoKey => {
            let failure = providers.iter().find_map(|p| p.failure.as_deref()).unwrap_or_default();
            denied("TokenSignatureKeyNotFound", format!("No key verifies the token's signature. {failure}").trim_end())
        }
        Signature::Bad => denied("TokenSignatureInvalid", "The token's signature is not valid."),
    }
}

fn seconds(claims: &Object, name: &str) -> Result<Option<f64>, Rejection> {
    match claims.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Number(n)) => Ok(n.as_f64()),
        Some(_) => Err(Rejection::invalid(format!("Claim {name} is not a number."))),
    }
}

fn lifetime(now: i64, token: &Token, rules: &Rules<'_>) -> Result<(), Rejection> {
    #[expect(clippy::cast_precision_loss, reason = "seconds of this epoch fit a double exactly")]
    let (now, skew) = ((now.saturating_sub(UNIX_EPOCH) / TICKS_PER_SECOND) as f64, rules.skew as f64);
    let (expires, begins) = (seconds(&token.claims, "exp")?, seconds(&token.claims, "nbf")?);
    match expires {
        None if rules.require_expiration => return Err(Rejection::invalid("The token has no expiration time.")),
        Some(expires) if now >= expires + skew => {
            return Err(Rejection::new("TokenExpired", "The token is expired. Access denied."));
        }
        _ => {}
    }
    match begins {
        Some(begins) if now < begins - skew => Err(Rejection::invalid("The token is not yet valid.")),
        _ => Ok(()),
    }
}

/// A trailing `/` makes no difference, as in the vendor's library.
fn same_audience(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

fn audience(token: &Token, rules: &Rules<'_>) -> Result<(), Rejection> {
    if rules.audiences.is_empty() {
        return Ok(());
    }
    let found = token.claims.get("aud").map(texts).unwrap_or_default();
    if found.iter().any(|f| rules.audiences.iter().any(|a| same_audience(a, f))) {
        return Ok(());
    }
    let message = format!("Audience `{}` is not allowed. Access denied.", found.join(", "));
    Err(Rejection::new("TokenAudienceNotAllowed", message))
}

fn issuer(token: &Token, rules: &Rules<'_>, providers: &[Arc<Provider>]) -> Result<(), Rejection> {
    let tenant = token.claim("tid").unwrap_or("{tenantid}");
    let published = providers.iter().filter_map(|p| p.issuer.as_ref()).map(|i| i.replace("{tenantid}", tenant));
    let allowed: Vec<String> = rules.issuers.iter().cloned().chain(published).collect();
    let found = token.claim("iss").unwrap_or("");
    if allowed.is_empty() || allowed.iter().any(|i| i == found) {
        return Ok(());
    }
    Err(Rejection::new("TokenIssuerNotAllowed", format!("Issuer `{found}` is not allowed. Access denied.")))
}

/// The providers that are kept for these addresses.
pub(in crate::policies) fn providers(cx: &Cx<'_>, urls: &[String]) -> Vec<Arc<Provider>> {
    urls.iter().filter_map(|url| jwks::kept(&*cx.host, url)).collect()
}

/// Evaluates texts.
pub(in crate::policies) fn evaluate(cx: &mut Cx<'_>, all: &[Attr<String>]) -> Result<Vec<String>, PolicyError> {
    all.iter().map(|t| Ok(t.text(cx)?.unwrap_or_default().into_owned())).collect()
}
