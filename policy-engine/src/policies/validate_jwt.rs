//! `validate-jwt`: lets a request pass only with a token that is signed, current and says what is asked. Inbound, every scope.
//!
//! Keys stand in the policy or are published by identity providers (`openid-config`); theirs are fetched through the host and kept
//! beside the revision. A provider's issuer is allowed besides those listed. What was wrong stands in `LastError`; the client is
//! told `JWT not present.` or `Invalid JWT.` unless the author writes another text. Documented gotcha that is not copied: an RSA
//! token against a shared secret is 401 here, not 500. Follows the public page `validate-jwt-policy`.
use std::sync::Arc;

use super::shared::jose::Token;
use super::shared::jwks;
use super::shared::jwt::{
    HEADER_NAME, KEY, OpeningKey, Place, QUERY_NAME, REQUIRED_CLAIMS, Rejection, RequiredClaim, Rules, SigningKey,
    TOKEN_VALUE, Verdict, evaluate, judge, providers, read,
};
use super::shared::places::{EVERY_SCOPE, INBOUND};
use super::shared::token_cache::OwnKeys;
use super::shared::token_refusal::{self, TokenRefusal};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{Cx, Eventually, Flow, StepResult};

pub(super) struct ValidateJwt;

const KEYS: Content = Content::Children(&[ChildSpec::many("key", KEY, Content::Text).at_least(1)]);

const SPEC: Spec = Spec {
    element: "validate-jwt",
    summary: "lets a request pass only with a valid JSON web token",
    sections: INBOUND,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        HEADER_NAME,
        QUERY_NAME,
        TOKEN_VALUE,
        token_refusal::STATUS,
        token_refusal::MESSAGE,
        AttributeSpec::optional("require-expiration-time", "must `exp` be there (default `true`)?"),
        AttributeSpec::optional("require-scheme", "scheme that must stand before the token in `Authorization`"),
        AttributeSpec::optional("require-signed-tokens", "are unsigned tokens refused (default `true`)?"),
        AttributeSpec::optional("clock-skew", "tolerance for `exp` and `nbf` in seconds"),
        AttributeSpec::optional("output-token-variable-name", "variable that gets the `Jwt`").literal(),
    ],
    content: Content::Children(&[
        ChildSpec::many(
            "openid-config",
            &[
                AttributeSpec::required("url", "address of the discovery document"),
                AttributeSpec::optional("validate-connectivity", "accepted, without effect here").literal(),
            ],
            Content::Empty,
        ),
        ChildSpec::maybe("issuer-signing-keys", &[], KEYS),
        ChildSpec::maybe("decryption-keys", &[], KEYS),
        ChildSpec::maybe(
            "audiences",
            &[],
            Content::Children(&[ChildSpec::many("audience", &[], Content::Text).at_least(1)]),
        ),
        ChildSpec::maybe(
            "issuers",
            &[],
            Content::Children(&[ChildSpec::many("issuer", &[], Content::Text).at_least(1)]),
        ),
        REQUIRED_CLAIMS,
    ]),
    example: r#"<validate-jwt header-name="Authorization" require-scheme="Bearer"><openid-config url="https://login.example/.well-known/openid-configuration" /><audiences><audience>api://orders</audience></audiences></validate-jwt>"#,
};

impl Policy for ValidateJwt {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let place = Place::read(node, None);
        let scheme = node.optional("require-scheme");
        let refusal = TokenRefusal::compile(node, "JWT not present.", "Invalid JWT.");
        let require_expiration = node.or("require-expiration-time", true);
        let require_signed = node.or("require-signed-tokens", true);
        let skew = node.or("clock-skew", 0);
        let output = node.literal_or_none("output-token-variable-name");
        let configs = node.each("openid-config", |n| {
            let url = n.required("url");
            n.literal_or("validate-connectivity", true)?;
            url
        });
        let signing = node.child("issuer-signing-keys", |n| n.each("key", SigningKey::read));
        let opening = node.child("decryption-keys", |n| n.each("key", OpeningKey::read));
        let audiences = node.child("audiences", |n| n.each("audience", |a| a.trimmed_text()));
        let issuers = node.child("issuers", |n| n.each("issuer", |i| i.trimmed_text()));
        let claims = RequiredClaim::read(node);
        let signing = signing?.unwrap_or_default();
        Ok(Op::async_step(Compiled {
            place: place?,
            scheme: scheme?,
            refusal: refusal?,
            require_expiration: require_expiration?,
            require_signed: require_signed?,
            skew: skew?,
            output: output?,
            configs: configs?,
            own_keys: (!signing.iter().any(SigningKey::is_computed)).then(OwnKeys::new),
            signing,
            opening: opening?.unwrap_or_default(),
            audiences: audiences?.unwrap_or_default(),
            issuers: issuers?.unwrap_or_default(),
            claims: claims?,
        }))
    }
}

