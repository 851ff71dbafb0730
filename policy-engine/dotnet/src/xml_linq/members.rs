//! Members of `XObject`, `XNode`, `XContainer`, `XElement`, `XAttribute` and the leaf nodes.
use std::sync::Arc;

use super::axes::{Axis, sequence};
use super::content::{self, node_of};
use super::name::{XName, check_nc_name, name_arg, need_name};
use super::node::{Kind, Node};
use super::{convert, equality, write};
use crate::collections::annotations::annotated;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::member::{Call, Native};
use crate::table::Builder;
use crate::types::{TypeId, ids};
use crate::value::{Str, Value};

pub(super) const X_ELEMENT: TypeId = TypeId("System.Xml.Linq.XElement");
const X_ATTRIBUTE: TypeId = TypeId("System.Xml.Linq.XAttribute");
const NODE_TYPE: TypeId = TypeId("System.Xml.XmlNodeType");
/// `SaveOptions.DisableFormatting`
pub(super) const DISABLE_FORMATTING: i32 = 1;

/// The receiver as a node.
pub(super) fn receiver(c: &Call<'_>) -> Result<Arc<Node>> {
    node_of(c.arg(0)).ok_or_else(Exception::null_reference)
}

/// A node argument that must be given.
pub(super) fn node(c: &Call<'_>, n: usize, parameter: &str) -> Result<Arc<Node>> {
    node_of(c.arg(n)).ok_or_else(|| Exception::argument_null(parameter))
}

/// A node or `null`.
pub(super) fn maybe(found: Option<Arc<Node>>) -> Value {
    match found {
        Some(node) => node.value_of(),
        None => Value::Null,
    }
}

/// Content arguments from `n` on; a `params` array is opened.
fn contents(c: &Call<'_>, n: usize) -> Vec<Value> {
    let opened = |v: &Value| array::array(v).map_or_else(|| vec![v.clone()], array::ArrayObject::to_vec);
    c.args.iter().skip(n).flat_map(opened).collect()
}

fn add(c: &mut Call<'_>) -> Result<Value> {
    let target = receiver(c)?;
    for item in contents(c, 1) {
        content::add(c.cx, &target, None, &item)?;
    }
    Ok(Value::Null)
}

fn add_first(c: &mut Call<'_>) -> Result<Value> {
    let target = receiver(c)?;
    let mut at = Some(0);
    for item in contents(c, 1) {
        at = content::add(c.cx, &target, at, &item)?;
    }
    Ok(Value::Null)
}

fn parent_missing() -> Exception {
    Exception::invalid_operation("The parent is missing.")
}

fn add_beside(c: &mut Call<'_>, after: bool) -> Result<Value> {
    let (parent, at) = receiver(c)?.position().ok_or_else(parent_missing)?;
    let mut at = Some(if after { at + 1 } else { at });
    for item in contents(c, 1) {
        at = content::add(c.cx, &parent, at, &item)?;
    }
    Ok(Value::Null)
}

fn remove(c: &mut Call<'_>) -> Result<Value> {
    if receiver(c)?.detach() { Ok(Value::Null) } else { Err(parent_missing()) }
}

fn replace_with(c: &mut Call<'_>) -> Result<Value> {
    let this = receiver(c)?;
    let (parent, at) = this.position().ok_or_else(parent_missing)?;
    this.detach();
    let mut at = Some(at);
    for item in contents(c, 1) {
        at = content::add(c.cx, &parent, at, &item)?;
    }
    Ok(Value::Null)
}

fn replace_nodes(c: &mut Call<'_>) -> Result<Value> {
    receiver(c)?.remove_children();
    add(c)
}

fn sibling(c: &Call<'_>, forward: bool) -> Result<Value> {
    let found = receiver(c)?.position().and_then(|(parent, at)| {
        let at = if forward { at.checked_add(1)? } else { at.checked_sub(1)? };
        parent.children().get(at).cloned()
    });
    Ok(maybe(found))
}

/// All nodes of an axis; a name argument, if the overload has one, selects.
fn axis(c: &Call<'_>, axis: Axis) -> Result<Value> {
    if c.args.len() < 2 {
        return Ok(sequence(c.arg(0).clone(), axis, None));
    }
    match name_arg(c, 1) {
        Some(name) => Ok(sequence(c.arg(0).clone(), axis, Some(name))),
        None => Ok(crate::collections::new_array(crate::types::Type::Simple(X_ELEMENT), Vec::new())),
    }
}

