//! Axes: `Elements`, `Descendants`, `Ancestors`, ... as lazy sequences, of one node and of sequences of nodes.
use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;

use super::content::node_of;
use super::name::XName;
use super::node::{Kind, Node};
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::types::{Type, TypeId};
use crate::value::{Enumerator, Object, Value};

/// Which nodes, seen from one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Axis {
    Nodes,
    Elements,
    Attributes,
    DescendantNodes,
    DescendantNodesAndSelf,
    Descendants,
    DescendantsAndSelf,
    Ancestors,
    AncestorsAndSelf,
    NodesAfter,
    NodesBefore,
    ElementsAfter,
    ElementsBefore,
}

impl Axis {
    /// The nodes at this moment, in the order .NET gives them.
    pub(super) fn walk(self, node: &Arc<Node>) -> Vec<Arc<Node>> {
        let mut out = Vec::new();
        match self {
            Axis::Nodes | Axis::Elements => out = node.children(),
            Axis::Attributes => out = node.attributes(),
            Axis::DescendantNodes | Axis::Descendants => node.descendants(&mut out),
            Axis::DescendantNodesAndSelf | Axis::DescendantsAndSelf => {
                out.push(node.clone());
                node.descendants(&mut out);
            }
            Axis::Ancestors | Axis::AncestorsAndSelf => {
                let mut at = if self == Axis::AncestorsAndSelf { Some(node.clone()) } else { node.parent() };
                while let Some(n) = at.filter(|n| n.is_element()) {
                    at = n.parent();
                    out.push(n);
                }
            }
            Axis::NodesAfter | Axis::ElementsAfter => {
                if let Some((parent, at)) = node.position() {
                    out = parent.children().into_iter().skip(at + 1).collect();
                }
            }
            Axis::NodesBefore | Axis::ElementsBefore => {
                if let Some((parent, at)) = node.position() {
                    out = parent.children().into_iter().take(at).collect();
                }
            }
        }
        if self.elements_only() {
            out.retain(|n| n.kind == Kind::Element);
        }
        out
    }

    fn elements_only(self) -> bool {
        !matches!(
            self,
            Axis::Nodes
                | Axis::Attributes
                | Axis::DescendantNodes
                | Axis::DescendantNodesAndSelf
                | Axis::NodesAfter
                | Axis::NodesBefore
        )
    }

    fn item(self) -> TypeId {
        TypeId(match self {
            Axis::Attributes => "System.Xml.Linq.XAttribute",
            a if a.elements_only() => "System.Xml.Linq.XElement",
            _ => "System.Xml.Linq.XNode",
        })
    }
}

/// A lazy sequence over an axis.
struct Sequence {
    /// A node, or a sequence of nodes.
    source: Value,
    axis: Axis,
    name: Option<XName>,
}

/// The axis of a node or of every node of a sequence; with a name, only what bears it.
pub(super) fn sequence(source: Value, axis: Axis, name: Option<XName>) -> Value {
    Value::object(Sequence { source, axis, name })
}

impl Object for Sequence {
    fn net_type(&self) -> Type {
        Type::enumerable(Type::Simple(self.axis.item()))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        let name = self.name.clone();
        let (axis, pending) = (self.axis, VecDeque::new());
        let mut walk = Walk { source: None, live: None, pending, last: None, torn: None, axis, name, uncharged: 0 };
        match node_of(&self.source) {
            Some(node) => walk.take(&node),
            None => walk.source = self.source.enumerate().ok(),
        }
        Some(Box::new(walk))
    }
}

/// A walk over the children or attributes of a node, which may change meanwhile: it goes on from where the last one stands now, and ends
/// when that one is gone. So `foreach (var x in e.Elements()) x.Remove();` removes one, as in .NET.
struct Live {
    container: Arc<Node>,
    attributes: bool,
    last: Option<(Arc<Node>, usize)>,
}

impl Live {
    fn next(&mut self) -> Option<Arc<Node>> {
        let at = match &self.last {
            None => 0,
            Some((last, stood)) => self.container.place_of(last, *stood, self.attributes)?.saturating_add(1),
        };
        let next = self.container.part(at, self.attributes)?;
        self.last = Some((next.clone(), at));
        Some(next)
    }
}

struct Walk {
    source: Option<Box<dyn Enumerator>>,
    live: Option<Live>,
    pending: VecDeque<Arc<Node>>,
    /// The descendant given last.
    last: Option<Arc<Node>>,
    /// A descendant that was taken out of the tree while the walk stood there. The way back up is cut off.
    torn: Option<Arc<Node>>,
    axis: Axis,
    name: Option<XName>,
    uncharged: usize,
}

impl Walk {
    fn take(&mut self, node: &Arc<Node>) {
        if matches!(self.axis, Axis::Nodes | Axis::Elements | Axis::Attributes) {
            let attributes = self.axis == Axis::Attributes;
            self.live = Some(Live { container: node.clone(), attributes, last: None });
            return;
        }
        let found = self.axis.walk(node);
        self.uncharged += found.len();
        self.pending.extend(found.into_iter().filter(|n| self.name.as_ref().is_none_or(|name| n.has_name(name))));
    }

    fn wants(&self, node: &Node) -> bool {
        (!self.axis.elements_only() || node.kind == Kind::Element)
            && self.name.as_ref().is_none_or(|name| node.has_name(name))
    }

    /// .NET climbs from the node it gave last; where that one has no parent any more it throws.
    fn check_torn(&mut self) -> Result<()> {
        let is_down = matches!(
            self.axis,
            Axis::Descendants | Axis::DescendantNodes | Axis::DescendantsAndSelf | Axis::DescendantNodesAndSelf
        );
        if self.torn.is_none() && is_down {
            self.torn = self.last.take().filter(|n| n.parent().is_none());
        }
        let Some(torn) = &self.torn else { return Ok(()) };
        let mut above = self.pending.front().and_then(|n| n.parent());
        while let Some(node) = above {
            if Arc::ptr_eq(&node, torn) {
                return Ok(());
            }
            above = node.parent();
        }
        Err(Exception::null_reference())
    }
}

impl Enumerator for Walk {
    fn next(&mut self, cx: &mut dyn Ambient) -> Result<Option<Value>> {
        loop {
            let seen = std::mem::take(&mut self.uncharged);
            cx.charge_steps(u64::try_from(seen / 4 + 1).unwrap_or(u64::MAX))?;
            if let Some(live) = &mut self.live {
                match live.next() {
                    Some(node) if self.wants(&node) => return Ok(Some(node.value_of())),
                    Some(_) => continue,
                    None => self.live = None,
                }
            }
            self.check_torn()?;
            if let Some(node) = self.pending.pop_front() {
                self.last = Some(node.clone()).filter(|n| n.parent().is_some());
                return Ok(Some(node.value_of()));
            }
            let Some(source) = &mut self.source else { return Ok(None) };
            match source.next(cx)? {
                Some(value) => {
                    if let Some(node) = node_of(&value) {
                        self.take(&node);
                    }
                }
                None => return Ok(None),
            }
        }
    }
}
