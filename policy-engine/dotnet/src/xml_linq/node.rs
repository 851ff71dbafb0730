//! The tree: one object type for every kind of node, with parent links and in-place changes.
//!
//! INVARIANT: a node stands in at most one list, that of its parent; nesting never passes [`MAX_DEPTH`], so walks may recurse.
use std::any::Any;
use std::sync::{Arc, Weak};

use parking_lot::{Mutex, RwLock};

use super::name::XName;
use super::write;
use crate::ambient::Ambient;
use crate::collections::annotations::Notes;
use crate::exception::{Exception, Result};
use crate::types::{Type, TypeId};
use crate::value::{Object, Str, Value};

/// Deepest nesting of elements.
pub(super) const MAX_DEPTH: usize = 500;
/// Rough memory of one node.
pub(super) const NODE_BYTES: usize = 240;

/// What a node is; the numbers are those of `System.Xml.XmlNodeType`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `XElement`
    Element = 1,
    /// `XAttribute`
    Attribute = 2,
    /// `XText`
    Text = 3,
    /// `XCData`
    CData = 4,
    /// `XProcessingInstruction`
    Instruction = 7,
    /// `XComment`
    Comment = 8,
    /// `XDocument`
    Document = 9,
    /// `XDocumentType`
    DocumentType = 10,
}

/// A node of a tree.
pub struct Node {
    me: Weak<Node>,
    /// What it is.
    pub kind: Kind,
    state: RwLock<State>,
    /// The object that stands for it in values, if anyone holds it.
    handle: Mutex<Weak<NodeObject>>,
}

/// A node as an object of an expression. Nodes themselves only know their parents weakly, or trees would never be freed.
pub struct NodeObject {
    pub(super) node: Arc<Node>,
    root: Mutex<Option<Arc<Node>>>,
}

#[derive(Default)]
struct State {
    parent: Weak<Node>,
    name: Option<XName>,
    value: Str,
    attributes: Vec<Arc<Node>>,
    children: Vec<Arc<Node>>,
    /// An element without children that is still written `<a></a>`.
    full: bool,
    declaration: Option<Value>,
    /// Public id, system id, internal subset of a document type.
    doctype: [Option<Str>; 3],
    notes: Option<Arc<Notes>>,
}

impl Node {
    fn with(kind: Kind, state: State) -> Arc<Node> {
        Arc::new_cyclic(|me| Node { me: me.clone(), kind, state: RwLock::new(state), handle: Mutex::new(Weak::new()) })
    }

    /// An empty element.
    pub fn element(name: XName) -> Arc<Node> {
        Node::with(Kind::Element, State { name: Some(name), ..State::default() })
    }

    /// An attribute.
    pub fn attribute(name: XName, value: impl Into<Str>) -> Arc<Node> {
        Node::with(Kind::Attribute, State { name: Some(name), value: value.into(), ..State::default() })
    }

    /// A text, CDATA section or comment.
    pub fn text(kind: Kind, value: impl Into<Str>) -> Arc<Node> {
        Node::with(kind, State { value: value.into(), ..State::default() })
    }

    /// A processing instruction.
    pub fn instruction(target: &str, data: impl Into<Str>) -> Arc<Node> {
        let name = Some(XName::local(target));
        Node::with(Kind::Instruction, State { name, value: data.into(), ..State::default() })
    }

    /// An empty document.
    pub fn document() -> Arc<Node> {
        Node::with(Kind::Document, State::default())
    }

    /// A document type declaration: name, and public id, system id, internal subset.
    pub(super) fn doctype(name: &str, parts: [Option<Str>; 3]) -> Arc<Node> {
        let name = Some(XName::local(name));
        Node::with(Kind::DocumentType, State { name, doctype: parts, ..State::default() })
    }

