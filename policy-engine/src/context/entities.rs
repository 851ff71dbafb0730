//! What the request matched: API, operation, product, subscription, user, groups, deployment.
//!
//! The one of the request is a handle; those reached through lists (`Product.Apis`, `User.Groups`) are objects of the same types.
use std::any::Any;
use std::sync::Arc;

use config_model::{Api, Group, Operation, Product, ProductState, Protocol, Secret, Subscription, User, UserIdentity};
use dotnet::collections::array;
use dotnet::{Builder, Call, DateTime, Exception, Object, Result, Type, TypeId, Value};

use super::{dictionaries, ids, state, text, url};
use crate::run::state::EvalState;

/// An entity reached through a list.
enum Listed {
    Api(Arc<Api>),
    Group(Arc<Group>),
    Identity(UserIdentity),
    KeyNames { header: String, query: String },
}

impl Object for Listed {
    fn net_type(&self) -> Type {
        Type::Simple(match self {
            Listed::Api(_) => ids::API,
            Listed::Group(_) => ids::GROUP,
            Listed::Identity(_) => ids::IDENTITY,
            Listed::KeyNames { .. } => ids::KEY_NAMES,
        })
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn api(c: &mut Call<'_>) -> Result<Arc<Api>> {
    if let Some(Listed::Api(api)) = c.arg(0).as_object() {
        return Ok(api.clone());
    }
    state(c.cx)?.facts.api.clone().ok_or_else(Exception::null_reference)
}

fn with_api(c: &mut Call<'_>, f: fn(&Api) -> Value) -> Result<Value> {
    Ok(f(&*api(c)?))
}

fn of_operation(c: &mut Call<'_>, f: fn(&Operation) -> Value) -> Result<Value> {
    Ok(state(c.cx)?.facts.operation.as_deref().map_or(Value::Null, f))
}

fn of_product(c: &mut Call<'_>, f: fn(&Product) -> Value) -> Result<Value> {
    Ok(state(c.cx)?.facts.product.as_deref().map_or(Value::Null, f))
}

fn of_subscription(c: &mut Call<'_>, f: fn(&Subscription) -> Value) -> Result<Value> {
    Ok(state(c.cx)?.facts.subscription.as_deref().map_or(Value::Null, f))
}

fn of_user(c: &mut Call<'_>, f: fn(&User) -> Value) -> Result<Value> {
    Ok(state(c.cx)?.facts.user.as_deref().map_or(Value::Null, f))
}

fn of_group(c: &mut Call<'_>, f: fn(&Group) -> Value) -> Result<Value> {
    match c.arg(0).as_object() {
        Some(Listed::Group(group)) => Ok(f(group)),
        _ => Err(Exception::null_reference()),
    }
}

fn of_identity(c: &mut Call<'_>, f: fn(&UserIdentity) -> Value) -> Result<Value> {
    match c.arg(0).as_object() {
        Some(Listed::Identity(identity)) => Ok(f(identity)),
        _ => Err(Exception::null_reference()),
    }
}

fn of_key_names(c: &mut Call<'_>, f: fn(&str, &str) -> Value) -> Result<Value> {
    match c.arg(0).as_object() {
        Some(Listed::KeyNames { header, query }) => Ok(f(header, query)),
        _ => Err(Exception::null_reference()),
    }
}

fn list(id: TypeId, items: impl Iterator<Item = Listed>) -> Value {
    array::new_array(Type::Simple(id), items.map(Value::object).collect())
}

fn groups(c: &mut Call<'_>, names: &[config_model::GroupId]) -> Result<Value> {
    let snapshot = state(c.cx)?.facts.snapshot.clone();
    let find = |id: &config_model::GroupId| {
        let named = || Group { id: id.clone(), display_name: id.as_str().to_owned(), ..Group::default() };
        Listed::Group(snapshot.groups.get(id).cloned().unwrap_or_else(|| Arc::new(named())))
    };
    Ok(list(ids::GROUP, names.iter().map(find)))
}

fn secret(key: Option<&Secret<String>>) -> Value {
    key.map_or(Value::Null, |k| Value::str(k.expose().as_str()))
}

/// A date of the subscription or user; null where there is none or it cannot be read.
fn dated(c: &mut Call<'_>, pick: fn(&EvalState) -> Option<&String>) -> Result<Value> {
    let Some(text) = pick(state(c.cx)?).cloned() else { return Ok(Value::Null) };
    Ok(super::date(c.cx, &text).map_or(Value::Null, Value::DateTime))
}

/// The same for dates that are never null.
fn dated_or_min(c: &mut Call<'_>, pick: fn(&EvalState) -> Option<&String>) -> Result<Value> {
    Ok(match dated(c, pick)? {
        Value::Null => Value::DateTime(DateTime { ticks: 0, kind: 0 }),
        found => found,
    })
}

fn protocol(p: &Protocol) -> &'static str {
    match p {
        Protocol::Http => "http",
        Protocol::Https => "https",
        Protocol::Ws => "ws",
        Protocol::Wss => "wss",
    }
}

fn define_api(b: &mut Builder) {
    b.interface(ids::API)
        .def("string Id", |c| with_api(c, |a| Value::str(a.id.as_str())))
        .def("string Name", |c| with_api(c, |a| Value::str(a.display_name.as_str())))
        .def("string Path", |c| with_api(c, |a| Value::str(a.path.as_str())))
        .def("IEnumerable<string> Protocols", |c| {
            with_api(c, |a| array::from_strings(a.protocols.iter().map(protocol)))
        })
        .def("IUrl ServiceUrl", |c| with_api(c, |a| a.service_url.as_deref().map_or(Value::Null, url::service)))
        .def("ISubscriptionKeyParameterNames SubscriptionKeyParameterNames", |c| {
            let names = api(c)?.subscription_key.clone();
            Ok(Value::object(Listed::KeyNames { header: names.header, query: names.query }))
        });
    b.interface(ids::CONTEXT_API)
        .implements(&["IApi"])
        .def("bool IsCurrentRevision", |c| with_api(c, |a| Value::Bool(a.is_current)))
        .def("string Revision", |c| with_api(c, |a| Value::str(a.revision.as_str())))
        .def("string Version", |c| with_api(c, |a| text(a.version.as_deref())));
    b.interface(ids::KEY_NAMES)
        .def("string Header", |c| of_key_names(c, |h, _| Value::str(h)))
        .def("string Query", |c| of_key_names(c, |_, q| Value::str(q)));
    b.interface(ids::OPERATION)
        .def("string Id", |c| of_operation(c, |o| Value::str(o.id.as_str())))
        .def("string Method", |c| of_operation(c, |o| Value::str(o.method.as_str())))
        .def("string Name", |c| of_operation(c, |o| Value::str(o.display_name.as_str())))
        .def("string UrlTemplate", |c| of_operation(c, |o| Value::str(o.url_template.as_str())));
}

fn define_product(b: &mut Builder) {
    b.enumeration(ids::PRODUCT_STATE, false, &[("NotPublished", 0), ("Published", 1)]);
    b.interface(ids::PRODUCT)
        .def("IEnumerable<IApi> Apis", |c| {
            let facts = &state(c.cx)?.facts;
            let found = facts.product.iter().flat_map(|p| &p.apis).filter_map(|id| facts.snapshot.apis.get(id));
            Ok(list(ids::API, found.cloned().map(Listed::Api)))
        })
        .def("bool ApprovalRequired", |c| of_product(c, |p| Value::Bool(p.approval_required)))
        .def("IEnumerable<IGroup> Groups", |c| {
            let names = state(c.cx)?.facts.product.as_ref().map(|p| p.groups.clone()).unwrap_or_default();
            groups(c, &names)
        })
        .def("string Id", |c| of_product(c, |p| Value::str(p.id.as_str())))
        .def("string Name", |c| of_product(c, |p| Value::str(p.display_name.as_str())))
        .def("ProductState State", |c| {
            of_product(c, |p| Value::Enum(ids::PRODUCT_STATE, i32::from(p.state == ProductState::Published)))
        })
        .def("int? SubscriptionLimit", |c| {
            of_product(c, |p| {
                p.subscriptions_limit.map_or(Value::Null, |n| Value::Int32(i32::try_from(n).unwrap_or(i32::MAX)))
            })
        })
        .def("bool SubscriptionRequired", |c| of_product(c, |p| Value::Bool(p.subscription_required)));
    b.interface(ids::SUBSCRIPTION)
        .def("DateTime CreatedDate", |c| dated_or_min(c, |s| s.facts.subscription.as_ref()?.created_date.as_ref()))
        .def("DateTime? EndDate", |c| dated(c, |s| s.facts.subscription.as_ref()?.end_date.as_ref()))
        .def("string Id", |c| of_subscription(c, |s| Value::str(s.id.as_str())))
        .def("string Key", |c| Ok(text(state(c.cx)?.facts.subscription_key.as_deref())))
        .def("string Name", |c| of_subscription(c, |s| Value::str(s.display_name.as_str())))
        .def("string PrimaryKey", |c| of_subscription(c, |s| secret(s.primary_key.as_ref())))
        .def("string SecondaryKey", |c| of_subscription(c, |s| secret(s.secondary_key.as_ref())))
        .def("DateTime? StartDate", |c| dated(c, |s| s.facts.subscription.as_ref()?.start_date.as_ref()));
}

fn define_user(b: &mut Builder) {
    b.interface(ids::USER)
        .def("string Email", |c| of_user(c, |u| Value::str(u.email.as_str())))
        .def("string FirstName", |c| of_user(c, |u| Value::str(u.first_name.as_str())))
        .def("IEnumerable<IGroup> Groups", |c| {
            let names = state(c.cx)?.facts.user.as_ref().map(|u| u.groups.clone()).unwrap_or_default();
            groups(c, &names)
        })
        .def("string Id", |c| of_user(c, |u| Value::str(u.id.as_str())))
        .def("IEnumerable<IUserIdentity> Identities", |c| {
            of_user(c, |u| list(ids::IDENTITY, u.identities.iter().cloned().map(Listed::Identity)))
        })
        .def("string LastName", |c| of_user(c, |u| Value::str(u.last_name.as_str())))
        .def("string Note", |c| of_user(c, |u| text(u.note.as_deref())))
        .def("DateTime RegistrationDate", |c| dated_or_min(c, |s| s.facts.user.as_ref()?.registration_date.as_ref()));
    b.interface(ids::GROUP)
        .def("string Id", |c| of_group(c, |g| Value::str(g.id.as_str())))
        .def("string Name", |c| of_group(c, |g| Value::str(g.display_name.as_str())));
    b.interface(ids::IDENTITY)
        .def("string Id", |c| of_identity(c, |i| Value::str(i.id.as_str())))
        .def("string Provider", |c| of_identity(c, |i| Value::str(i.provider.as_str())));
}

fn define_deployment(b: &mut Builder) {
    fn get(c: &mut Call<'_>, f: fn(&crate::run::state::Deployment) -> &str) -> Result<Value> {
        Ok(Value::str(f(&state(c.cx)?.facts.deployment)))
    }
    b.interface(ids::DEPLOYMENT)
        .def("CertificateDictionary Certificates", |_| Ok(dictionaries::certificates()))
        .def("IGateway Gateway", |_| Ok(Value::Handle(ids::GATEWAY, 0)))
        .def("string GatewayId", |c| get(c, |d| &d.gateway_id))
        .def("string Region", |c| get(c, |d| &d.region))
        .def("string ServiceId", |c| get(c, |d| &d.service_id))
        .def("string ServiceName", |c| get(c, |d| &d.service_name));
    b.interface(ids::GATEWAY)
        .def("string Id", |c| get(c, |d| &d.gateway_id))
        .def("string InstanceId", |c| get(c, |d| &d.instance_id))
        .def("bool IsManaged", |c| Ok(Value::Bool(state(c.cx)?.facts.deployment.managed)));
}

pub(super) fn define(b: &mut Builder) {
    define_api(b);
    define_product(b);
    define_user(b);
    define_deployment(b);
}
