//! The JSON tree: `JObject`, `JArray`, `JConstructor`, `JProperty` and `JValue`.
//!
//! Data and handles are apart. A container's data ([`ObjectData`], [`ArrayData`]) owns its content downwards, scalars in place.
//! A [`Token`] is what an expression holds: it is made when a place in the tree is first looked at, holds its parent strongly
//! (so `Path` and `Parent` work although nobody else holds the root) and is remembered weakly by its place (so looking twice
//! gives the same object). Nothing points strongly both ways, hence no leaks.
//!
//! INVARIANT: at most one lock of a tree is held for writing at a time, and no lock is held while user code runs. Readers go
//! from parent to child only.
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::RwLock;

use super::members::{Member, Members};
use super::scalar::{Kind, Scalar};
use crate::collections::annotations::Notes;
use crate::collections::graveyard;
use crate::value::{Str, Value};

/// A JSON token as an expression sees it.
pub struct Token {
    link: RwLock<Link>,
    pub(super) body: Body,
    /// Annotations; the place of the token knows them too, or they would be forgotten with it.
    pub(super) notes: OnceLock<Arc<Notes>>,
}

/// Where a token stands.
#[derive(Clone, Default)]
pub(super) struct Link {
    /// The object, array or property it is in. A value of an object's member points to the object.
    pub(super) parent: Option<Arc<Token>>,
    /// The member's name, if the parent is an object and this is the value of a member.
    pub(super) name: Option<Str>,
}

/// What a token is.
pub(super) enum Body {
    Object(Arc<ObjectData>),
    Array(Arc<ArrayData>),
    Scalar(RwLock<Scalar>),
    /// A member of an object. While it stands in one, the object's data has the value; else `own` has it.
    /// Boxed, or every token would be as large.
    Property {
        name: Str,
        own: RwLock<Option<Box<Slot>>>,
    },
}

/// A place in a container: what is there, and the token that was made of it.
pub(super) struct Slot {
    pub(super) payload: Payload,
    live: Weak<Token>,
    pub(super) notes: Option<Arc<Notes>>,
}

/// Content without a handle.
#[derive(Clone)]
pub(super) enum Payload {
    Scalar(Scalar),
    Object(Arc<ObjectData>),
    Array(Arc<ArrayData>),
}

/// Members of an object.
#[derive(Default)]
pub(super) struct ObjectData(pub(super) RwLock<Members>);

/// Items of an array, or the arguments of a constructor (`new Date(5)`), which differs from an array in its name only.
#[derive(Default)]
pub(super) struct ArrayData(pub(super) RwLock<Items>, Option<RwLock<Option<Str>>>);

impl ArrayData {
    pub(super) fn array(list: Vec<Slot>) -> ArrayData {
        ArrayData(RwLock::new(Items { list, version: 0 }), None)
    }

    /// A constructor made by an expression may have no name.
    pub(super) fn constructor(name: Option<Str>, list: Vec<Slot>) -> ArrayData {
        ArrayData(RwLock::new(Items { list, version: 0 }), Some(RwLock::new(name)))
    }

    pub(super) fn is_constructor(&self) -> bool {
        self.1.is_some()
    }

    /// Name of a constructor.
    pub(super) fn name(&self) -> Option<Str> {
        self.1.as_ref().and_then(|name| name.read().clone())
    }

    fn set_name(&self, name: Option<Str>) {
        if let Some(own) = &self.1 {
            *own.write() = name;
        }
    }
}

#[derive(Default)]
pub(super) struct Items {
    pub(super) list: Vec<Slot>,
    pub(super) version: u32,
}

impl Drop for Items {
    fn drop(&mut self) {
        graveyard::end(std::mem::take(&mut self.list), |list| containers(list.into_iter().map(|s| s.payload)));
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if let Some(parent) = self.link.get_mut().parent.take() {
            graveyard::end(parent, |parent| vec![parent.value()]);
        }
    }
}