struct Compiled {
    place: Place,
    scheme: Option<Attr<String>>,
    refusal: TokenRefusal,
    require_expiration: Attr<bool>,
    require_signed: Attr<bool>,
    skew: Attr<i64>,
    output: Option<Arc<str>>,
    configs: Vec<Attr<String>>,
    signing: Vec<SigningKey>,
    /// None where a key is computed for each request.
    own_keys: Option<OwnKeys>,
    opening: Vec<OpeningKey>,
    audiences: Vec<Attr<String>>,
    issuers: Vec<Attr<String>>,
    claims: Vec<RequiredClaim>,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let (token, urls) = match self.prepare(cx) {
            Ok(ready) => ready,
            Err(verdict) => return Eventually::Ready(self.refusal.answer(cx, verdict)),
        };
        if jwks::due(&*cx.host, &urls, false).is_empty() {
            match self.judge(cx, &token, &urls) {
                Err(Verdict::Rejected(r)) if is_unknown_key(&r) && !jwks::due(&*cx.host, &urls, true).is_empty() => {}
                other => return Eventually::Ready(self.conclude(cx, &token, other)),
            }
        }
        Eventually::pending(self.fetch_and_judge(cx, token, urls))
    }
}

fn is_unknown_key(r: &Rejection) -> bool {
    r.reason == "TokenSignatureKeyNotFound"
}

impl Compiled {
    /// The token as it stands, and the addresses whose keys it may be signed with.
    fn prepare(&self, cx: &mut Cx<'_>) -> Result<(Arc<Token>, Vec<String>), Verdict> {
        let text = self.place.find(cx, self.scheme.as_ref())?;
        let text = text.ok_or_else(|| Rejection::new("TokenNotPresent", "JWT not present."))?;
        let token = read(cx.state, &text, &self.opening)?;
        Ok((token, evaluate(cx, &self.configs)?))
    }

    async fn fetch_and_judge(&self, cx: &mut Cx<'_>, token: Arc<Token>, urls: Vec<String>) -> StepResult {
        for url in jwks::due(&*cx.host, &urls, false) {
            jwks::fetch(cx.host, &url).await;
        }
        let mut result = self.judge(cx, &token, &urls);
        if let Err(Verdict::Rejected(r)) = &result {
            let more = if is_unknown_key(r) { jwks::due(&*cx.host, &urls, true) } else { Vec::new() };
            if !more.is_empty() {
                for url in more {
                    jwks::fetch(cx.host, &url).await;
                }
                result = self.judge(cx, &token, &urls);
            }
        }
        self.conclude(cx, &token, result)
    }

    fn judge(&self, cx: &mut Cx<'_>, token: &Arc<Token>, urls: &[String]) -> Result<(), Verdict> {
        let rules = Rules {
            signing: &self.signing,
            own_keys: self.own_keys,
            require_signed: *self.require_signed.get(cx)?,
            require_expiration: *self.require_expiration.get(cx)?,
            skew: *self.skew.get(cx)?,
            audiences: evaluate(cx, &self.audiences)?,
            issuers: evaluate(cx, &self.issuers)?,
            claims: &self.claims,
        };
        let providers = providers(cx, urls);
        judge(cx, token, &rules, &providers)
    }

    fn conclude(&self, cx: &mut Cx<'_>, token: &Token, result: Result<(), Verdict>) -> StepResult {
        if let Err(verdict) = result {
            return self.refusal.answer(cx, verdict);
        }
        if let Some(name) = &self.output {
            cx.state.variables.set(name, token.shown());
        }
        Ok(Flow::Continue)
    }
}
