//! `validate-azure-ad-token`: lets a request pass only with a token of a Microsoft Entra tenant. Inbound, every scope.
//!
//! Keys and issuer come from the tenant's discovery document; both issuer forms (v1 `sts.windows.net`, v2) are allowed. The calling
//! application is `azp`, else `appid`. Unsigned tokens are always refused. Follows the public page `validate-azure-ad-token-policy`.
use std::sync::Arc;

use http::header;

use super::shared::jose::Token;
use super::shared::jwks;
use super::shared::jwt::{
    HEADER_NAME, OpeningKey, Place, QUERY_NAME, REQUIRED_CLAIMS, Rejection, RequiredClaim, Rules, TOKEN_VALUE, Verdict,
    evaluate, judge, providers, read,
};
use super::shared::places::{EVERY_SCOPE, INBOUND};
use super::shared::token_cache::OwnKeys;
use super::shared::token_refusal::{self, TokenRefusal};
use crate::compile::{AttributeSpec, ChildSpec, Content, Node, Policy, Refused, Repeat, Spec};
use crate::diagnostics::codes;
use crate::program::{AsyncStep, Attr, Op};
use crate::run::{Cx, Eventually, Flow, StepResult};

pub(super) struct ValidateAzureAdToken;

const APPLICATIONS: Content = Content::Children(&[ChildSpec::many("application-id", &[], Content::Text).at_least(1)]);

const SPEC: Spec = Spec {
    element: "validate-azure-ad-token",
    summary: "lets a request pass only with a token of a Microsoft Entra tenant",
    sections: INBOUND,
    scopes: EVERY_SCOPE,
    repeat: Repeat::Many,
    attributes: &[
        AttributeSpec::required("tenant-id", "id, domain or URL of the tenant"),
        HEADER_NAME,
        QUERY_NAME,
        TOKEN_VALUE,
        token_refusal::STATUS,
        token_refusal::MESSAGE,
        AttributeSpec::optional("output-token-variable-name", "variable that gets the `Jwt`").literal(),
    ],
    content: Content::Children(&[
        ChildSpec::maybe("client-application-ids", &[], APPLICATIONS),
        ChildSpec::maybe("backend-application-ids", &[], APPLICATIONS),
        ChildSpec::maybe(
            "audiences",
            &[],
            Content::Children(&[ChildSpec::many("audience", &[], Content::Text).at_least(1)]),
        ),
        REQUIRED_CLAIMS,
        ChildSpec::maybe(
            "decryption-keys",
            &[],
            Content::Children(&[ChildSpec::many(
                "key",
                &[AttributeSpec::required("certificate-id", "certificate whose key opens the token").literal()],
                Content::Empty,
            )
            .at_least(1)]),
        ),
    ]),
    example: r#"<validate-azure-ad-token tenant-id="contoso.example"><client-application-ids><application-id>11111111-2222-3333-4444-555555555555</application-id></client-application-ids></validate-azure-ad-token>"#,
};

/// Tenants that stand for all of them.
const ANY_TENANT: &[&str] = &["common", "organizations", "consumers"];
const LOGIN: &str = "https://login.microsoftonline.com";

impl Policy for ValidateAzureAdToken {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn compile(&self, node: &mut Node<'_, '_>) -> Result<Op, Refused> {
        let tenant = node.required("tenant-id");
        let place = Place::read(node, Some(header::AUTHORIZATION));
        let refusal = TokenRefusal::compile(node, "Azure AD JWT not present", "Invalid Azure AD JWT");
        let output = node.literal_or_none("output-token-variable-name");
        let ids = |n: &mut Node<'_, '_>| n.each("application-id", |a| a.trimmed_text());
        let clients = node.child("client-application-ids", ids);
        let backends = node.child("backend-application-ids", ids);
        let audiences = node.child("audiences", |n| n.each("audience", |a| a.trimmed_text()));
        let claims = RequiredClaim::read(node);
        let opening = node.child("decryption-keys", |n| n.each("key", OpeningKey::read));
        if ["client-application-ids", "backend-application-ids", "audiences"].iter().all(|c| node.count(c) == 0) {
            let message = "`client-application-ids` or `audiences` is needed, or any token of the tenant would pass";
            return node.fail(codes::MISSING_CHILD, message, None);
        }
        Ok(Op::async_step(Compiled {
            tenant: tenant?,
            place: place?,
            refusal: refusal?,
            output: output?,
            clients: clients?.unwrap_or_default(),
            backends: backends?.unwrap_or_default(),
            audiences: audiences?.unwrap_or_default(),
            claims: claims?,
            opening: opening?.unwrap_or_default(),
        }))
    }
}

struct Compiled {
    tenant: Attr<String>,
    place: Place,
    refusal: TokenRefusal,
    output: Option<Arc<str>>,
    clients: Vec<Attr<String>>,
    backends: Vec<Attr<String>>,
    audiences: Vec<Attr<String>>,
    claims: Vec<RequiredClaim>,
    opening: Vec<OpeningKey>,
}

impl AsyncStep for Compiled {
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult> {
        let (token, url, tenant) = match self.prepare(cx) {
            Ok(ready) => ready,
            Err(verdict) => return Eventually::Ready(self.refusal.answer(cx, verdict)),
        };
        Eventually::pending(self.fetch_and_judge(cx, token, vec![url], tenant))
    }
}