/// The containers among payloads, as values.
pub(super) fn containers(payloads: impl Iterator<Item = Payload>) -> Vec<Value> {
    payloads.filter(|p| !matches!(p, Payload::Scalar(_))).map(|p| Token::of_payload(&p).value()).collect()
}

// === impl Slot, Payload ===

impl Slot {
    pub(super) fn new(payload: Payload) -> Slot {
        Slot { payload, live: Weak::new(), notes: None }
    }

    /// The token of this place, made if there is none.
    pub(super) fn token(&mut self, parent: &Arc<Token>, name: Option<&Str>) -> Arc<Token> {
        if let Some(token) = self.live.upgrade() {
            return token;
        }
        let link = Link { parent: Some(parent.clone()), name: name.cloned() };
        let token = Arc::new(Token { link: RwLock::new(link), body: self.payload.body(), notes: noted(&self.notes) });
        self.live = Arc::downgrade(&token);
        token
    }

    /// The token of this place, if somebody holds it.
    pub(super) fn living(&self) -> Option<Arc<Token>> {
        self.live.upgrade()
    }

    pub(super) fn is(&self, token: &Token) -> bool {
        std::ptr::eq(self.live.as_ptr(), token)
    }
}

impl Payload {
    fn body(&self) -> Body {
        match self {
            Payload::Scalar(s) => Body::Scalar(RwLock::new(s.clone())),
            Payload::Object(o) => Body::Object(o.clone()),
            Payload::Array(a) => Body::Array(a.clone()),
        }
    }
}

// === impl Token ===

impl Token {
    fn root(body: Body) -> Arc<Token> {
        Arc::new(Token { link: RwLock::new(Link::default()), body, notes: OnceLock::new() })
    }

    pub(super) fn of_payload(payload: &Payload) -> Arc<Token> {
        Token::root(payload.body())
    }

    pub(super) fn scalar(scalar: Scalar) -> Arc<Token> {
        Token::root(Body::Scalar(RwLock::new(scalar)))
    }

    pub(super) fn new_object() -> Arc<Token> {
        Token::root(Body::Object(Arc::default()))
    }

    pub(super) fn new_array() -> Arc<Token> {
        Token::root(Body::Array(Arc::default()))
    }

    pub(super) fn new_constructor(name: Option<Str>) -> Arc<Token> {
        Token::root(Body::Array(Arc::new(ArrayData::constructor(name, Vec::new()))))
    }

    /// A property that stands in no object, with a null value until one is set.
    pub(super) fn new_property(name: Str) -> Arc<Token> {
        Token::root(Body::Property { name, own: RwLock::new(Some(Box::new(Slot::new(Payload::Scalar(Scalar::NULL))))) })
    }

    /// The token behind a value.
    pub fn of(value: &Value) -> Option<Arc<Token>> {
        let Value::Object(object) = value else { return None };
        if !object.as_any().is::<Token>() {
            return None;
        }
        let any: Arc<dyn std::any::Any + Send + Sync> = object.clone();
        any.downcast().ok()
    }

    /// As a value.
    pub fn value(self: Arc<Token>) -> Value {
        Value::Object(self)
    }

    /// `Type`
    pub fn kind(&self) -> Kind {
        match &self.body {
            Body::Object(_) => Kind::Object,
            Body::Array(data) if data.is_constructor() => Kind::Constructor,
            Body::Array(_) => Kind::Array,
            Body::Property { .. } => Kind::Property,
            Body::Scalar(s) => s.read().kind,
        }
    }

    pub(super) fn is_container(&self) -> bool {
        !matches!(self.body, Body::Scalar(_))
    }

    /// Content of a `JValue`.
    pub fn as_scalar(&self) -> Option<Scalar> {
        match &self.body {
            Body::Scalar(s) => Some(s.read().clone()),
            _ => None,
        }
    }

    pub(super) fn link(&self) -> Link {
        self.link.read().clone()
    }

    pub(super) fn unlink(&self) {
        *self.link.write() = Link::default();
    }

    pub(super) fn set_link(&self, parent: &Arc<Token>, name: Option<&Str>) {
        *self.link.write() = Link { parent: Some(parent.clone()), name: name.cloned() };
    }

