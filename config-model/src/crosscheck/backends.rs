//! Backends, pools and service URLs.

use crate::{Backend, Finding, Pool, Snapshot, codes};
use std::sync::Arc;

/// Members that a pool may have.
pub(crate) const MAX_POOL_MEMBERS: usize = 30;

pub(super) fn check(snapshot: &Snapshot, findings: &mut Vec<Finding>) {
    for api in snapshot.apis.values() {
        if let Some(problem) = api.service_url.as_deref().and_then(url_problem) {
            let url = api.service_url.as_deref().unwrap_or_default();
            let message = format!("`{url}` cannot be the service URL of API `{}`: {problem}", api.id);
            let finding = Finding::error(codes::BAD_BACKEND, message).from_origin(api.origin.as_ref());
            findings.push(finding.on_field("serviceUrl"));
        }
    }
    for backend in snapshot.backends.values() {
        check_unserved(snapshot, backend, findings);
        match &backend.pool {
            Some(pool) => check_pool(snapshot, backend, pool, findings),
            None => check_single(snapshot, backend, findings),
        }
    }
}

/// What a backend asks for and the gateway does not do: refused where something can reach the backend, since leaving it out would send
/// requests another way than they were meant to go.
fn check_unserved(snapshot: &Snapshot, backend: &Backend, findings: &mut Vec<Finding>) {
    let tls = &backend.tls;
    let asked = [
        (
            backend.credentials.managed_identity.is_some(),
            "credentials.managedIdentity",
            "managed-identity",
            "managed identities are not supported: it would be called without a token",
        ),
        (
            !tls.server_certificate_thumbprints.is_empty() || !tls.server_x509_names.is_empty(),
            "tls",
            "pinned-certificates",
            "pinned server certificates are not supported: only its certificate chain and name would be checked",
        ),
    ];
    for (_, field, name, problem) in asked.iter().filter(|(asked, ..)| *asked) {
        let message = format!("backend `{}`: {problem}", backend.id);
        let skipped = snapshot.settings.allow_skip.contains(*name);
        let finding = match !skipped && is_used(snapshot, backend) {
            true => Finding::error(codes::NOT_SUPPORTED, message),
            false => Finding::warning(codes::NOT_SUPPORTED, message),
        };
        let help = format!("`--allow-skip={name}` serves it without");
        findings.push(finding.from_origin(backend.origin.as_ref()).on_field(*field).with_help(help));
    }
}

fn is_tls(url: &str) -> bool {
    url.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
}

/// Whether a pool or the text of any policy names the backend. Policies are opaque here, so this may say yes too often, never too rarely:
/// where an expression makes the id, every backend counts as named.
fn is_used(snapshot: &Snapshot, backend: &Backend) -> bool {
    let id = backend.id.as_str().to_ascii_lowercase();
    let names = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains(&id) || text.contains("backend-id=\"@") || text.contains("backend-id='@")
    };
    let pools = snapshot.backends.values().filter_map(|other| other.pool.as_ref());
    pools.flat_map(|pool| &pool.members).any(|member| member.backend == backend.id)
        || snapshot.policies.values().any(|policy| names(&policy.text))
        || snapshot.fragments.values().any(|fragment| names(&fragment.text))
}

/// What stops a text from being the base URL of a backend.
fn url_problem(url: &str) -> Option<&'static str> {
    let Some((scheme, rest)) = url.split_once("://") else { return Some("it has no scheme") };
    if !["http", "https", "ws", "wss"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Some("its scheme is not http, https, ws or wss");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Some("it has no host");
    }
    url.chars().any(|c| c.is_whitespace() || c.is_control()).then_some("it holds blanks or control characters")
}

fn check_single(snapshot: &Snapshot, backend: &Backend, findings: &mut Vec<Finding>) {
    let origin = backend.origin.as_ref();
    let problem = match backend.url.as_deref() {
        None | Some("") => Some("it has no URL"),
        Some(_) if backend.service_fabric => None,
        Some(url) => url_problem(url),
    };
    if let Some(problem) = problem {
        let message = format!("backend `{}` cannot be called: {problem}", backend.id);
        findings.push(Finding::error(codes::BAD_BACKEND, message).from_origin(origin).on_field("url"));
    }
    if let Some(proxy) = &backend.proxy {
        let problem = match is_tls(&proxy.url) {
            true => Some("a proxy is reached over plain http"),
            false => url_problem(&proxy.url),
        };
        if let Some(problem) = problem {
            let message = format!("backend `{}` cannot go through its proxy `{}`: {problem}", backend.id, proxy.url);
            findings.push(Finding::error(codes::BAD_BACKEND, message).from_origin(origin).on_field("proxy"));
        }
    }
    if backend.service_fabric {
        let message = format!(
            "backend `{}` is a Service Fabric cluster, which a self-hosted gateway cannot call: requests to it fail",
            backend.id
        );
        findings.push(Finding::warning(codes::NOT_SUPPORTED, message).from_origin(origin));
    }
    for id in &backend.credentials.certificate_ids {
        if !snapshot.certificates.contains_key(id) {
            let message =
                format!("backend `{}` needs certificate `{id}`, which does not exist: requests to it fail", backend.id);
            let finding = Finding::warning(codes::DANGLING_REFERENCE, message).from_origin(origin);
            findings.push(finding.on_field("certificateIds").with_help(
                "extractors leave certificates out; put it below `certificates/`, or name it in the secrets file",
            ));
        }
    }
}

/// A name as RFC 9110 5.6.2 has it.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn check_pool(snapshot: &Snapshot, backend: &Arc<Backend>, pool: &Pool, findings: &mut Vec<Finding>) {
    let mut error = |message: String| {
        let finding = Finding::error(codes::BAD_POOL, message).from_origin(backend.origin.as_ref());
        findings.push(finding.on_field("services"));
    };
    if let Some(affinity) = &pool.session_affinity
        && !is_token(&affinity.cookie)
    {
        error(format!(
            "pool `{}` ties callers by cookie `{}`, which is not a cookie name",
            backend.id, affinity.cookie
        ));
    }
    if pool.members.is_empty() {
        error(format!("pool `{}` has no members", backend.id));
    }
    if pool.members.len() > MAX_POOL_MEMBERS {
        error(format!("pool `{}` has {} members; {MAX_POOL_MEMBERS} are allowed", backend.id, pool.members.len()));
    }
    for member in &pool.members {
        match snapshot.backends.get(&member.backend) {
            // Told where the secret is missing.
            None if snapshot.settings.left_out_backends.contains_key(&member.backend) => {}
            None => error(format!("pool `{}` names backend `{}`, which does not exist", backend.id, member.backend)),
            Some(other) if other.pool.is_some() => {
                error(format!("pool `{}` holds pool `{}`; pools cannot nest", backend.id, member.backend));
            }
            Some(_) => {}
        }
    }
}