fn element(c: &mut Call<'_>) -> Result<Value> {
    let Some(name) = name_arg(c, 1) else { return Ok(Value::Null) };
    Ok(maybe(receiver(c)?.children().into_iter().find(|n| n.kind == Kind::Element && n.has_name(&name))))
}

fn attribute(c: &mut Call<'_>) -> Result<Value> {
    let Some(name) = name_arg(c, 1) else { return Ok(Value::Null) };
    Ok(maybe(receiver(c)?.find_attribute(&name)))
}

fn value(c: &mut Call<'_>) -> Result<Value> {
    let text = receiver(c)?.text_value();
    c.cx.charge_bytes(text.len())?;
    Ok(Value::Str(text))
}

fn set_text(c: &mut Call<'_>) -> Result<Value> {
    let (this, text) = (receiver(c)?, c.str_arg(1, "value")?);
    if this.is_container() {
        this.remove_children();
        content::add(c.cx, &this, None, &Value::Str(text))?;
    } else {
        this.set_own_value(text);
    }
    Ok(Value::Null)
}

fn set_value(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("value"));
    }
    let value = c.arg(1).clone();
    let text = convert::to_text(c.cx, &value)?;
    c.set(1, Value::Str(text));
    set_text(c)
}

fn to_string(c: &mut Call<'_>) -> Result<Value> {
    let options = if c.args.len() > 1 { c.int(1)? } else { 0 };
    let this = receiver(c)?;
    Ok(Value::str(write::text(c.cx, &this, options & DISABLE_FORMATTING == 0)?))
}

fn new_element(c: &mut Call<'_>) -> Result<Value> {
    if let Some(other) = node_of(c.arg(0)) {
        return Ok(other.copy(c.cx)?.value_of());
    }
    let this = Node::element(need_name(c, 0)?);
    c.cx.charge_bytes(super::node::NODE_BYTES)?;
    for item in contents(c, 1) {
        content::add(c.cx, &this, None, &item)?;
    }
    Ok(this.value_of())
}

fn set_attribute_value(c: &mut Call<'_>) -> Result<Value> {
    let (this, name, value) = (receiver(c)?, need_name(c, 1)?, c.arg(2).clone());
    match (this.find_attribute(&name), value.is_null()) {
        (Some(old), true) => drop(old.detach()),
        (None, true) => {}
        (old, false) => {
            let text = convert::to_text(c.cx, &value)?;
            match old {
                Some(old) => old.set_own_value(text),
                None => this.push_attribute(Node::attribute(name, text)),
            }
        }
    }
    Ok(Value::Null)
}

fn set_element_value(c: &mut Call<'_>) -> Result<Value> {
    let (this, name, value) = (receiver(c)?, need_name(c, 1)?, c.arg(2).clone());
    let old = this.children().into_iter().find(|n| n.is_element() && n.has_name(&name));
    match (old, value.is_null()) {
        (Some(old), true) => drop(old.detach()),
        (None, true) => {}
        (old, false) => {
            let text = Value::Str(convert::to_text(c.cx, &value)?);
            let target = match old {
                Some(old) => {
                    old.remove_children();
                    old
                }
                None => {
                    let new = Node::element(name);
                    content::add(c.cx, &this, None, &new.value_of())?;
                    new
                }
            };
            content::add(c.cx, &target, None, &text)?;
        }
    }
    Ok(Value::Null)
}

fn new_attribute(c: &mut Call<'_>) -> Result<Value> {
    if let Some(other) = node_of(c.arg(0)) {
        return Ok(other.copy(c.cx)?.value_of());
    }
    let name = need_name(c, 0)?;
    if c.arg(1).is_null() {
        return Err(Exception::argument_null("value"));
    }
    let value = c.arg(1).clone();
    let text = convert::to_text(c.cx, &value)?;
    check_declaration(&name, &text)?;
    Ok(Node::attribute(name, text).value_of())
}

