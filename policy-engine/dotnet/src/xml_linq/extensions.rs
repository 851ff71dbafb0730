//! `System.Xml.Linq.Extensions`: axes and removal over sequences of nodes.
use std::sync::Arc;

use super::axes::{Axis, sequence};
use super::content::node_of;
use super::equality::document_order;
use super::name::name_arg;
use super::node::Node;
use crate::collections::{new_array, to_vec};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::Value;

fn axis(c: &Call<'_>, axis: Axis) -> Result<Value> {
    if c.arg(0).is_null() {
        return Err(Exception::argument_null("source"));
    }
    if c.args.len() > 1 && c.arg(1).is_null() {
        return Ok(new_array(Type::Simple(super::members::X_ELEMENT), Vec::new()));
    }
    Ok(sequence(c.arg(0).clone(), axis, name_arg(c, 1)))
}

fn nodes(c: &mut Call<'_>) -> Result<Vec<Arc<Node>>> {
    let source = c.arg(0).clone();
    if source.is_null() {
        return Err(Exception::argument_null("source"));
    }
    Ok(to_vec(c.cx, &source)?.iter().filter_map(node_of).collect())
}

fn remove(c: &mut Call<'_>) -> Result<Value> {
    for node in nodes(c)? {
        node.detach();
    }
    Ok(Value::Null)
}

fn in_document_order(c: &mut Call<'_>) -> Result<Value> {
    let mut all = nodes(c)?;
    let mut failed = None;
    all.sort_by(|a, b| {
        document_order(a, b).map(|o| o.cmp(&0)).unwrap_or_else(|e| {
            failed = Some(e);
            std::cmp::Ordering::Equal
        })
    });
    match failed {
        Some(e) => Err(e),
        None => {
            Ok(new_array(Type::Simple(TypeId("System.Xml.Linq.XNode")), all.iter().map(|n| n.value_of()).collect()))
        }
    }
}

/// Adds the class.
pub(super) fn define(b: &mut Builder) {
    b.static_class(TypeId("System.Xml.Linq.Extensions"))
        .def("static IEnumerable<XElement> Ancestors(this IEnumerable<XNode> source)", |c| axis(c, Axis::Ancestors))
        .def("static IEnumerable<XElement> Ancestors(this IEnumerable<XNode> source, XName name)", |c| {
            axis(c, Axis::Ancestors)
        })
        .def("static IEnumerable<XElement> AncestorsAndSelf(this IEnumerable<XElement> source)", |c| {
            axis(c, Axis::AncestorsAndSelf)
        })
        .def("static IEnumerable<XElement> AncestorsAndSelf(this IEnumerable<XElement> source, XName name)", |c| {
            axis(c, Axis::AncestorsAndSelf)
        })
        .def("static IEnumerable<XAttribute> Attributes(this IEnumerable<XElement> source)", |c| {
            axis(c, Axis::Attributes)
        })
        .def("static IEnumerable<XAttribute> Attributes(this IEnumerable<XElement> source, XName name)", |c| {
            axis(c, Axis::Attributes)
        })
        .def("static IEnumerable<XNode> DescendantNodes(this IEnumerable<XContainer> source)", |c| {
            axis(c, Axis::DescendantNodes)
        })
        .def("static IEnumerable<XNode> DescendantNodesAndSelf(this IEnumerable<XElement> source)", |c| {
            axis(c, Axis::DescendantNodesAndSelf)
        })
        .def("static IEnumerable<XElement> Descendants(this IEnumerable<XContainer> source)", |c| {
            axis(c, Axis::Descendants)
        })
        .def("static IEnumerable<XElement> Descendants(this IEnumerable<XContainer> source, XName name)", |c| {
            axis(c, Axis::Descendants)
        })
        .def("static IEnumerable<XElement> DescendantsAndSelf(this IEnumerable<XElement> source)", |c| {
            axis(c, Axis::DescendantsAndSelf)
        })
        .def("static IEnumerable<XElement> DescendantsAndSelf(this IEnumerable<XElement> source, XName name)", |c| {
            axis(c, Axis::DescendantsAndSelf)
        })
        .def("static IEnumerable<XElement> Elements(this IEnumerable<XContainer> source)", |c| axis(c, Axis::Elements))
        .def("static IEnumerable<XElement> Elements(this IEnumerable<XContainer> source, XName name)", |c| {
            axis(c, Axis::Elements)
        })
        .def("static IEnumerable<XNode> Nodes(this IEnumerable<XContainer> source)", |c| axis(c, Axis::Nodes))
        .def("static IEnumerable<XNode> InDocumentOrder(this IEnumerable<XNode> source)", in_document_order)
        .def("static void Remove(this IEnumerable<XNode> source)", remove)
        .def("static void Remove(this IEnumerable<XAttribute> source)", remove);
}
