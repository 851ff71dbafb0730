//! What may stand in which container: the rules of `JContainer.Add` and its kin, copies, deep equality.
use std::sync::Arc;

use parking_lot::RwLock;

use super::members::Members;
use super::names;
use super::scalar::{Kind, Scalar};
use super::token::{ArrayData, Body, ObjectData, Payload, Slot, Token};
use super::write::MAX_DEPTH;
use crate::ambient::Ambient;
use crate::collections::{array, enumerator};
use crate::exception::{Exception, Result};
use crate::object;
use crate::types::Type;
use crate::value::{Str, Value};

/// Bytes that a token costs about.
const TOKEN_BYTES: usize = 96;

/// .NET type of a token.
pub(super) fn type_of(token: &Token) -> Type {
    Type::Simple(match token.kind() {
        Kind::Object => names::JOBJECT,
        Kind::Array => names::JARRAY,
        Kind::Constructor => names::JCONSTRUCTOR,
        Kind::Property => names::JPROPERTY,
        Kind::Raw => names::JRAW,
        _ => names::JVALUE,
    })
}

/// Is it a sequence whose items are added one by one?
pub(super) fn is_multiple(value: &Value) -> bool {
    match value {
        Value::Object(o) => !o.as_any().is::<Token>() && array::bytes(value).is_none() && o.enumerate(o).is_some(),
        _ => false,
    }
}

/// `JContainer.CreateFromContent`
pub(super) fn token_from(value: &Value) -> Result<Arc<Token>> {
    if let Some(token) = Token::of(value) {
        return Ok(token);
    }
    if matches!(value, Value::Char(_)) {
        return Err(no_json(value));
    }
    new_value(value)
}

fn no_json(value: &Value) -> Exception {
    Exception::argument_message(format!(
        "Could not determine JSON object type for type {}.",
        value.net_type().clr_name()
    ))
}

/// `new JValue(object)`
pub(super) fn new_value(value: &Value) -> Result<Arc<Token>> {
    match Scalar::of(value.clone()) {
        Some(scalar) => Ok(Token::scalar(scalar)),
        None => Err(no_json(value)),
    }
}

/// A token that may be null, as a value to store: null is a null `JValue`.
pub(super) fn or_null(value: &Value) -> Arc<Token> {
    Token::of(value).unwrap_or_else(|| Token::scalar(Scalar::NULL))
}

fn range(text: &str) -> Exception {
    Exception::argument_range(text, "index")
}

fn check_index(container: &Token, at: i32) -> Result<usize> {
    let Ok(at) = usize::try_from(at) else { return Err(range("Index is less than 0.")) };
    if at >= container.child_count() { Err(range("Index is equal to or greater than Count.")) } else { Ok(at) }
}

/// Adds content at a position; sequences item by item.
pub(super) fn add(cx: &mut dyn Ambient, container: &Arc<Token>, at: usize, content: &Value) -> Result<usize> {
    if !is_multiple(content) {
        let token = token_from(content)?;
        return insert(cx, container, at, &token);
    }
    cx.enter()?;
    let items = enumerator::to_vec(cx, content)?;
    let mut at = at;
    for item in &items {
        at = add(cx, container, at, item)?;
    }
    cx.leave();
    Ok(at)
}

/// `JContainer.InsertItem`; answers the position after it.
pub(super) fn insert(cx: &mut dyn Ambient, container: &Arc<Token>, at: usize, item: &Arc<Token>) -> Result<usize> {
    cx.charge_bytes(TOKEN_BYTES)?;
    let item = &parentless(cx, container, item)?;
    match &container.body {
        Body::Object(data) => {
            if item.kind() == Kind::Comment {
                return Ok(at);
            }
            let Some(name) = item.property_name() else { return Err(cannot_add(item, container)) };
            if data.0.read().position(name).is_some() {
                return Err(Exception::argument_message(format!(
                    "Can not add property {name} to {}. Property with the same name already exists on object.",
                    type_of(container).clr_name()
                )));
            }
            container.insert_member(at, item);
        }
        Body::Array(_) if item.kind() == Kind::Property => return Err(cannot_add(item, container)),
        Body::Array(_) => {
            if at > container.child_count() {
                return Err(range("Index must be within the bounds of the List."));
            }
            container.insert_item(at, item);
        }
        Body::Property { .. } => {
            return Err(Exception::json("Newtonsoft.Json.Linq.JProperty cannot have multiple values."));
        }
        Body::Scalar(_) => return Err(cannot_add(item, container)),
    }
    Ok(at.saturating_add(1))
}

fn cannot_add(item: &Token, container: &Token) -> Exception {
    Exception::argument_message(format!(
        "Can not add {} to {}.",
        type_of(item).clr_name(),
        type_of(container).clr_name()
    ))
}