/// Prefixes cannot be undeclared in XML 1.0.
fn check_declaration(name: &XName, text: &str) -> Result<()> {
    if name.is_declaration() && !name.uri.is_empty() && text.is_empty() {
        let message = format!(
            "The prefix '{}' cannot be bound to the empty namespace name. Namespaces in XML 1.0 does not allow it.",
            name.local
        );
        return Err(Exception::argument_message(message));
    }
    Ok(())
}

fn attribute_beside(c: &Call<'_>, forward: bool) -> Result<Value> {
    let this = receiver(c)?;
    let Some(parent) = this.parent() else { return Ok(Value::Null) };
    let all = parent.attributes();
    let at = all.iter().position(|a| Arc::ptr_eq(a, &this));
    let at = at.and_then(|at| if forward { at.checked_add(1) } else { at.checked_sub(1) });
    Ok(maybe(at.and_then(|at| all.get(at).cloned())))
}

fn document_of(c: &Call<'_>) -> Result<Value> {
    let mut at = receiver(c)?;
    while let Some(parent) = at.parent() {
        at = parent;
    }
    Ok(if at.kind == Kind::Document { at.value_of() } else { Value::Null })
}

fn parent_element(c: &Call<'_>) -> Result<Value> {
    Ok(maybe(receiver(c)?.parent().filter(|p| p.is_element())))
}

fn edge(c: &Call<'_>, kind: Option<Kind>, last: bool, attributes: bool) -> Result<Value> {
    let this = receiver(c)?;
    let mut all = if attributes { this.attributes() } else { this.children() };
    all.retain(|n| kind.is_none_or(|k| n.kind == k));
    Ok(maybe(if last { all.pop() } else { all.into_iter().next() }))
}

/// Cast operator from an element or attribute: `null` throws for plain value types and passes for the others.
fn cast(c: &mut Call<'_>, ty: TypeId, nullable: bool, parameter: &str) -> Result<Value> {
    match node_of(c.arg(0)) {
        Some(node) => convert::from_text(c.cx, &node.text_value(), ty),
        None if nullable => Ok(Value::Null),
        None => Err(Exception::argument_null(parameter)),
    }
}

macro_rules! casts {
    ($b:expr, $id:expr, $class:literal, $parameter:literal, $($name:literal = $ty:expr;)*) => {{
        let mut t = $b.class($id).def(
            concat!("static explicit operator string(", $class, " ", $parameter, ")"),
            |c| cast(c, ids::STRING, true, $parameter),
        );
        $(
            let plain: Native = |c| cast(c, $ty, false, $parameter);
            let nullable: Native = |c| cast(c, $ty, true, $parameter);
            t = t
                .def(concat!("static explicit operator ", $name, "(", $class, " ", $parameter, ")"), plain)
                .def(concat!("static explicit operator ", $name, "?(", $class, " ", $parameter, ")"), nullable);
        )*
        let _ = t;
    }};
}

macro_rules! all_casts {
    ($b:expr, $id:expr, $class:literal, $parameter:literal) => {
        casts!($b, $id, $class, $parameter,
            "bool" = ids::BOOLEAN; "int" = ids::INT32; "uint" = ids::UINT32; "long" = ids::INT64; "ulong" = ids::UINT64;
            "float" = ids::SINGLE; "double" = ids::DOUBLE; "decimal" = ids::DECIMAL; "DateTime" = ids::DATE_TIME;
            "DateTimeOffset" = ids::DATE_TIME_OFFSET; "TimeSpan" = ids::TIME_SPAN; "Guid" = ids::GUID;)
    };
}

fn name_of(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::object(receiver(c)?.name()))
}

fn new_text(c: &mut Call<'_>, kind: Kind) -> Result<Value> {
    if let Some(other) = node_of(c.arg(0)) {
        return Ok(other.copy(c.cx)?.value_of());
    }
    Ok(Node::text(kind, c.str_arg(0, "value")?).value_of())
}

/// Adds the node types.
pub(super) fn define(b: &mut Builder) {
    define_enums(b);
    annotated!(b.class(TypeId("System.Xml.Linq.XObject")), |c, make| Ok(receiver(c)?.notes(make)))
        .def("XElement Parent", |c| parent_element(c))
        .def("XDocument Document", |c| document_of(c))
        .def("string BaseUri", |_| Ok(Value::str("")))
        .def("System.Xml.XmlNodeType NodeType", |c| Ok(Value::Enum(NODE_TYPE, receiver(c)?.kind as i32)));
    define_node(b);
    define_container(b);
    define_element(b);
    define_attribute(b);
    define_leaves(b);
    all_casts!(b, X_ELEMENT, "XElement", "element");
    all_casts!(b, X_ATTRIBUTE, "XAttribute", "attribute");
}

