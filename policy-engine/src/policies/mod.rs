//! THE TABLE: every policy, one line each. A policy's file holds its description, its compilation and its step, in that order;
//! `choose.rs`, `set_header.rs` and `return_response.rs` are good ones to copy from.
mod authentication_basic;
mod authentication_managed_identity;
mod base;
mod cache_lookup;
mod cache_lookup_value;
mod cache_remove_value;
mod cache_store;
mod cache_store_value;
mod cache_value;
mod check_header;
mod choose;
mod cors;
mod cross_domain;
mod emit_metric;
mod find_and_replace;
mod forward_request;
mod get_authorization_context;
mod include_fragment;
mod ip_filter;
mod json_to_xml;
mod jsonp;
mod limit_concurrency;
mod log_to_eventhub;
mod mock_response;
mod proxy;
mod quota;
mod quota_by_key;
mod rate_limit;
mod rate_limit_by_key;
mod redirect_content_urls;
mod retry;
mod return_response;
mod rewrite_uri;
mod send_one_way_request;
mod send_request;
mod set_backend_service;
mod set_body;
mod set_header;
mod set_method;
mod set_query_parameter;
mod set_status;
mod set_variable;
mod shared;
mod trace;
mod validate_azure_ad_token;
mod validate_content;
mod validate_headers;
mod validate_jwt;
mod validate_parameters;
mod validate_status_code;
mod wait;
mod xml_to_json;

use crate::compile::Table;

/// All policies.
pub(crate) static TABLE: Table = Table {
    policies: &[
        // structure
        &base::Base,
        &include_fragment::IncludeFragment,
        // throttling
        &quota::Quota,
        &quota_by_key::QuotaByKey,
        &limit_concurrency::LimitConcurrency,
        &rate_limit::RateLimit,
        &rate_limit_by_key::RateLimitByKey,
        // caching
        &cache_lookup::CacheLookup,
        &cache_store::CacheStore,
        &cache_lookup_value::CacheLookupValue,
        &cache_remove_value::CacheRemoveValue,
        &cache_store_value::CacheStoreValue,
        &cache_value::CacheValue,
        // access
        &authentication_managed_identity::AuthenticationManagedIdentity,
        &get_authorization_context::GetAuthorizationContext,
        &authentication_basic::AuthenticationBasic,
        &check_header::CheckHeader,
        &ip_filter::IpFilter,
        &validate_jwt::ValidateJwt,
        &validate_azure_ad_token::ValidateAzureAdToken,
        // validation
        &validate_content::ValidateContent,
        &validate_headers::ValidateHeaders,
        &validate_parameters::ValidateParameters,
        &validate_status_code::ValidateStatusCode,
        // cross-domain
        &cors::Cors,
        &cross_domain::CrossDomain,
        // routing
        &forward_request::ForwardRequest,
        &proxy::ProxyPolicy,
        &set_backend_service::SetBackendService,
        // flow
        &choose::Choose,
        &emit_metric::EmitMetric,
        &log_to_eventhub::LogToEventhub,
        &mock_response::MockResponse,
        &retry::Retry,
        &send_one_way_request::SendOneWayRequest,
        &send_request::SendRequest,
        &return_response::ReturnResponse,
        &set_variable::SetVariable,
        &trace::Trace,
        &wait::Wait,
        // transformation
        &find_and_replace::FindAndReplace,
        &json_to_xml::JsonToXml,
        &jsonp::Jsonp,
        &redirect_content_urls::RedirectContentUrls,
        &rewrite_uri::RewriteUri,
        &set_body::SetBody,
        &set_header::SetHeader,
        &set_method::SetMethod,
        &set_query_parameter::SetQueryParameter,
        &set_status::SetStatus,
        &xml_to_json::XmlToJson,
    ],
    not_yet: NOT_YET,
};

/// Known policies that do not run yet: refused at load by name.
const NOT_YET: &[&str] = &[
    "authentication-certificate",
    "azure-openai-emit-token-metric",
    "azure-openai-semantic-cache-lookup",
    "azure-openai-semantic-cache-store",
    "azure-openai-token-limit",
    "cosmosdb-data-source",
    "http-data-source",
    "invoke-dapr-binding",
    "invoke-request",
    "llm-content-safety",
    "llm-emit-token-metric",
    "llm-semantic-cache-lookup",
    "llm-semantic-cache-store",
    "llm-token-limit",
    "publish-event",
    "publish-to-dapr",
    "send-service-bus-message",
    "sql-data-source",
    "validate-client-certificate",
    "validate-graphql-request",
    "validate-odata-request",
    "xsl-transform",
];

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    fn names_stand_once() {
        let mut names: Vec<&str> =
            TABLE.policies.iter().map(|p| p.spec().element).chain(TABLE.not_yet.iter().copied()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