    /// As a value, with its identity: as long as anyone holds it, it is the same object, and it keeps the whole tree alive, so that
    /// a part of a tree can still be asked for its parent.
    pub fn value_of(&self) -> Value {
        let Some(node) = self.me.upgrade() else { return Value::Null };
        let mut handle = self.handle.lock();
        if let Some(known) = handle.upgrade() {
            return Value::Object(known);
        }
        let new = Arc::new(NodeObject { root: Mutex::new(self.root()), node });
        *handle = Arc::downgrade(&new);
        drop(handle);
        Value::Object(new)
    }

    /// The outermost node around it, or itself.
    fn root(&self) -> Option<Arc<Node>> {
        let mut root = self.parent()?;
        while let Some(next) = root.parent() {
            root = next;
        }
        Some(root)
    }

    /// After a move: whoever holds this node now holds the tree that it came into.
    fn hold_root(&self) {
        let Some(held) = self.handle.lock().upgrade() else { return };
        *held.root.lock() = self.root();
    }

    /// The counted reference to itself.
    pub fn arc(&self) -> Option<Arc<Node>> {
        self.me.upgrade()
    }

    /// Name of an element or attribute, target of an instruction.
    pub fn name(&self) -> XName {
        self.state.read().name.clone().unwrap_or_else(|| XName::local(""))
    }

    pub(super) fn has_name(&self, wanted: &XName) -> bool {
        self.state.read().name.as_ref() == Some(wanted)
    }

    pub(super) fn set_name(&self, name: XName) {
        self.state.write().name = Some(name);
    }

    /// Own text: of attributes, texts, comments, instructions.
    pub fn own_value(&self) -> Str {
        self.state.read().value.clone()
    }

    pub(super) fn set_own_value(&self, value: Str) {
        self.state.write().value = value;
    }

    /// Parent element or document.
    pub fn parent(&self) -> Option<Arc<Node>> {
        self.state.read().parent.upgrade()
    }

    /// Children at this moment.
    pub fn children(&self) -> Vec<Arc<Node>> {
        self.state.read().children.clone()
    }

    /// Attributes at this moment.
    pub fn attributes(&self) -> Vec<Arc<Node>> {
        self.state.read().attributes.clone()
    }

    /// A child or attribute by its place.
    pub(super) fn part(&self, at: usize, attributes: bool) -> Option<Arc<Node>> {
        let state = self.state.read();
        let parts = if attributes { &state.attributes } else { &state.children };
        parts.get(at).cloned()
    }

    /// Where a child or attribute stands now; it is looked for where it stood first.
    pub(super) fn place_of(&self, part: &Arc<Node>, stood: usize, attributes: bool) -> Option<usize> {
        let state = self.state.read();
        let parts = if attributes { &state.attributes } else { &state.children };
        if parts.get(stood).is_some_and(|p| Arc::ptr_eq(p, part)) {
            return Some(stood);
        }
        parts.iter().position(|p| Arc::ptr_eq(p, part))
    }

    pub(super) fn doctype_part(&self, n: usize) -> Option<Str> {
        self.state.read().doctype.get(n).cloned().flatten()
    }

    pub(super) fn declaration(&self) -> Option<Value> {
        self.state.read().declaration.clone()
    }

    pub(super) fn set_declaration(&self, value: Option<Value>) {
        self.state.write().declaration = value;
    }

    /// Annotations; made if asked for.
    pub(super) fn notes(&self, make: bool) -> Option<Arc<Notes>> {
        if make {
            Some(self.state.write().notes.get_or_insert_default().clone())
        } else {
            self.state.read().notes.clone()
        }
    }

    /// `XElement.IsEmpty`
    pub fn is_empty(&self) -> bool {
        let state = self.state.read();
        state.children.is_empty() && !state.full
    }

    pub(super) fn set_full(&self) {
        self.state.write().full = true;
    }

    /// First attribute of that name.
    pub fn find_attribute(&self, name: &XName) -> Option<Arc<Node>> {
        self.state.read().attributes.iter().find(|a| a.has_name(name)).cloned()
    }

    /// Element with content?
    pub(super) fn is_element(&self) -> bool {
        self.kind == Kind::Element
    }