fn define_enums(b: &mut Builder) {
    b.enumeration(
        TypeId("System.Xml.Linq.SaveOptions"),
        true,
        &[("None", 0), ("DisableFormatting", DISABLE_FORMATTING), ("OmitDuplicateNamespaces", 2)],
    );
    b.enumeration(
        TypeId("System.Xml.Linq.LoadOptions"),
        true,
        &[
            ("None", 0),
            ("PreserveWhitespace", super::parse::PRESERVE_WHITESPACE),
            ("SetBaseUri", 2),
            ("SetLineInfo", 4),
        ],
    );
    b.enumeration(TypeId("System.Xml.Linq.ReaderOptions"), true, &[("None", 0), ("OmitDuplicateNamespaces", 1)]);
    b.enumeration(
        NODE_TYPE,
        false,
        &[
            ("None", 0),
            ("Element", 1),
            ("Attribute", 2),
            ("Text", 3),
            ("CDATA", 4),
            ("EntityReference", 5),
            ("Entity", 6),
            ("ProcessingInstruction", 7),
            ("Comment", 8),
            ("Document", 9),
            ("DocumentType", 10),
            ("DocumentFragment", 11),
            ("Notation", 12),
            ("Whitespace", 13),
            ("SignificantWhitespace", 14),
            ("EndElement", 15),
            ("EndEntity", 16),
            ("XmlDeclaration", 17),
        ],
    );
}

fn define_node(b: &mut Builder) {
    b.class(TypeId("System.Xml.Linq.XNode"))
        .base("XObject")
        .def("XNode NextNode", |c| sibling(c, true))
        .def("XNode PreviousNode", |c| sibling(c, false))
        .def("void AddAfterSelf(object content)", |c| add_beside(c, true))
        .def("void AddAfterSelf(params object[] content)", |c| add_beside(c, true))
        .def("void AddBeforeSelf(object content)", |c| add_beside(c, false))
        .def("void AddBeforeSelf(params object[] content)", |c| add_beside(c, false))
        .def("IEnumerable<XElement> Ancestors()", |c| axis(c, Axis::Ancestors))
        .def("IEnumerable<XElement> Ancestors(XName name)", |c| axis(c, Axis::Ancestors))
        .def("IEnumerable<XElement> ElementsAfterSelf()", |c| axis(c, Axis::ElementsAfter))
        .def("IEnumerable<XElement> ElementsAfterSelf(XName name)", |c| axis(c, Axis::ElementsAfter))
        .def("IEnumerable<XElement> ElementsBeforeSelf()", |c| axis(c, Axis::ElementsBefore))
        .def("IEnumerable<XElement> ElementsBeforeSelf(XName name)", |c| axis(c, Axis::ElementsBefore))
        .def("IEnumerable<XNode> NodesAfterSelf()", |c| axis(c, Axis::NodesAfter))
        .def("IEnumerable<XNode> NodesBeforeSelf()", |c| axis(c, Axis::NodesBefore))
        .def("void Remove()", remove)
        .def("void ReplaceWith(object content)", replace_with)
        .def("void ReplaceWith(params object[] content)", replace_with)
        .def("bool IsAfter(XNode node)", |c| {
            let (a, b) = (receiver(c)?, node(c, 1, "node")?);
            Ok(Value::Bool(equality::document_order(&a, &b)? > 0))
        })
        .def("bool IsBefore(XNode node)", |c| {
            let (a, b) = (receiver(c)?, node(c, 1, "node")?);
            Ok(Value::Bool(equality::document_order(&a, &b)? < 0))
        })
        .def("static int CompareDocumentOrder(XNode n1, XNode n2)", equality::compare)
        .def("static bool DeepEquals(XNode n1, XNode n2)", equality::deep_equals)
        .def("string ToString()", to_string)
        .def("string ToString(SaveOptions options)", to_string);
}

