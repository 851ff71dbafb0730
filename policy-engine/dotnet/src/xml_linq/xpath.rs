//! `System.Xml.XPath.Extensions`: XPath 1.0 over trees, with the functions of the core library.
use std::any::Any;
use std::sync::Arc;

use parking_lot::Mutex;

use super::members::maybe;
use super::node::{Kind, Node};
use super::xpath_parse::{Axis, Expr, Op, Step, Test, fail, parse};
use crate::ambient::Ambient;
use crate::collections::new_array;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::utf16;
use crate::value::{Object, Str, Value};

const MANAGER: TypeId = TypeId("System.Xml.XmlNamespaceManager");
const NAME_TABLE: TypeId = TypeId("System.Xml.NameTable");

/// Prefixes that an expression may use.
#[derive(Default)]
struct Manager(Mutex<Vec<(Str, Str)>>);

impl Object for Manager {
    fn net_type(&self) -> Type {
        Type::Simple(MANAGER)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct NameTable;

impl Object for NameTable {
    fn net_type(&self) -> Type {
        Type::Simple(NAME_TABLE)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A value of XPath.
enum Answer {
    Nodes(Vec<Arc<Node>>),
    Number(f64),
    Text(String),
    Bool(bool),
}

struct Evaluator<'a> {
    cx: &'a mut dyn Ambient,
    prefixes: Vec<(Str, Str)>,
}

struct Context<'n> {
    node: &'n Arc<Node>,
    position: usize,
    size: usize,
}

/// Text of a number as XPath writes it.
fn number_text(n: f64) -> String {
    if n.is_nan() {
        "NaN".into()
    } else if n.is_infinite() {
        if n > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else if n == 0.0 {
        "0".into()
    } else {
        format!("{n}")
    }
}

fn text_number(text: &str) -> f64 {
    let text = text.trim();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    if plain { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

impl Answer {
    fn text(&self) -> String {
        match self {
            Answer::Nodes(nodes) => nodes.first().map_or_else(String::new, |n| n.text_value().to_string()),
            Answer::Number(n) => number_text(*n),
            Answer::Text(t) => t.clone(),
            Answer::Bool(b) => b.to_string(),
        }
    }

    fn number(&self) -> f64 {
        match self {
            Answer::Number(n) => *n,
            Answer::Bool(b) => f64::from(u8::from(*b)),
            other => text_number(&other.text()),
        }
    }

    fn bool(&self) -> bool {
        match self {
            Answer::Nodes(nodes) => !nodes.is_empty(),
            Answer::Number(n) => *n != 0.0 && !n.is_nan(),
            Answer::Text(t) => !t.is_empty(),
            Answer::Bool(b) => *b,
        }
    }

    fn nodes(self) -> Result<Vec<Arc<Node>>> {
        match self {
            Answer::Nodes(nodes) => Ok(nodes),
            _ => Err(fail("Expression must evaluate to a node-set.".into())),
        }
    }
}

/// Place in the document: attributes come before children.
fn order(node: &Arc<Node>) -> Vec<(u8, usize)> {
    let mut key = Vec::new();
    let mut at = node.clone();
    while let Some(parent) = at.parent() {
        let (rank, list) = if at.kind == Kind::Attribute { (0, parent.attributes()) } else { (1, parent.children()) };
        key.push((rank, list.iter().position(|n| Arc::ptr_eq(n, &at)).unwrap_or(0)));
        at = parent;
    }
    key.reverse();
    key
}

fn compare(op: Op, a: f64, b: f64) -> bool {
    match op {
        Op::Equal => a == b,
        Op::NotEqual => a != b,
        Op::Less => a < b,
        Op::LessOrEqual => a <= b,
        Op::Greater => a > b,
        _ => a >= b,
    }
}

impl Evaluator<'_> {
    fn eval(&mut self, e: &Expr, at: &Context<'_>) -> Result<Answer> {
        self.cx.charge_steps(1)?;
        Ok(match e {
            Expr::Number(n) => Answer::Number(*n),
            Expr::Text(t) => Answer::Text(t.clone()),
            Expr::Negate(e) => Answer::Number(-self.eval(e, at)?.number()),
            Expr::Binary(op, l, r) => self.binary(*op, l, r, at)?,
            Expr::Call(name, args) => self.call(name, args, at)?,
            Expr::Path { absolute, start, predicates, steps } => {
                let mut nodes = match start {
                    Some(start) => self.eval(start, at)?.nodes()?,
                    None if *absolute => vec![top(at.node)],
                    None => vec![at.node.clone()],
                };
                for p in predicates {
                    nodes = self.filter(nodes, p)?;
                }
                for step in steps {
                    nodes = self.step(nodes, step)?;
                }
                Answer::Nodes(nodes)
            }
        })
    }

    fn binary(&mut self, op: Op, l: &Expr, r: &Expr, at: &Context<'_>) -> Result<Answer> {
        let left = self.eval(l, at)?;
        match op {
            Op::Or if left.bool() => return Ok(Answer::Bool(true)),
            Op::And if !left.bool() => return Ok(Answer::Bool(false)),
            _ => {}
        }
        let right = self.eval(r, at)?;
        Ok(match op {
            Op::Or | Op::And => Answer::Bool(right.bool()),
            Op::Union => {
                let mut all = left.nodes()?;
                all.extend(right.nodes()?);
                Answer::Nodes(self.sorted(all)?)
            }
            Op::Add => Answer::Number(left.number() + right.number()),
            Op::Subtract => Answer::Number(left.number() - right.number()),
            Op::Multiply => Answer::Number(left.number() * right.number()),
            Op::Divide => Answer::Number(left.number() / right.number()),
            Op::Modulo => Answer::Number(left.number() % right.number()),
            _ => Answer::Bool(self.compare(op, &left, &right)?),
        })
    }

    /// A node set compares true if any of its nodes does.
    fn compare(&mut self, op: Op, left: &Answer, right: &Answer) -> Result<bool> {
        if matches!(left, Answer::Bool(_)) || matches!(right, Answer::Bool(_)) {
            let (a, b) = (f64::from(u8::from(left.bool())), f64::from(u8::from(right.bool())));
            return Ok(compare(op, a, b));
        }
        let equality = matches!(op, Op::Equal | Op::NotEqual);
        let texts = |a: &Answer| match a {
            Answer::Nodes(nodes) => nodes.iter().map(|n| n.text_value().to_string()).collect(),
            other => vec![other.text()],
        };
        let numeric = !equality || matches!(left, Answer::Number(_)) || matches!(right, Answer::Number(_));
        let (left, right) = (texts(left), texts(right));
        for a in &left {
            for b in &right {
                self.cx.charge_steps(1)?;
                let holds =
                    if numeric { compare(op, text_number(a), text_number(b)) } else { (a == b) == (op == Op::Equal) };
                if holds {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn sorted(&mut self, nodes: Vec<Arc<Node>>) -> Result<Vec<Arc<Node>>> {
        self.cx.charge_steps(u64::try_from(nodes.len()).unwrap_or(u64::MAX))?;
        let mut keyed: Vec<_> = nodes.into_iter().map(|n| (order(&n), n)).collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        keyed.dedup_by(|a, b| Arc::ptr_eq(&a.1, &b.1));
        Ok(keyed.into_iter().map(|(_, n)| n).collect())
    }

    fn step(&mut self, from: Vec<Arc<Node>>, step: &Step) -> Result<Vec<Arc<Node>>> {
        let several = from.len() > 1;
        let mut all = Vec::new();
        for node in &from {
            let mut found = walk(step.axis, node);
            self.cx.charge_steps(u64::try_from(found.len() + 1).unwrap_or(u64::MAX))?;
            let mut kept = Vec::with_capacity(found.len());
            for n in found.drain(..) {
                if self.fits(&step.test, step.axis, &n)? {
                    kept.push(n);
                }
            }
            for p in &step.predicates {
                kept = self.filter(kept, p)?;
            }
            all.extend(kept);
        }
        let forward = matches!(step.axis, Axis::Child | Axis::Attribute | Axis::SelfNode);
        if several && !forward || is_reverse(step.axis) { self.sorted(all) } else { Ok(all) }
    }

    fn filter(&mut self, nodes: Vec<Arc<Node>>, predicate: &Expr) -> Result<Vec<Arc<Node>>> {
        let size = nodes.len();
        let mut kept = Vec::new();
        for (index, node) in nodes.into_iter().enumerate() {
            let position = index + 1;
            let answer = self.eval(predicate, &Context { node: &node, position, size })?;
            let keep = match answer {
                #[expect(clippy::cast_precision_loss, reason = "positions are far below 2^53")]
                Answer::Number(n) => n == position as f64,
                other => other.bool(),
            };
            if keep {
                kept.push(node);
            }
        }
        Ok(kept)
    }

    fn fits(&self, test: &Test, axis: Axis, node: &Node) -> Result<bool> {
        Ok(match test {
            Test::AnyNode => true,
            Test::Text => matches!(node.kind, Kind::Text | Kind::CData),
            Test::Comment => node.kind == Kind::Comment,
            Test::Instruction(target) => {
                node.kind == Kind::Instruction && target.as_deref().is_none_or(|t| *t == *node.name().local)
            }
            Test::Name(prefix, local) => {
                let principal = if axis == Axis::Attribute { Kind::Attribute } else { Kind::Element };
                let uri = match prefix {
                    Some(p) => Some(self.uri(p)?),
                    None => local.as_ref().map(|_| Str::from("")),
                };
                let name = node.name();
                node.kind == principal
                    && !(axis == Axis::Attribute && name.is_declaration())
                    && uri.is_none_or(|u| u == name.uri)
                    && local.as_deref().is_none_or(|l| l == &*name.local)
            }
        })
    }

    fn uri(&self, prefix: &str) -> Result<Str> {
        if prefix == "xml" {
            return Ok(super::name::XML_URI.into());
        }
        let found = self.prefixes.iter().rev().find(|(p, _)| &**p == prefix).map(|(_, uri)| uri.clone());
        found.ok_or_else(|| {
            fail(
                "Namespace Manager or XsltContext needed. This query has a prefix, variable, or user-defined function."
                    .into(),
            )
        })
    }

    fn call(&mut self, name: &str, args: &[Expr], at: &Context<'_>) -> Result<Answer> {
        let mut values = Vec::with_capacity(args.len());
        for a in args {
            values.push(self.eval(a, at)?);
        }
        let own = || Answer::Nodes(vec![at.node.clone()]);
        let first = values.first();
        let text = |n: usize| values.get(n).map(Answer::text).unwrap_or_default();
        let here = || first.map_or_else(|| own().text(), Answer::text);
        let node = || match first {
            Some(Answer::Nodes(nodes)) => nodes.first().cloned(),
            None => Some(at.node.clone()),
            Some(_) => None,
        };
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        let count = |n: usize| Answer::Number(n as f64);
        Ok(match (name, values.len()) {
            ("last", 0) => count(at.size),
            ("position", 0) => count(at.position),
            ("count", 1) => match first {
                Some(Answer::Nodes(nodes)) => count(nodes.len()),
                _ => return Err(fail("Expression must evaluate to a node-set.".into())),
            },
            ("sum", 1) => match first {
                Some(Answer::Nodes(nodes)) => Answer::Number(nodes.iter().map(|n| text_number(&n.text_value())).sum()),
                _ => return Err(fail("Expression must evaluate to a node-set.".into())),
            },
            ("local-name", 0 | 1) => Answer::Text(node().map_or_else(String::new, |n| n.name().local.to_string())),
            ("namespace-uri", 0 | 1) => Answer::Text(node().map_or_else(String::new, |n| n.name().uri.to_string())),
            ("name", 0 | 1) => Answer::Text(node().map_or_else(String::new, |n| qualified(&n))),
            ("string", 0 | 1) => Answer::Text(here()),
            ("number", 0 | 1) => Answer::Number(first.map_or_else(|| own().number(), Answer::number)),
            ("boolean", 1) => Answer::Bool(first.is_some_and(Answer::bool)),
            ("not", 1) => Answer::Bool(!first.is_some_and(Answer::bool)),
            ("true", 0) => Answer::Bool(true),
            ("false", 0) => Answer::Bool(false),
            ("concat", 2..) => Answer::Text(utf16::mend(values.iter().map(Answer::text).collect())),
            ("starts-with", 2) => Answer::Bool(text(0).starts_with(&text(1))),
            ("contains", 2) => Answer::Bool(text(0).contains(&text(1))),
            ("substring-before", 2) => {
                Answer::Text(text(0).split_once(&text(1)).map_or_else(String::new, |(a, _)| a.to_owned()))
            }
            ("substring-after", 2) => {
                Answer::Text(text(0).split_once(&text(1)).map_or_else(String::new, |(_, b)| b.to_owned()))
            }
            ("substring", 2 | 3) => Answer::Text(substring(
                &text(0),
                values.get(1).map_or(1.0, Answer::number),
                values.get(2).map(Answer::number),
            )),
            ("string-length", 0 | 1) => count(utf16::len(&here())),
            ("normalize-space", 0 | 1) => Answer::Text(here().split_whitespace().collect::<Vec<_>>().join(" ")),
            ("translate", 3) => Answer::Text(translate(&text(0), &text(1), &text(2))),
            ("floor", 1) => Answer::Number(first.map_or(f64::NAN, Answer::number).floor()),
            ("ceiling", 1) => Answer::Number(first.map_or(f64::NAN, Answer::number).ceil()),
            ("round", 1) => Answer::Number((first.map_or(f64::NAN, Answer::number) + 0.5).floor()),
            _ => return Err(fail(format!("Function '{name}' is not known, or not with {} arguments.", values.len()))),
        })
    }
}

fn qualified(node: &Arc<Node>) -> String {
    let name = node.name();
    let prefix = node.prefix_of_namespace(&name.uri, node.kind != Kind::Attribute).filter(|p| !p.is_empty());
    match prefix {
        Some(prefix) if !name.uri.is_empty() => format!("{prefix}:{}", name.local),
        _ => name.local.to_string(),
    }
}

/// Characters whose position lies in the rounded range (XPath 1.0, 4.2).
fn substring(text: &str, start: f64, length: Option<f64>) -> String {
    let round = |n: f64| (n + 0.5).floor();
    let from = round(start);
    let to = length.map_or(f64::INFINITY, |l| from + round(l));
    #[expect(clippy::cast_precision_loss, reason = "positions are far below 2^53")]
    let within = |i: usize| ((i + 1) as f64) >= from && ((i + 1) as f64) < to;
    utf16::mend(utf16::apart(text).chars().enumerate().filter(|(i, _)| within(*i)).map(|(_, c)| c).collect())
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let [text, from, to] = [text, from, to].map(utf16::apart);
    let map = |c: char| match from.chars().position(|f| f == c) {
        Some(at) => to.chars().nth(at),
        None => Some(c),
    };
    utf16::mend(text.chars().filter_map(map).collect())
}

fn is_reverse(axis: Axis) -> bool {
    matches!(axis, Axis::Ancestor | Axis::AncestorOrSelf | Axis::PrecedingSibling | Axis::Preceding)
}

/// The document, or the outermost element where there is none.
fn top(node: &Arc<Node>) -> Arc<Node> {
    let mut at = node.clone();
    while let Some(parent) = at.parent() {
        at = parent;
    }
    at
}

/// Nodes of an axis; reverse axes nearest first, so that positions count from the context node.
fn walk(axis: Axis, node: &Arc<Node>) -> Vec<Arc<Node>> {
    let siblings = |forward: bool| match node.position() {
        Some((parent, at)) if forward => parent.children().into_iter().skip(at + 1).collect::<Vec<_>>(),
        Some((parent, at)) => parent.children().into_iter().take(at).rev().collect(),
        None => Vec::new(),
    };
    let ancestors = || std::iter::successors(node.parent(), |n| n.parent());
    let mut out = Vec::new();
    match axis {
        Axis::Child => out = node.children(),
        Axis::Attribute => out = node.attributes(),
        Axis::SelfNode => out.push(node.clone()),
        Axis::Parent => out.extend(node.parent()),
        Axis::Descendant => node.descendants(&mut out),
        Axis::DescendantOrSelf => {
            out.push(node.clone());
            node.descendants(&mut out);
        }
        Axis::Ancestor => out.extend(ancestors()),
        Axis::AncestorOrSelf => {
            out.push(node.clone());
            out.extend(ancestors());
        }
        Axis::FollowingSibling => out = siblings(true),
        Axis::PrecedingSibling => out = siblings(false),
        Axis::Following | Axis::Preceding => {
            let forward = axis == Axis::Following;
            for n in std::iter::once(node.clone()).chain(ancestors()) {
                let Some((parent, at)) = n.position() else { continue };
                let children = parent.children();
                let (before, after) = children.split_at_checked(at).unwrap_or((&[], &[]));
                let side: Vec<_> = if forward { after.iter().skip(1).collect() } else { before.iter().rev().collect() };
                for sibling in side {
                    let mut tree = vec![sibling.clone()];
                    sibling.descendants(&mut tree);
                    if !forward {
                        tree.reverse();
                    }
                    out.extend(tree);
                }
            }
        }
    }
    out
}

fn evaluate(c: &mut Call<'_>) -> Result<Answer> {
    let text = c.str_arg(1, "expression")?;
    let node = super::content::node_of(c.arg(0)).ok_or_else(|| Exception::argument_null("node"))?;
    let prefixes = c.arg(2).as_object::<Manager>().map(|m| m.0.lock().clone()).unwrap_or_default();
    let expr = parse(&text)?;
    Evaluator { cx: c.cx, prefixes }.eval(&expr, &Context { node: &node, position: 1, size: 1 })
}

fn elements(c: &mut Call<'_>) -> Result<Vec<Arc<Node>>> {
    let nodes = evaluate(c)?.nodes()?;
    match nodes.iter().find(|n| n.kind != Kind::Element) {
        Some(other) => {
            let found = crate::object::short_name(&other.value_of().net_type());
            let message = format!("The XPath expression evaluated to unexpected type System.Xml.Linq.{found}.");
            Err(Exception::invalid_operation(message))
        }
        None => Ok(nodes),
    }
}

fn select_element(c: &mut Call<'_>) -> Result<Value> {
    Ok(maybe(elements(c)?.into_iter().next()))
}

fn select_elements(c: &mut Call<'_>) -> Result<Value> {
    let items = elements(c)?.iter().map(|n| n.value_of()).collect();
    Ok(new_array(Type::Simple(super::members::X_ELEMENT), items))
}

fn evaluate_any(c: &mut Call<'_>) -> Result<Value> {
    Ok(match evaluate(c)? {
        Answer::Nodes(nodes) => new_array(Type::OBJECT, nodes.iter().map(|n| n.value_of()).collect()),
        Answer::Number(n) => Value::Double(n),
        Answer::Text(t) => Value::str(t),
        Answer::Bool(b) => Value::Bool(b),
    })
}

fn add_namespace(c: &mut Call<'_>) -> Result<Value> {
    let (prefix, uri) = (c.str_arg(1, "prefix")?, c.str_arg(2, "uri")?);
    c.cx.charge_bytes(prefix.len() + uri.len() + 64)?;
    let manager = c.arg(0).as_object::<Manager>().ok_or_else(Exception::null_reference)?;
    manager.0.lock().push((prefix, uri));
    Ok(Value::Null)
}

/// Adds the extension methods and the name tables they take.
pub(super) fn define(b: &mut Builder) {
    b.class(TypeId("System.Xml.XPath.XPathException")).base("SystemException");
    b.class(TypeId("System.Xml.XmlNameTable"));
    b.class(NAME_TABLE).base("System.Xml.XmlNameTable").def("new()", |_| Ok(Value::object(NameTable)));
    b.interface(TypeId("System.Xml.IXmlNamespaceResolver"));
    b.class(MANAGER)
        .implements(&["System.Xml.IXmlNamespaceResolver"])
        .def("new(System.Xml.XmlNameTable nameTable)", |_| Ok(Value::object(Manager::default())))
        .def("void AddNamespace(string prefix, string uri)", add_namespace)
        .def("string LookupNamespace(string prefix)", |c| {
            let prefix = c.str_arg(1, "prefix")?;
            let manager = c.arg(0).as_object::<Manager>().ok_or_else(Exception::null_reference)?;
            let found = manager.0.lock().iter().rev().find(|(p, _)| *p == prefix).map(|(_, uri)| uri.clone());
            Ok(found.map_or(Value::Null, Value::Str))
        });
    b.static_class(TypeId("System.Xml.XPath.Extensions"))
        .def("static XElement XPathSelectElement(this XNode node, string expression)", select_element)
        .def(
            "static XElement XPathSelectElement(this XNode node, string expression, System.Xml.IXmlNamespaceResolver resolver)",
            select_element,
        )
        .def("static IEnumerable<XElement> XPathSelectElements(this XNode node, string expression)", select_elements)
        .def(
            "static IEnumerable<XElement> XPathSelectElements(this XNode node, string expression, System.Xml.IXmlNamespaceResolver resolver)",
            select_elements,
        )
        .def("static object XPathEvaluate(this XNode node, string expression)", evaluate_any)
        .def(
            "static object XPathEvaluate(this XNode node, string expression, System.Xml.IXmlNamespaceResolver resolver)",
            evaluate_any,
        );
}