    pub(super) fn is_container(&self) -> bool {
        matches!(self.kind, Kind::Element | Kind::Document)
    }

    /// Position among its siblings.
    pub(super) fn position(&self) -> Option<(Arc<Node>, usize)> {
        let parent = self.parent()?;
        let at = parent.state.read().children.iter().position(|c| std::ptr::eq(&raw const **c, self))?;
        Some((parent, at))
    }

    fn depth(&self) -> usize {
        let (mut depth, mut at) = (0, self.parent());
        while let Some(p) = at {
            depth += 1;
            at = p.parent();
        }
        depth
    }

    fn height(&self, left: usize) -> Option<usize> {
        let left = left.checked_sub(1)?;
        let mut most = 0;
        for child in self.children().iter().filter(|c| c.is_container()) {
            most = most.max(child.height(left)?);
        }
        Some(most + 1)
    }

    /// Puts a node without parent into the list of children; the caller made sure that it may stand there.
    pub(super) fn insert(&self, at: usize, child: Arc<Node>) -> Result<()> {
        if child.is_container() && !child.children().is_empty() || self.depth() + 2 > MAX_DEPTH {
            let room = MAX_DEPTH.saturating_sub(self.depth() + 1);
            child.height(room).ok_or_else(too_deep)?;
        }
        child.state.write().parent = self.me.clone();
        {
            let mut state = self.state.write();
            let at = at.min(state.children.len());
            state.children.insert(at, child.clone());
        }
        child.hold_root();
        Ok(())
    }

    /// Adds a fresh child while a document is read; the reader counts the depth itself.
    pub(super) fn push_read(&self, child: Arc<Node>) {
        child.state.write().parent = self.me.clone();
        self.state.write().children.push(child);
    }

    pub(super) fn last_child(&self) -> Option<Arc<Node>> {
        self.state.read().children.last().cloned()
    }

    /// Adds an attribute without parent at the end.
    pub(super) fn push_attribute(&self, attribute: Arc<Node>) {
        attribute.state.write().parent = self.me.clone();
        self.state.write().attributes.push(attribute.clone());
        attribute.hold_root();
    }

    /// Takes itself out of its parent; false if it has none.
    pub(super) fn detach(&self) -> bool {
        let Some(parent) = self.parent() else { return false };
        let mut state = parent.state.write();
        let list = if self.kind == Kind::Attribute { &mut state.attributes } else { &mut state.children };
        list.retain(|n| !std::ptr::eq(&raw const **n, self));
        if self.kind != Kind::Attribute && state.children.is_empty() {
            state.full = false;
        }
        drop(state);
        self.state.write().parent = Weak::new();
        true
    }

    pub(super) fn remove_children(&self) {
        let mut state = self.state.write();
        state.full = false;
        let children = std::mem::take(&mut state.children);
        drop(state);
        for child in children {
            child.state.write().parent = Weak::new();
        }
    }

    pub(super) fn remove_attributes(&self) {
        let attributes = std::mem::take(&mut self.state.write().attributes);
        for attribute in attributes {
            attribute.state.write().parent = Weak::new();
        }
    }

    /// A deep copy without parent.
    pub(super) fn copy(&self, cx: &mut dyn Ambient) -> Result<Arc<Node>> {
        cx.charge_bytes(NODE_BYTES)?;
        let (name, value, full, declaration, doctype) = {
            let s = self.state.read();
            (s.name.clone(), s.value.clone(), s.full, s.declaration.clone(), s.doctype.clone())
        };
        let new = Node::with(self.kind, State { name, value, full, declaration, doctype, ..State::default() });
        for attribute in self.attributes() {
            new.push_attribute(attribute.copy(cx)?);
        }
        for child in self.children() {
            let child = child.copy(cx)?;
            child.state.write().parent = Arc::downgrade(&new);
            new.state.write().children.push(child);
        }
        Ok(new)
    }