fn define_container(b: &mut Builder) {
    b.class(TypeId("System.Xml.Linq.XContainer"))
        .base("XNode")
        .def("XNode FirstNode", |c| edge(c, None, false, false))
        .def("XNode LastNode", |c| edge(c, None, true, false))
        .def("void Add(object content)", add)
        .def("void Add(params object[] content)", add)
        .def("void AddFirst(object content)", add_first)
        .def("void AddFirst(params object[] content)", add_first)
        .def("IEnumerable<XNode> Nodes()", |c| axis(c, Axis::Nodes))
        .def("IEnumerable<XNode> DescendantNodes()", |c| axis(c, Axis::DescendantNodes))
        .def("IEnumerable<XElement> Descendants()", |c| axis(c, Axis::Descendants))
        .def("IEnumerable<XElement> Descendants(XName name)", |c| axis(c, Axis::Descendants))
        .def("XElement Element(XName name)", element)
        .def("IEnumerable<XElement> Elements()", |c| axis(c, Axis::Elements))
        .def("IEnumerable<XElement> Elements(XName name)", |c| axis(c, Axis::Elements))
        .def("void RemoveNodes()", |c| {
            receiver(c)?.remove_children();
            Ok(Value::Null)
        })
        .def("void ReplaceNodes(object content)", replace_nodes)
        .def("void ReplaceNodes(params object[] content)", replace_nodes);
}

fn define_element(b: &mut Builder) {
    b.class(X_ELEMENT)
        .base("XContainer")
        .def("new(XName name)", new_element)
        .def("new(XName name, object content)", new_element)
        .def("new(XName name, params object[] content)", new_element)
        .def("new(XElement other)", new_element)
        .get_set("XName Name", name_of, |c| {
            let name = name_arg(c, 1).ok_or_else(|| Exception::argument_null("value"))?;
            receiver(c)?.set_name(name);
            Ok(Value::Null)
        })
        .get_set("string Value", value, set_text)
        .def("bool IsEmpty", |c| Ok(Value::Bool(receiver(c)?.is_empty())))
        .def("bool HasElements", |c| Ok(Value::Bool(receiver(c)?.children().iter().any(|n| n.is_element()))))
        .def("bool HasAttributes", |c| Ok(Value::Bool(!receiver(c)?.attributes().is_empty())))
        .def("XAttribute FirstAttribute", |c| edge(c, None, false, true))
        .def("XAttribute LastAttribute", |c| edge(c, None, true, true))
        .def("XAttribute Attribute(XName name)", attribute)
        .def("IEnumerable<XAttribute> Attributes()", |c| axis(c, Axis::Attributes))
        .def("IEnumerable<XAttribute> Attributes(XName name)", |c| axis(c, Axis::Attributes))
        .def("IEnumerable<XElement> AncestorsAndSelf()", |c| axis(c, Axis::AncestorsAndSelf))
        .def("IEnumerable<XElement> AncestorsAndSelf(XName name)", |c| axis(c, Axis::AncestorsAndSelf))
        .def("IEnumerable<XElement> DescendantsAndSelf()", |c| axis(c, Axis::DescendantsAndSelf))
        .def("IEnumerable<XElement> DescendantsAndSelf(XName name)", |c| axis(c, Axis::DescendantsAndSelf))
        .def("IEnumerable<XNode> DescendantNodesAndSelf()", |c| axis(c, Axis::DescendantNodesAndSelf))
        .def("void SetValue(object value)", set_value)
        .def("void SetAttributeValue(XName name, object value)", set_attribute_value)
        .def("void SetElementValue(XName name, object value)", set_element_value)
        .def("void RemoveAll()", |c| {
            let this = receiver(c)?;
            this.remove_children();
            this.remove_attributes();
            Ok(Value::Null)
        })
        .def("void RemoveAttributes()", |c| {
            receiver(c)?.remove_attributes();
            Ok(Value::Null)
        })
        .def("void ReplaceAll(object content)", replace_all)
        .def("void ReplaceAll(params object[] content)", replace_all)
        .def("void ReplaceAttributes(object content)", replace_attributes)
        .def("void ReplaceAttributes(params object[] content)", replace_attributes)
        .def("XNamespace GetDefaultNamespace()", |c| {
            let uri = receiver(c)?.namespace_of_prefix("").unwrap_or_else(|| "".into());
            Ok(super::name::namespace(uri))
        })
        .def("XNamespace GetNamespaceOfPrefix(string prefix)", |c| {
            let prefix = c.str_arg(1, "prefix")?;
            Ok(receiver(c)?.namespace_of_prefix(&prefix).map_or(Value::Null, super::name::namespace))
        })
        .def("string GetPrefixOfNamespace(XNamespace ns)", |c| {
            let ns = c.arg(1).clone();
            let ns = crate::object::text(c.cx, &ns)?;
            Ok(receiver(c)?.prefix_of_namespace(&ns, false).map_or(Value::Null, Value::Str))
        });
}

