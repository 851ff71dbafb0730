//! Deep equality and document order: `DeepEquals`, `IsBefore`, and the two comparers.
use std::cmp::Ordering;
use std::sync::Arc;

use super::content::node_of;
use super::name::XName;
use super::node::{Kind, Node};
use crate::ambient::Ambient;
use crate::collections::comparer::{self, Rules, new_comparer};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object::text_hash;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Str, Value};

/// Same structure, names and texts; attributes in the same order (`XNode.DeepEquals`).
fn equal(charge: &mut dyn FnMut() -> Result<()>, a: &Node, b: &Node) -> Result<bool> {
    charge()?;
    if a.kind != b.kind {
        return Ok(false);
    }
    if !a.is_container() {
        return Ok(a.name() == b.name() && a.own_value() == b.own_value());
    }
    if a.kind == Kind::Element {
        let attributes = |n: &Node| n.attributes().iter().map(|x| (x.name(), x.own_value())).collect::<Vec<_>>();
        if a.name() != b.name() || attributes(a) != attributes(b) {
            return Ok(false);
        }
    }
    let (left, right) = (merged(a), merged(b));
    // `<a/>` and `<a></a>` are told apart.
    if left.is_empty() && right.is_empty() && a.is_empty() != b.is_empty() {
        return Ok(false);
    }
    if left.len() != right.len() {
        return Ok(false);
    }
    for pair in left.iter().zip(&right) {
        let same = match pair {
            (Piece::Text(x), Piece::Text(y)) => x == y,
            (Piece::Node(x), Piece::Node(y)) => equal(charge, x, y)?,
            _ => false,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

enum Piece {
    Text(String),
    Node(Arc<Node>),
}

/// Children with neighbouring texts joined; comments and instructions count.
fn merged(node: &Node) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for child in node.children() {
        match (child.kind, out.last_mut()) {
            (Kind::Text, Some(Piece::Text(text))) => crate::utf16::push(text, &child.own_value()),
            (Kind::Text, _) => out.push(Piece::Text(child.own_value().to_string())),
            _ => out.push(Piece::Node(child)),
        }
    }
    out
}

/// Positions from the root down to the node.
fn path(node: &Arc<Node>) -> (Arc<Node>, Vec<usize>) {
    let (mut at, mut steps) = (node.clone(), Vec::new());
    while let Some((parent, position)) = at.position() {
        steps.push(position);
        at = parent;
    }
    steps.reverse();
    (at, steps)
}

/// Negative when `a` stands before `b`.
pub(super) fn document_order(a: &Arc<Node>, b: &Arc<Node>) -> Result<i32> {
    let ((root_a, path_a), (root_b, path_b)) = (path(a), path(b));
    if !Arc::ptr_eq(&root_a, &root_b) {
        return Err(Exception::invalid_operation("A common ancestor is missing."));
    }
    Ok(path_a.cmp(&path_b) as i32)
}

/// `XNode.CompareDocumentOrder`
pub(super) fn compare(c: &mut Call<'_>) -> Result<Value> {
    let at = c.args.len().saturating_sub(2);
    Ok(Value::Int32(order_of(c.arg(at), c.arg(at + 1))? as i32))
}

/// No node comes before any.
fn order_of(a: &Value, b: &Value) -> Result<Ordering> {
    match (node_of(a), node_of(b)) {
        (Some(a), Some(b)) => Ok(document_order(&a, &b)?.cmp(&0)),
        (a, b) => Ok(a.is_some().cmp(&b.is_some())),
    }
}

/// `XNode.DeepEquals`, also as the instance method of the comparer.
pub(super) fn deep_equals(c: &mut Call<'_>) -> Result<Value> {
    let at = c.args.len().saturating_sub(2);
    Ok(Value::Bool(match (node_of(c.arg(at)), node_of(c.arg(at + 1))) {
        (Some(a), Some(b)) => Arc::ptr_eq(&a, &b) || equal(&mut || c.cx.charge_steps(1), &a, &b)?,
        (None, None) => true,
        _ => false,
    }))
}

const EQUALITY: TypeId = TypeId("System.Xml.Linq.XNodeEqualityComparer");
const ORDER: TypeId = TypeId("System.Xml.Linq.XNodeDocumentOrderComparer");

/// What both comparers decide; collections and LINQ take them too.
struct NodeRules;

impl Rules for NodeRules {
    fn equals(&self, a: &Value, b: &Value) -> bool {
        match (node_of(a), node_of(b)) {
            (Some(a), Some(b)) => Arc::ptr_eq(&a, &b) || equal(&mut || Ok(()), &a, &b).unwrap_or(false),
            (None, None) => true,
            _ => false,
        }
    }
    fn hash(&self, value: &Value) -> i32 {
        let Some(node) = node_of(value) else { return 0 };
        let (name, text): (XName, Str) = (node.name(), node.text_value());
        text_hash(name.local.bytes().chain(text.bytes()))
    }
    fn compare(&self, _: &mut dyn Ambient, a: &Value, b: &Value) -> Result<Ordering> {
        order_of(a, b)
    }
    fn hashes_null(&self) -> bool {
        true
    }
}

fn made(id: TypeId) -> Result<Value> {
    Ok(new_comparer(Type::Simple(id), NodeRules))
}

/// Adds the comparers.
pub(super) fn define(b: &mut Builder) {
    b.class(EQUALITY)
        .implements(&["IEqualityComparer<XNode>", "System.Collections.IEqualityComparer"])
        .def("new()", |_| made(EQUALITY))
        .def("bool Equals(XNode x, XNode y)", deep_equals)
        .def("int GetHashCode(XNode obj)", comparer::hash);
    b.class(ORDER)
        .implements(&["IComparer<XNode>", "System.Collections.IComparer"])
        .def("new()", |_| made(ORDER))
        .def("int Compare(XNode x, XNode y)", compare);
    b.class(TypeId("System.Xml.Linq.XNode"))
        .def("static XNodeDocumentOrderComparer DocumentOrderComparer", |_| made(ORDER))
        .def("static XNodeEqualityComparer EqualityComparer", |_| made(EQUALITY));
}