    /// `Value`: text of all texts inside.
    pub fn text_value(&self) -> Str {
        if !self.is_container() {
            return self.own_value();
        }
        if let [one] = self.state.read().children.as_slice()
            && matches!(one.kind, Kind::Text | Kind::CData)
        {
            return one.own_value();
        }
        let mut out = String::new();
        self.collect_text(&mut out);
        out.into()
    }

    fn collect_text(&self, out: &mut String) {
        for child in self.children() {
            match child.kind {
                Kind::Text | Kind::CData => crate::utf16::push(out, &child.own_value()),
                Kind::Element => child.collect_text(out),
                _ => {}
            }
        }
    }

    /// Adds all nodes below, in document order.
    pub(super) fn descendants(&self, out: &mut Vec<Arc<Node>>) {
        for child in self.children() {
            let inner = child.is_container();
            out.push(child.clone());
            if inner {
                child.descendants(out);
            }
        }
    }

    /// URI that a prefix stands for here, by declarations on this element and around it.
    pub fn namespace_of_prefix(&self, prefix: &str) -> Option<Str> {
        match prefix {
            "xml" => return Some(super::name::XML_URI.into()),
            "xmlns" => return Some(super::name::XMLNS_URI.into()),
            _ => {}
        }
        let mut at = self.arc();
        while let Some(e) = at {
            if let Some(found) = e.attributes().iter().find(|a| declared_prefix(&a.name()) == Some(prefix.into())) {
                return Some(found.own_value());
            }
            at = e.parent();
        }
        None
    }

    /// Nearest prefix that stands for the URI here and is not hidden by a nearer declaration.
    pub fn prefix_of_namespace(&self, uri: &str, allow_default: bool) -> Option<Str> {
        let mut hidden: Vec<Str> = Vec::new();
        let mut at = self.arc();
        while let Some(e) = at {
            for attribute in e.attributes() {
                let Some(prefix) = declared_prefix(&attribute.name()) else { continue };
                let usable = (allow_default || !prefix.is_empty()) && !hidden.contains(&prefix);
                if usable && &*attribute.own_value() == uri {
                    return Some(prefix);
                }
                hidden.push(prefix);
            }
            at = e.parent();
        }
        match uri {
            super::name::XML_URI => Some("xml".into()),
            super::name::XMLNS_URI => Some("xmlns".into()),
            _ => None,
        }
    }
}

/// Prefix that an attribute declares; empty for `xmlns="..."`.
pub(super) fn declared_prefix(name: &XName) -> Option<Str> {
    if !name.is_declaration() {
        None
    } else if name.uri.is_empty() {
        Some("".into())
    } else {
        Some(name.local.clone())
    }
}

pub(super) fn too_deep() -> Exception {
    Exception::limit(format!("xml nests deeper than {MAX_DEPTH} elements"))
}

/// Frees long chains without recursion.
impl Drop for Node {
    fn drop(&mut self) {
        let mut pending = std::mem::take(&mut self.state.get_mut().children);
        while let Some(node) = pending.pop() {
            if let Some(mut last) = Arc::into_inner(node) {
                pending.append(&mut last.state.get_mut().children);
            }
        }
    }
}

impl Object for NodeObject {
    fn net_type(&self) -> Type {
        Type::Simple(TypeId(match self.node.kind {
            Kind::Element => "System.Xml.Linq.XElement",
            Kind::Attribute => "System.Xml.Linq.XAttribute",
            Kind::Text => "System.Xml.Linq.XText",
            Kind::CData => "System.Xml.Linq.XCData",
            Kind::Instruction => "System.Xml.Linq.XProcessingInstruction",
            Kind::Comment => "System.Xml.Linq.XComment",
            Kind::Document => "System.Xml.Linq.XDocument",
            Kind::DocumentType => "System.Xml.Linq.XDocumentType",
        }))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, cx: &mut dyn Ambient) -> Result<Str> {
        Ok(write::text(cx, &self.node, true)?.into())
    }
}