    pub(super) fn has_parent(&self) -> bool {
        self.link.read().parent.is_some()
    }

    /// What the data of a container or value is, shared with this token.
    pub(super) fn payload(&self) -> Option<Payload> {
        match &self.body {
            Body::Object(o) => Some(Payload::Object(o.clone())),
            Body::Array(a) => Some(Payload::Array(a.clone())),
            Body::Scalar(s) => Some(Payload::Scalar(s.read().clone())),
            Body::Property { .. } => None,
        }
    }

    /// A slot that remembers this token.
    pub(super) fn slot(self: &Arc<Token>) -> Option<Slot> {
        Some(Slot { payload: self.payload()?, live: Arc::downgrade(self), notes: self.notes.get().cloned() })
    }

    /// `Parent`: the property for the value of a member.
    pub fn parent(self: &Arc<Token>) -> Option<Arc<Token>> {
        let link = self.link();
        let parent = link.parent?;
        match (&parent.body, &link.name) {
            (Body::Object(_), Some(name)) => parent.property(name),
            _ => Some(parent),
        }
    }

    /// `Root`
    pub fn top(self: &Arc<Token>) -> Arc<Token> {
        let mut at = self.clone();
        while let Some(parent) = at.link().parent {
            at = parent;
        }
        at
    }

    // --- objects ---

    /// Value of a member.
    pub fn member(self: &Arc<Token>, name: &str) -> Option<Arc<Token>> {
        let Body::Object(data) = &self.body else { return None };
        let mut members = data.0.write();
        let at = members.position(name)?;
        let member = members.list.get_mut(at)?;
        let Member { name, slot, .. } = member;
        Some(slot.token(self, Some(name)))
    }

    /// Value of the member at a position.
    pub(super) fn member_at(self: &Arc<Token>, at: usize) -> Option<(Str, Arc<Token>)> {
        let Body::Object(data) = &self.body else { return None };
        let mut members = data.0.write();
        let member = members.list.get_mut(at)?;
        let name = member.name.clone();
        Some((name.clone(), member.slot.token(self, Some(&name))))
    }

    /// The `JProperty` of a member.
    pub(super) fn property(self: &Arc<Token>, name: &str) -> Option<Arc<Token>> {
        let Body::Object(data) = &self.body else { return None };
        let at = data.0.read().position(name)?;
        self.property_at(at)
    }

    /// The `JProperty` at a position.
    pub(super) fn property_at(self: &Arc<Token>, at: usize) -> Option<Arc<Token>> {
        let Body::Object(data) = &self.body else { return None };
        let mut members = data.0.write();
        let member = members.list.get_mut(at)?;
        if let Some(property) = member.property.upgrade() {
            return Some(property);
        }
        let property = Arc::new(Token {
            link: RwLock::new(Link { parent: Some(self.clone()), name: None }),
            body: Body::Property { name: member.name.clone(), own: RwLock::new(None) },
            notes: noted(&member.notes),
        });
        member.property = Arc::downgrade(&property);
        Some(property)
    }

