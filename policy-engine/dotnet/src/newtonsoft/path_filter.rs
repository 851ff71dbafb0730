//! Runs the filters of a JSON path over tokens.
use std::cmp::Ordering;
use std::sync::Arc;

use super::content::type_of;
use super::dates;
use super::scalar::{Kind, Scalar, compare_as};
use super::token::{Body, Token};
use crate::ambient::Ambient;
use crate::collections::array;
use crate::exception::{Exception, Result};
use crate::object;
use crate::text::regex;
use crate::value::{Str, Value};

/// One step of a path.
pub(super) enum Filter {
    /// A member, or all of them.
    Field(Option<Str>),
    Fields(Vec<Str>),
    /// An item, or all of them.
    Index(Option<i32>),
    Indexes(Vec<i32>),
    Slice {
        from: Option<i32>,
        to: Option<i32>,
        step: Option<i32>,
    },
    /// Members of that name at any depth, or everything.
    Scan(Option<Str>),
    ScanMultiple(Vec<Str>),
    Query(Expression),
    QueryScan(Expression),
}

/// A condition in a query.
pub(super) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Exists(Operand),
    Compare(Operand, Comparison, Operand),
}

/// A side of a comparison.
pub(super) enum Operand {
    Path { from_root: bool, filters: Vec<Filter> },
    Constant(Scalar),
    Regex { pattern: Str, options: String },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equals,
    StrictEquals,
    NotEquals,
    StrictNotEquals,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Regex,
}

type Tokens = Vec<Arc<Token>>;

/// Applies the filters one after the other.
pub(super) fn run(
    cx: &mut dyn Ambient,
    root: &Arc<Token>,
    start: Tokens,
    filters: &[Filter],
    must: bool,
) -> Result<Tokens> {
    let mut current = start;
    for filter in filters {
        let mut next = Vec::new();
        for token in &current {
            cx.charge_steps(1)?;
            apply(cx, root, token, filter, must, &mut next)?;
        }
        cx.charge_bytes(next.len().saturating_mul(size_of::<Token>()))?;
        current = next;
    }
    Ok(current)
}

fn short_name(token: &Token) -> String {
    object::short_name(&type_of(token))
}

fn missing(must: bool, text: impl FnOnce() -> String) -> Result<()> {
    if must { Err(Exception::json(text())) } else { Ok(()) }
}

fn apply(
    cx: &mut dyn Ambient,
    root: &Arc<Token>,
    token: &Arc<Token>,
    filter: &Filter,
    must: bool,
    out: &mut Tokens,
) -> Result<()> {
    let is_object = matches!(token.body, Body::Object(_));
    match filter {
        Filter::Field(Some(name)) if is_object => match token.member(name) {
            Some(found) => out.push(found),
            None => missing(must, || format!("Property '{name}' does not exist on JObject."))?,
        },
        Filter::Field(None) if is_object => all_values(cx, token, out)?,
        Filter::Field(name) => missing(must, || {
            format!("Property '{}' not valid on {}.", name.as_deref().unwrap_or("*"), short_name(token))
        })?,
        Filter::Fields(names) if is_object => {
            for name in names {
                out.extend(token.member(name));
                // Newtonsoft complains about the first name even if it is there.
                missing(must, || format!("Property '{name}' does not exist on JObject."))?;
            }
        }
        Filter::Fields(names) => missing(must, || {
            let names: Vec<String> = names.iter().map(|n| format!("'{n}'")).collect();
            format!("Properties {} not valid on {}.", names.join(", "), short_name(token))
        })?,
        Filter::Index(None) if matches!(token.body, Body::Array(_)) => {
            for at in 0..token.child_count() {
                cx.charge_steps(1)?;
                out.extend(token.item(at));
            }
        }
        Filter::Index(None) => missing(must, || format!("Index * not valid on {}.", short_name(token)))?,
        Filter::Index(Some(n)) => item(token, *n, must, out)?,
        Filter::Indexes(all) => all.iter().try_for_each(|n| item(token, *n, must, out))?,
        Filter::Slice { from, to, step } => slice(cx, token, (*from, *to, *step), must, out)?,
        Filter::Scan(name) => scan(cx, token, name.as_ref().map(std::slice::from_ref), out)?,
        Filter::ScanMultiple(names) => scan(cx, token, Some(names), out)?,
        Filter::Query(expression) => {
            for at in 0..token.child_count() {
                let Some(child) = token.child(at) else { break };
                if matches(cx, root, &child, expression)? {
                    out.push(child);
                }
            }
        }
        Filter::QueryScan(expression) => {
            for child in below(cx, token)? {
                if matches(cx, root, &child, expression)? {
                    out.push(child);
                }
            }
        }
    }
    Ok(())
}