/// A token that already stands somewhere is copied, and so is a tree that would come to hold itself.
fn parentless(cx: &mut dyn Ambient, container: &Arc<Token>, item: &Arc<Token>) -> Result<Arc<Token>> {
    let holds_itself = item.is_container() && Arc::ptr_eq(&container.top(), item);
    if item.has_parent() || holds_itself { deep_clone(cx, item) } else { Ok(item.clone()) }
}

/// `JContainer.SetItem` by position.
pub(super) fn set_at(cx: &mut dyn Ambient, container: &Arc<Token>, at: i32, item: &Arc<Token>) -> Result<()> {
    let at = check_index(container, at)?;
    let item = parentless(cx, container, item)?;
    match &container.body {
        Body::Array(_) => {
            if item.kind() == Kind::Property {
                return Err(cannot_add(&item, container));
            }
            container.replace_item(at, &item);
        }
        Body::Property { .. } => set_value(container, &item)?,
        Body::Object(data) => {
            let Some(name) = item.property_name() else { return Err(cannot_add(&item, container)) };
            let clash = data.0.read().position(name).filter(|p| *p != at);
            if clash.is_some() {
                return Err(Exception::argument_message(format!(
                    "Can not add property {name} to {}. Property with the same name already exists on object.",
                    type_of(container).clr_name()
                )));
            }
            container.remove_member(at);
            container.insert_member(at, &item);
        }
        Body::Scalar(_) => {}
    }
    Ok(())
}

/// `JProperty.Value = ...`
fn set_value(property: &Arc<Token>, item: &Arc<Token>) -> Result<()> {
    if item.kind() == Kind::Property {
        return Err(cannot_add(item, property));
    }
    property.set_property_value(item);
    Ok(())
}

/// The same with the copy that a token with a parent needs.
pub(super) fn assign_property(cx: &mut dyn Ambient, property: &Arc<Token>, item: &Arc<Token>) -> Result<()> {
    let item = parentless(cx, property, item)?;
    set_value(property, &item)
}

/// `object[name] = item`
pub(super) fn set_member(cx: &mut dyn Ambient, object: &Arc<Token>, name: &Str, item: &Arc<Token>) -> Result<()> {
    let Body::Object(data) = &object.body else { return Ok(()) };
    let known = data.0.read().position(name).is_some();
    if !known {
        return add_member(cx, object, name, item);
    }
    let item = parentless(cx, object, item)?;
    if item.kind() == Kind::Property {
        return Err(Exception::argument_message(
            "Can not add Newtonsoft.Json.Linq.JProperty to Newtonsoft.Json.Linq.JProperty.",
        ));
    }
    object.replace_member(name, &item);
    Ok(())
}

/// `object.Add(name, item)`
pub(super) fn add_member(cx: &mut dyn Ambient, object: &Arc<Token>, name: &Str, item: &Arc<Token>) -> Result<()> {
    let property = Token::new_property(name.clone());
    // The object may be an ancestor of nothing yet, so the check for a tree in itself runs against it.
    let item = parentless(cx, object, item)?;
    set_value(&property, &item)?;
    insert(cx, object, object.child_count(), &property).map(drop)
}

fn no_parent() -> Exception {
    Exception::invalid_operation("The parent is missing.")
}

/// `token.Remove()`
pub(super) fn remove(token: &Arc<Token>) -> Result<()> {
    let parent = token.parent().ok_or_else(no_parent)?;
    if matches!(parent.body, Body::Property { .. }) {
        return Err(fixed_property());
    }
    if let Some(at) = parent.child_index(token) {
        remove_at(&parent, i32::try_from(at).unwrap_or(i32::MAX))?;
    }
    Ok(())
}

pub(super) fn fixed_property() -> Exception {
    Exception::json("Cannot add or remove items from Newtonsoft.Json.Linq.JProperty.")
}

/// `container.RemoveAt(at)`
pub(super) fn remove_at(container: &Arc<Token>, at: i32) -> Result<()> {
    let at = check_index(container, at)?;
    match &container.body {
        Body::Object(_) => container.remove_member(at),
        Body::Array(_) => container.remove_item(at),
        _ => return Err(fixed_property()),
    };
    Ok(())
}

/// `token.Replace(value)`
pub(super) fn replace(cx: &mut dyn Ambient, token: &Arc<Token>, value: &Arc<Token>) -> Result<()> {
    let parent = token.parent().ok_or_else(no_parent)?;
    match parent.child_index(token) {
        Some(at) => set_at(cx, &parent, i32::try_from(at).unwrap_or(i32::MAX), value),
        None => Ok(()),
    }
}

/// `AddAfterSelf` and `AddBeforeSelf`.
pub(super) fn add_beside(cx: &mut dyn Ambient, token: &Arc<Token>, after: bool, content: &Value) -> Result<()> {
    let parent = token.parent().ok_or_else(no_parent)?;
    let at = parent.child_index(token).unwrap_or(0).saturating_add(usize::from(after));
    add(cx, &parent, at, content).map(drop)
}