    pub(super) fn member_names(&self) -> Vec<Str> {
        match &self.body {
            Body::Object(data) => data.0.read().list.iter().map(|m| m.name.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// Name of a property.
    pub(super) fn property_name(&self) -> Option<&Str> {
        match &self.body {
            Body::Property { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Value of a property.
    pub(super) fn property_value(self: &Arc<Token>) -> Option<Arc<Token>> {
        let Body::Property { name, own } = &self.body else { return None };
        if let Some(slot) = own.write().as_mut() {
            return Some(slot.token(self, None));
        }
        self.link().parent?.member(name)
    }

    /// Puts a value in the place of a member's; the old one stands alone afterwards.
    pub(super) fn replace_member(self: &Arc<Token>, name: &str, value: &Arc<Token>) -> bool {
        let (Body::Object(data), Some(slot)) = (&self.body, value.slot()) else { return false };
        let (old, name) = {
            let mut members = data.0.write();
            let Some(at) = members.position(name) else { return false };
            let Some(member) = members.list.get_mut(at) else { return false };
            (std::mem::replace(&mut member.slot, slot), member.name.clone())
        };
        if let Some(old) = old.living().filter(|o| !Arc::ptr_eq(o, value)) {
            old.unlink();
        }
        value.set_link(self, Some(&name));
        true
    }

    /// Adds a member at a position. `property` becomes its `JProperty`; the caller has checked the name.
    pub(super) fn insert_member(self: &Arc<Token>, at: usize, property: &Arc<Token>) {
        let (Body::Object(data), Body::Property { name, own }) = (&self.body, &property.body) else { return };
        let Some(slot) = own.write().take() else { return };
        let value = slot.living();
        let notes = property.notes.get().cloned();
        data.0
            .write()
            .insert(at, Member { name: name.clone(), slot: *slot, property: Arc::downgrade(property), notes });
        property.set_link(self, None);
        if let Some(value) = value {
            value.set_link(self, Some(name));
        }
    }

    /// Takes a member out. Tokens that somebody holds of it live on: the property alone, its value in the property.
    pub(super) fn remove_member(self: &Arc<Token>, at: usize) -> bool {
        let Body::Object(data) = &self.body else { return false };
        let Some(member) = data.0.write().take(at) else { return false };
        detach(member);
        true
    }

    // --- arrays ---

    /// Item of an array.
    pub fn item(self: &Arc<Token>, at: usize) -> Option<Arc<Token>> {
        let Body::Array(data) = &self.body else { return None };
        let mut items = data.0.write();
        Some(items.list.get_mut(at)?.token(self, None))
    }

    pub(super) fn insert_item(self: &Arc<Token>, at: usize, item: &Arc<Token>) {
        let (Body::Array(data), Some(slot)) = (&self.body, item.slot()) else { return };
        {
            let mut items = data.0.write();
            let at = at.min(items.list.len());
            items.version = items.version.wrapping_add(1);
            items.list.insert(at, slot);
        }
        item.set_link(self, None);
    }

    pub(super) fn replace_item(self: &Arc<Token>, at: usize, item: &Arc<Token>) -> bool {
        let (Body::Array(data), Some(slot)) = (&self.body, item.slot()) else { return false };
        let old = {
            let mut items = data.0.write();
            items.version = items.version.wrapping_add(1);
            match items.list.get_mut(at) {
                Some(place) => std::mem::replace(place, slot),
                None => return false,
            }
        };
        if let Some(old) = old.living().filter(|o| !Arc::ptr_eq(o, item)) {
            old.unlink();
        }
        item.set_link(self, None);
        true
    }

    pub(super) fn remove_item(self: &Arc<Token>, at: usize) -> bool {
        let Body::Array(data) = &self.body else { return false };
        let old = {
            let mut items = data.0.write();
            if at >= items.list.len() {
                return false;
            }
            items.version = items.version.wrapping_add(1);
            items.list.remove(at)
        };
        if let Some(old) = old.living() {
            old.unlink();
        }
        true
    }

    /// Name of a constructor.
    pub(super) fn constructor_name(&self) -> Option<Str> {
        match &self.body {
            Body::Array(data) => data.name(),
            _ => None,
        }
    }

    pub(super) fn set_constructor_name(&self, name: Option<Str>) {
        if let Body::Array(data) = &self.body {
            data.set_name(name);
        }
    }

    // --- any container ---

    /// Number of children.
    pub fn child_count(&self) -> usize {
        match &self.body {
            Body::Object(data) => data.0.read().list.len(),
            Body::Array(data) => data.0.read().list.len(),
            Body::Property { .. } => 1,
            Body::Scalar(_) => 0,
        }
    }

    /// Child at a position: a `JProperty` of an object, an item of an array, the value of a property.
    pub(super) fn child(self: &Arc<Token>, at: usize) -> Option<Arc<Token>> {
        match &self.body {
            Body::Object(_) => self.property_at(at),
            Body::Array(_) => self.item(at),
            Body::Property { .. } if at == 0 => self.property_value(),
            _ => None,
        }
    }

    /// Position of a child, by identity.
    pub(super) fn child_index(&self, child: &Arc<Token>) -> Option<usize> {
        match &self.body {
            Body::Object(data) => {
                let name = child.property_name()?;
                let members = data.0.read();
                let at = members.position(name)?;
                members.list.get(at).filter(|m| std::ptr::eq(m.property.as_ptr(), Arc::as_ptr(child))).map(|_| at)
            }
            Body::Array(data) => data.0.read().list.iter().position(|s| s.is(child)),
            Body::Property { own, .. } => match &*own.read() {
                Some(slot) => slot.is(child).then_some(0),
                None => child.link().parent.map(|_| 0),
            },
            Body::Scalar(_) => None,
        }
    }

    /// Counts the structural changes.
    pub(super) fn version(&self) -> u32 {
        match &self.body {
            Body::Object(data) => data.0.read().version,
            Body::Array(data) => data.0.read().version,
            _ => 0,
        }
    }

    /// Takes all children out.
    pub(super) fn clear(&self) {
        match &self.body {
            Body::Object(data) => {
                let old = data.0.write().take_all();
                old.into_iter().for_each(detach);
            }
            Body::Array(data) => {
                let old = {
                    let mut items = data.0.write();
                    items.version = items.version.wrapping_add(1);
                    std::mem::take(&mut items.list)
                };
                old.iter().filter_map(Slot::living).for_each(|t| t.unlink());
            }
            _ => {}
        }
    }

    /// Puts a value into a property, wherever the property stands.
    pub(super) fn set_property_value(self: &Arc<Token>, value: &Arc<Token>) {
        let Body::Property { name, own } = &self.body else { return };
        let old = {
            let mut own = own.write();
            match own.as_mut() {
                Some(slot) => value.slot().map(|new| std::mem::replace(&mut **slot, new)),
                None => None,
            }
        };
        match old {
            Some(old) => {
                if let Some(old) = old.living().filter(|o| !Arc::ptr_eq(o, value)) {
                    old.unlink();
                }
                value.set_link(self, None);
            }
            None => {
                if let Some(object) = self.link().parent {
                    object.replace_member(name, value);
                }
            }
        }
    }

    /// `JValue.Value = ...`: the token and its place.
    pub(super) fn set_scalar(self: &Arc<Token>, scalar: Scalar) {
        let Body::Scalar(own) = &self.body else { return };
        *own.write() = scalar.clone();
        let link = self.link();
        let Some(parent) = link.parent else { return };
        match &parent.body {
            Body::Object(data) => {
                let mut members = data.0.write();
                let at = link.name.and_then(|n| members.position(&n));
                if let Some(m) = at.and_then(|at| members.list.get_mut(at)).filter(|m| m.slot.is(self)) {
                    m.slot.payload = Payload::Scalar(scalar);
                }
            }
            Body::Array(data) => {
                if let Some(slot) = data.0.write().list.iter_mut().find(|s| s.is(self)) {
                    slot.payload = Payload::Scalar(scalar);
                }
            }
            Body::Property { own, .. } => {
                if let Some(slot) = own.write().as_mut() {
                    slot.payload = Payload::Scalar(scalar);
                }
            }
            Body::Scalar(_) => {}
        }
    }
}

/// The annotations that a place keeps, for the token that is made of it.
fn noted(notes: &Option<Arc<Notes>>) -> OnceLock<Arc<Notes>> {
    notes.clone().map_or_else(OnceLock::new, OnceLock::from)
}

/// A member that left its object: its property and value tokens, if held, stay together.
fn detach(member: Member) {
    let (property, value) = (member.property.upgrade(), member.slot.living());
    if property.is_none() && value.is_none() {
        return;
    }
    let property =
        property.unwrap_or_else(|| Token::root(Body::Property { name: member.name.clone(), own: RwLock::new(None) }));
    if let Body::Property { own, .. } = &property.body {
        *own.write() = Some(Box::new(member.slot));
    }
    property.unlink();
    if let Some(value) = value {
        value.set_link(&property, None);
    }
}