fn all_values(cx: &mut dyn Ambient, token: &Arc<Token>, out: &mut Tokens) -> Result<()> {
    for at in 0..token.child_count() {
        cx.charge_steps(1)?;
        out.extend(token.member_at(at).map(|(_, v)| v));
    }
    Ok(())
}

fn item(token: &Arc<Token>, n: i32, must: bool, out: &mut Tokens) -> Result<()> {
    if !matches!(token.body, Body::Array(_)) {
        return missing(must, || format!("Index {n} not valid on {}.", short_name(token)));
    }
    let Ok(at) = usize::try_from(n) else { return Err(crate::collections::list::index_out_of_range()) };
    match token.item(at) {
        Some(found) => {
            out.push(found);
            Ok(())
        }
        None => missing(must, || format!("Index {n} outside the bounds of {}.", short_name(token))),
    }
}

fn slice(
    cx: &mut dyn Ambient,
    token: &Arc<Token>,
    (from, to, step): (Option<i32>, Option<i32>, Option<i32>),
    must: bool,
    out: &mut Tokens,
) -> Result<()> {
    if step == Some(0) {
        return Err(Exception::json("Step cannot be zero."));
    }
    if token.kind() != Kind::Array {
        return missing(must, || format!("Array slice is not valid on {}.", short_name(token)));
    }
    let count = i64::try_from(token.child_count()).unwrap_or(i64::MAX);
    let step = i64::from(step.unwrap_or(1));
    let wrap = |n: i32| if n < 0 { count.saturating_add(i64::from(n)) } else { i64::from(n) };
    let forward = step > 0;
    let start = from.map_or(if forward { 0 } else { count.saturating_sub(1) }, wrap);
    let stop = to.map_or(if forward { count } else { -1 }, wrap);
    let start = if forward { start.max(0).min(count) } else { start.min(count.saturating_sub(1)) };
    let stop = stop.max(-1).min(count);
    let inside = |at: i64| if forward { at < stop } else { at > stop };
    if !inside(start) {
        let show = |n: Option<i32>| n.map_or("*".to_owned(), |n| n.to_string());
        return missing(must, || format!("Array slice of {} to {} returned no results.", show(from), show(to)));
    }
    let mut at = start;
    while inside(at) {
        cx.charge_steps(1)?;
        out.extend(usize::try_from(at).ok().and_then(|at| token.item(at)));
        at = at.saturating_add(step);
    }
    Ok(())
}

/// The token and all below it, parents first, properties left out.
fn below(cx: &mut dyn Ambient, token: &Arc<Token>) -> Result<Tokens> {
    let (mut found, mut open) = (vec![token.clone()], vec![(token.clone(), 0_usize)]);
    while let Some((container, at)) = open.pop() {
        let child = match container.body {
            Body::Object(_) => container.member_at(at).map(|(_, v)| v),
            _ => container.child(at),
        };
        let Some(child) = child else { continue };
        open.push((container, at.saturating_add(1)));
        cx.charge_steps(1)?;
        cx.charge_bytes(size_of::<Token>())?;
        if child.is_container() {
            open.push((child.clone(), 0));
        }
        found.push(child);
    }
    Ok(found)
}

/// `..name`, `..['a','b']` or `..*`.
fn scan(cx: &mut dyn Ambient, token: &Arc<Token>, names: Option<&[Str]>, out: &mut Tokens) -> Result<()> {
    let Some(names) = names else {
        out.extend(below(cx, token)?);
        return Ok(());
    };
    for t in below(cx, token)? {
        let name = t.link().name.filter(|_| !Arc::ptr_eq(&t, token));
        if name.is_some_and(|n| names.contains(&n)) {
            out.push(t);
        }
    }
    Ok(())
}

// === conditions ===