fn replace_all(c: &mut Call<'_>) -> Result<Value> {
    receiver(c)?.remove_attributes();
    replace_nodes(c)
}

/// What was given may be the attributes that go, so it is read before.
fn replace_attributes(c: &mut Call<'_>) -> Result<Value> {
    if c.arg(1).as_object::<super::node::NodeObject>().is_none()
        && array::array(c.arg(1)).is_none()
        && !c.arg(1).is_null()
    {
        let content = c.take(1);
        let items = match &content {
            Value::Object(_) => crate::collections::to_vec(c.cx, &content)?,
            _ => vec![content],
        };
        c.set(1, array::new_array(crate::types::Type::OBJECT, items));
    }
    receiver(c)?.remove_attributes();
    add(c)
}

fn define_attribute(b: &mut Builder) {
    b.class(X_ATTRIBUTE)
        .base("XObject")
        .def("static IEnumerable<XAttribute> EmptySequence", |_| {
            Ok(array::new_array(crate::types::Type::Simple(X_ATTRIBUTE), Vec::new()))
        })
        .def("new(XName name, object value)", new_attribute)
        .def("new(XAttribute other)", new_attribute)
        .def("XName Name", name_of)
        .get_set("string Value", value, set_text)
        .def("bool IsNamespaceDeclaration", |c| Ok(Value::Bool(receiver(c)?.name().is_declaration())))
        .def("XAttribute NextAttribute", |c| attribute_beside(c, true))
        .def("XAttribute PreviousAttribute", |c| attribute_beside(c, false))
        .def("void Remove()", remove)
        .def("void SetValue(object value)", set_value)
        .def("string ToString()", to_string);
}

fn define_leaves(b: &mut Builder) {
    b.class(TypeId("System.Xml.Linq.XText"))
        .base("XNode")
        .def("new(string value)", |c| new_text(c, Kind::Text))
        .def("new(XText other)", |c| new_text(c, Kind::Text))
        .get_set("string Value", value, set_text);
    b.class(TypeId("System.Xml.Linq.XCData"))
        .base("XText")
        .def("new(string value)", |c| new_text(c, Kind::CData))
        .def("new(XCData other)", |c| new_text(c, Kind::CData));
    b.class(TypeId("System.Xml.Linq.XComment"))
        .base("XNode")
        .def("new(string value)", |c| new_text(c, Kind::Comment))
        .def("new(XComment other)", |c| new_text(c, Kind::Comment))
        .get_set("string Value", value, set_text);
    b.class(TypeId("System.Xml.Linq.XProcessingInstruction"))
        .base("XNode")
        .def("new(string target, string data)", |c| {
            let (target, data) = (c.str_arg(0, "target")?, c.str_arg(1, "data")?);
            check_target(&target)?;
            Ok(Node::instruction(&target, data).value_of())
        })
        .def("new(XProcessingInstruction other)", |c| {
            let other = node(c, 0, "other")?;
            Ok(other.copy(c.cx)?.value_of())
        })
        .get_set(
            "string Target",
            |c| Ok(Value::Str(receiver(c)?.name().local)),
            |c| {
                let target: Str = c.str_arg(1, "value")?;
                check_target(&target)?;
                receiver(c)?.set_name(XName::local(target));
                Ok(Value::Null)
            },
        )
        .get_set("string Data", value, set_text);
}

fn check_target(target: &str) -> Result<()> {
    check_nc_name(target)?;
    if target.eq_ignore_ascii_case("xml") {
        return Err(Exception::argument_message(format!(
            "'{target}' is an invalid name for a processing instruction."
        )));
    }
    Ok(())
}