/// `DeepClone`
pub(super) fn deep_clone(cx: &mut dyn Ambient, token: &Arc<Token>) -> Result<Arc<Token>> {
    if let Some(name) = token.property_name() {
        let copy = Token::new_property(name.clone());
        if let Some(payload) = token.property_value().and_then(|v| v.payload()) {
            let value = Token::of_payload(&clone_payload(cx, &payload, 0)?);
            copy.set_property_value(&value);
        }
        return Ok(copy);
    }
    match token.payload() {
        Some(payload) => Ok(Token::of_payload(&clone_payload(cx, &payload, 0)?)),
        None => Ok(token.clone()),
    }
}

pub(super) fn clone_payload(cx: &mut dyn Ambient, payload: &Payload, depth: usize) -> Result<Payload> {
    if depth > MAX_DEPTH {
        return Err(Exception::limit(format!("JSON may be nested at most {MAX_DEPTH} deep")));
    }
    let inner = depth.saturating_add(1);
    Ok(match payload {
        Payload::Scalar(s) => Payload::Scalar(s.clone()),
        Payload::Object(data) => {
            let from = data.0.read_recursive();
            cx.charge_bytes(from.list.len().saturating_mul(TOKEN_BYTES))?;
            let mut members = Members::default();
            for m in &from.list {
                members.push(m.name.clone(), Slot::new(clone_payload(cx, &m.slot.payload, inner)?));
            }
            Payload::Object(Arc::new(ObjectData(RwLock::new(members))))
        }
        Payload::Array(data) => {
            let from = data.0.read_recursive();
            cx.charge_bytes(from.list.len().saturating_mul(TOKEN_BYTES))?;
            let list = from.list.iter().map(|s| clone_payload(cx, &s.payload, inner).map(Slot::new));
            let list = list.collect::<Result<_>>()?;
            Payload::Array(Arc::new(match data.is_constructor() {
                true => ArrayData::constructor(data.name(), list),
                false => ArrayData::array(list),
            }))
        }
    })
}

/// `JToken.DeepEquals` of two tokens.
pub(super) fn deep_equals(a: &Arc<Token>, b: &Arc<Token>) -> bool {
    if Arc::ptr_eq(a, b) {
        return true;
    }
    match (a.property_name(), b.property_name()) {
        (Some(x), Some(y)) => {
            let value = |t: &Arc<Token>| t.property_value().and_then(|v| v.payload());
            x == y && matches!((value(a), value(b)), (Some(p), Some(q)) if equal_payloads(&p, &q, 0))
        }
        (None, None) => matches!((a.payload(), b.payload()), (Some(p), Some(q)) if equal_payloads(&p, &q, 0)),
        _ => false,
    }
}

fn equal_payloads(a: &Payload, b: &Payload, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let inner = depth.saturating_add(1);
    match (a, b) {
        (Payload::Scalar(x), Payload::Scalar(y)) => x.equals(y),
        (Payload::Object(x), Payload::Object(y)) => {
            if Arc::ptr_eq(x, y) {
                return true;
            }
            let (x, y) = (x.0.read_recursive(), y.0.read_recursive());
            x.list.len() == y.list.len()
                && x.list
                    .iter()
                    .all(|m| y.get(&m.name).is_some_and(|n| equal_payloads(&m.slot.payload, &n.slot.payload, inner)))
        }
        (Payload::Array(x), Payload::Array(y)) => {
            if Arc::ptr_eq(x, y) {
                return true;
            }
            if x.is_constructor() != y.is_constructor() || x.name() != y.name() {
                return false;
            }
            let (x, y) = (x.0.read_recursive(), y.0.read_recursive());
            x.list.len() == y.list.len()
                && x.list.iter().zip(&y.list).all(|(s, t)| equal_payloads(&s.payload, &t.payload, inner))
        }
        _ => false,
    }
}

/// Hash that agrees with `deep_equals`; the order of members takes no part.
pub(super) fn deep_hash(payload: &Payload, depth: usize) -> i32 {
    if depth > MAX_DEPTH {
        return 0;
    }
    let inner = depth.saturating_add(1);
    match payload {
        Payload::Scalar(s) => s.hash_code(),
        Payload::Object(data) => data.0.read_recursive().list.iter().fold(1, |h, m| {
            h ^ object::text_hash(m.name.bytes()).wrapping_mul(31).wrapping_add(deep_hash(&m.slot.payload, inner))
        }),
        Payload::Array(data) => data
            .0
            .read_recursive()
            .list
            .iter()
            .fold(2, |h, s| h.wrapping_mul(31).wrapping_add(deep_hash(&s.payload, inner))),
    }
}