fn matches(cx: &mut dyn Ambient, root: &Arc<Token>, token: &Arc<Token>, expression: &Expression) -> Result<bool> {
    cx.charge_steps(1)?;
    match expression {
        Expression::And(all) => {
            for e in all {
                if !matches(cx, root, token, e)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Expression::Or(any) => {
            for e in any {
                if matches(cx, root, token, e)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Expression::Exists(operand) => Ok(!operands(cx, root, token, operand)?.is_empty()),
        Expression::Compare(left, operator, right) => {
            if let Operand::Regex { pattern, options } = right {
                return matches_regex(cx, root, token, left, (pattern, options));
            }
            let (left, right) = (operands(cx, root, token, left)?, operands(cx, root, token, right)?);
            Ok(left.iter().any(|l| right.iter().any(|r| compare(l, *operator, r))))
        }
    }
}

fn operands(cx: &mut dyn Ambient, root: &Arc<Token>, token: &Arc<Token>, operand: &Operand) -> Result<Tokens> {
    match operand {
        Operand::Constant(scalar) => Ok(vec![Token::scalar(scalar.clone())]),
        Operand::Path { from_root, filters } => {
            let start = if *from_root { root.clone() } else { token.clone() };
            run(cx, root, vec![start], filters, false)
        }
        Operand::Regex { .. } => Ok(Vec::new()),
    }
}

fn matches_regex(
    cx: &mut dyn Ambient,
    root: &Arc<Token>,
    token: &Arc<Token>,
    left: &Operand,
    (pattern, options): (&Str, &str),
) -> Result<bool> {
    for found in operands(cx, root, token, left)? {
        if let Some(Scalar { kind: Kind::String, value: Value::Str(text) }) = found.as_scalar()
            && regex::matches(cx, &text, pattern, regex_flags(options))?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `RegexOptions` of the letters after a pattern.
fn regex_flags(options: &str) -> i32 {
    options.chars().fold(0, |flags, c| {
        flags
            | match c {
                'i' => 1,
                'm' => 2,
                'x' => 4,
                's' => 16,
                _ => 0,
            }
    })
}

fn compare(left: &Arc<Token>, operator: Comparison, right: &Arc<Token>) -> bool {
    let (Some(a), Some(b)) = (left.as_scalar(), right.as_scalar()) else {
        return operator == Comparison::NotEquals;
    };
    let order = || a.compare(&b).ok();
    match operator {
        Comparison::Equals => equals_loosely(&a, &b),
        Comparison::NotEquals => !equals_loosely(&a, &b),
        Comparison::StrictEquals => equals_strictly(&a, &b),
        Comparison::StrictNotEquals => !equals_strictly(&a, &b),
        Comparison::Less => order() == Some(Ordering::Less),
        Comparison::LessOrEqual => order().is_some_and(Ordering::is_le),
        Comparison::Greater => order() == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
        Comparison::Regex => false,
    }
}

fn mixed_numbers(a: &Scalar, b: &Scalar) -> bool {
    matches!((a.kind, b.kind), (Kind::Integer, Kind::Float) | (Kind::Float, Kind::Integer))
}

fn equals_strictly(a: &Scalar, b: &Scalar) -> bool {
    if mixed_numbers(a, b) {
        return matches!(compare_as(Kind::Float, &a.value, &b.value), Ok(Ordering::Equal));
    }
    a.kind == b.kind && a.equals(b)
}

/// A text in the path also equals a date, GUID, span, URI or bytes written as text.
fn equals_loosely(a: &Scalar, b: &Scalar) -> bool {
    if a.equals(b) {
        return true;
    }
    if mixed_numbers(a, b) {
        return equals_strictly(a, b);
    }
    let (Kind::String, Value::Str(wanted)) = (b.kind, &b.value) else { return false };
    let text = match &a.value {
        Value::DateTime(v) => dates::write_date_time(*v),
        Value::DateTimeOffset(v) => dates::write(v.ticks, Some(v.offset_minutes)),
        Value::Guid(v) => crate::system::guid::format(v, "D").map(|s| s.to_string()).unwrap_or_default(),
        Value::TimeSpan(v) => {
            crate::system::time_span_format::format(*v, "c").map(|s| s.to_string()).unwrap_or_default()
        }
        v => match array::bytes(v) {
            Some(bytes) => base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes),
            None => return false,
        },
    };
    *text == **wanted
}
