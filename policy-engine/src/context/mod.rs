//! The `context` object: type-table entries over [`EvalState`], one C# type (or a small family) per file.
//!
//! Single objects (`context`, `context.Request`, `context.Api`) are [`dotnet::Value::Handle`]s: a type and a number, no allocation.
//! Dictionaries, URLs and bodies are shared views that read the state when asked. Names follow the documented reference
//! (`docs: api-management-policy-expressions`); what it leaves open is decided as the project's expression vectors have it.
mod body;
mod claims;
mod credentials;
mod crypto;
mod dictionaries;
mod entities;
pub(crate) mod jwt;
mod last_error;
mod messages;
mod root;
pub(crate) mod url;

use std::sync::Arc;

use dotnet::{Ambient, Builder, Call, Exception, Result, TypeId, Value};

use crate::run::state::EvalState;

/// Identities of the types of the `context` object.
pub(crate) mod ids {
    use dotnet::TypeId;
    macro_rules! ids {
        ($($name:ident = $text:literal;)*) => { $(pub(crate) const $name: TypeId = TypeId(concat!("Gatewright.Context.", $text));)* };
    }
    ids! {
        CONTEXT = "IProxyRequestContext"; REQUEST = "IRequest"; RESPONSE = "IResponse"; BODY = "IMessageBody"; URL = "IUrl";
        HEADERS = "HeaderDictionary"; QUERY = "QueryDictionary"; MATCHED = "MatchedParameterDictionary"; VARIABLES = "VariableDictionary";
        CERTIFICATES = "CertificateDictionary"; API = "IApi"; CONTEXT_API = "IContextApi"; KEY_NAMES = "ISubscriptionKeyParameterNames";
        OPERATION = "IOperation"; PRODUCT = "IProduct"; SUBSCRIPTION = "ISubscription"; USER = "IUser"; GROUP = "IGroup";
        IDENTITY = "IUserIdentity"; DEPLOYMENT = "IDeployment"; GATEWAY = "IGateway"; LAST_ERROR = "ILastError"; JWT = "Jwt";
        BASIC = "BasicAuthCredentials"; PRODUCT_STATE = "ProductState"; PRIVATE_ENDPOINT = "IPrivateEndpointConnection"; AUTHORIZATION = "Authorization";
        EXTENSIONS = "ContextExtensions";
    }
}

/// The namespace of the types above; imported, so that policies may write `IResponse` or `Jwt`.
const NAMESPACE: &str = "Gatewright.Context";

/// Adds the types of `context` and the identifier itself.
pub(crate) fn define(b: &mut Builder) {
    b.import(NAMESPACE);
    root::define(b);
    messages::define(b);
    body::define(b);
    url::define(b);
    dictionaries::define(b);
    entities::define(b);
    last_error::define(b);
    jwt::define(b);
    credentials::define(b);
    crypto::define(b);
    b.global("context", "IProxyRequestContext", |_| Ok(Value::Handle(ids::CONTEXT, 0)));
}

/// The state behind the call.
fn state(cx: &mut dyn Ambient) -> Result<&mut EvalState> {
    cx.host()
        .downcast_mut::<EvalState>()
        .ok_or_else(|| Exception::invalid_operation("`context` is not available here."))
}

/// Calls a static member (or constructor) of the library that takes these arguments, such as `DateTime.Parse`.
pub(crate) fn library(cx: &mut dyn Ambient, type_name: &str, member: &str, args: &mut [Value]) -> Result<Value> {
    let found = cx.types().full(type_name, 0).and_then(|id| cx.types().get(id));
    let fits = |m: &&Arc<dotnet::Member>| m.is_static && m.params.len() == args.len();
    let native = found.and_then(|t| t.named(member).find(fits)).and_then(|m| m.native);
    let native = native.ok_or_else(|| Exception::not_supported(format!("{type_name}.{member} is not available.")))?;
    native(&mut Call { cx, types: &[], args })
}

/// A date in ISO 8601; one that says it is UTC is of that kind.
pub(crate) fn date(cx: &mut dyn Ambient, text: &str) -> Result<dotnet::DateTime> {
    match library(cx, "System.DateTime", "Parse", &mut [Value::str(text)])? {
        Value::DateTime(d) => Ok(dotnet::DateTime { kind: if text.ends_with('Z') { 1 } else { d.kind }, ..d }),
        other => Err(Exception::invalid_cast(&other.net_type(), &dotnet::Type::DATE_TIME)),
    }
}

/// The number of the handle that the member was called on.
fn index(c: &Call<'_>) -> u32 {
    match c.arg(0) {
        Value::Handle(_, n) => *n,
        _ => 0,
    }
}

/// A string value of something that may be missing.
fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::str)
}

/// A handle if the thing is there.
fn handle_if(present: bool, id: TypeId) -> Value {
    if present { Value::Handle(id, 0) } else { Value::Null }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_has_no_mistakes() {
        assert_eq!(crate::types::table().problems(), &[] as &[String]);
    }
}