/// Address of the tenant's discovery document, and the tenant alone.
fn discovery(tenant: &str) -> (String, String) {
    let tenant = tenant.trim().trim_end_matches('/');
    let bare = tenant.strip_suffix("/v2.0").unwrap_or(tenant);
    let base = if bare.contains("://") { bare.to_owned() } else { format!("{LOGIN}/{bare}") };
    let name = bare.rsplit('/').next().unwrap_or(bare).to_owned();
    (format!("{base}/v2.0/.well-known/openid-configuration"), name)
}

impl Compiled {
    fn prepare(&self, cx: &mut Cx<'_>) -> Result<(Arc<Token>, String, String), Verdict> {
        let text = self.place.find(cx, None)?;
        let text = text.ok_or_else(|| Rejection::new("TokenNotPresent", "Azure AD JWT not present."))?;
        let token = read(cx.state, &text, &self.opening)?;
        let (url, tenant) = discovery(&self.tenant.text(cx)?.unwrap_or_default());
        Ok((token, url, tenant))
    }

    async fn fetch_and_judge(
        &self,
        cx: &mut Cx<'_>,
        token: Arc<Token>,
        urls: Vec<String>,
        tenant: String,
    ) -> StepResult {
        for unknown_key in [false, true] {
            for url in jwks::due(&*cx.host, &urls, unknown_key) {
                jwks::fetch(cx.host, &url).await;
            }
            match self.judge(cx, &token, &urls, &tenant) {
                Err(Verdict::Rejected(r)) if r.reason == "TokenSignatureKeyNotFound" && !unknown_key => {}
                Err(verdict) => return self.refusal.answer(cx, verdict),
                Ok(()) => break,
            }
        }
        if let Some(name) = &self.output {
            cx.state.variables.set(name, token.shown());
        }
        Ok(Flow::Continue)
    }

    fn judge(&self, cx: &mut Cx<'_>, token: &Arc<Token>, urls: &[String], tenant: &str) -> Result<(), Verdict> {
        let providers = providers(cx, urls);
        let published = providers.iter().find_map(|p| p.issuer.clone()).unwrap_or_default();
        let mut audiences = evaluate(cx, &self.audiences)?;
        for id in evaluate(cx, &self.backends)? {
            audiences.push(format!("api://{id}"));
            audiences.push(id);
        }
        let rules = Rules {
            signing: &[],
            own_keys: Some(OwnKeys::NONE),
            require_signed: true,
            require_expiration: true,
            skew: 0,
            audiences,
            issuers: issuers(tenant, &published, token.claim("tid")),
            claims: &self.claims,
        };
        judge(cx, token, &rules, &providers)?;
        self.client(cx, token)
    }

    /// The calling application must be one of those listed.
    fn client(&self, cx: &mut Cx<'_>, token: &Token) -> Result<(), Verdict> {
        if self.clients.is_empty() {
            return Ok(());
        }
        let name = if token.claims.contains_key("azp") { "azp" } else { "appid" };
        let Some(found) = token.claim(name) else {
            let message = "JWT token is missing the following claims: azp, appid. Access denied.";
            return Err(Rejection::new("TokenClaimNotFound", message).into());
        };
        if evaluate(cx, &self.clients)?.iter().any(|id| id.eq_ignore_ascii_case(found)) {
            return Ok(());
        }
        let message = format!("Claim {name} value of {found} is not allowed. Access denied.");
        Err(Rejection::new("TokenClaimValueNotAllowed", message).into())
    }
}

/// Both issuer forms of the tenant. Its id is the one written, else the one in the published issuer; for the tenants that stand for
/// all it is the token's own.
fn issuers(tenant: &str, published: &str, token_tenant: Option<&str>) -> Vec<String> {
    let is_id = |t: &str| t.len() == 36 && t.bytes().filter(|b| *b == b'-').count() == 4;
    let id = if is_id(tenant) {
        Some(tenant)
    } else if ANY_TENANT.contains(&tenant) {
        token_tenant.filter(|t| is_id(t))
    } else {
        published.split('/').find(|part| is_id(part))
    };
    let forms = |id: &str| [format!("https://sts.windows.net/{id}/"), format!("{LOGIN}/{id}/v2.0")];
    id.map_or_else(|| vec![published.to_owned()], |id| forms(id).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_lead_to_documents_and_issuers() {
        let (url, tenant) = discovery("contoso.example");
        assert_eq!(url, "https://login.microsoftonline.com/contoso.example/v2.0/.well-known/openid-configuration");
        let id = "11111111-2222-3333-4444-555555555555";
        let published = format!("https://login.microsoftonline.com/{id}/v2.0");
        assert_eq!(issuers(&tenant, &published, None)[1], published);
        let (url, tenant) = discovery(&format!("http://127.0.0.1:1/x/{id}/v2.0/"));
        assert_eq!(
            (url.as_str(), tenant.as_str()),
            (&*format!("http://127.0.0.1:1/x/{id}/v2.0/.well-known/openid-configuration"), id)
        );
        assert_eq!(issuers("common", "", Some(id))[0], format!("https://sts.windows.net/{id}/"));
        assert_eq!(issuers("common", "p", Some("x")), ["p"]);
    }
}
