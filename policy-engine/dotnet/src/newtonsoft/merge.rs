//! `JContainer.Merge` and its settings.
use std::sync::Arc;

use super::token::Token;
use super::token_members::me;
use super::{content, names};
use crate::ambient::Ambient;
use crate::collections::comparer::Equality;
use crate::collections::enumerator;
use crate::collections::hash::HashTableOf;
use crate::culture;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::newtonsoft::scalar::Kind;
use crate::newtonsoft::settings::{self, Settings};
use crate::table::Builder;
use crate::types::TypeId;
use crate::value::{Str, Value};

const MAX_DEPTH: usize = super::write::MAX_DEPTH;
const COMPARISON: TypeId = TypeId("System.StringComparison");

#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrays {
    Concat,
    Union,
    Replace,
    Merge,
}

#[derive(Clone, Copy)]
struct Rules {
    arrays: Arrays,
    merge_nulls: bool,
    comparison: i32,
}

impl Rules {
    fn of(value: &Value) -> Rules {
        let number = |name: &str| match Settings::of(value).and_then(|s| s.get(name)) {
            Some(Value::Enum(_, n)) => Some(n),
            _ => None,
        };
        let arrays = match number("MergeArrayHandling") {
            Some(1) => Arrays::Union,
            Some(2) => Arrays::Replace,
            Some(3) => Arrays::Merge,
            _ => Arrays::Concat,
        };
        Rules {
            arrays,
            merge_nulls: number("MergeNullValueHandling") == Some(1),
            comparison: number("PropertyNameComparison").unwrap_or(4),
        }
    }

    fn same_name(self, a: &str, b: &str) -> bool {
        match self.comparison {
            5 => culture::equals_ignore_case(a, b),
            1 | 3 => culture::compare(a, b, true).is_eq(),
            _ => a == b,
        }
    }
}

/// `container.Merge(content[, settings])`
pub(super) fn merge(c: &mut Call<'_>) -> Result<Value> {
    let (target, content) = (me(c)?, c.take(1));
    let rules = Rules::of(c.arg(2));
    if content.is_null() {
        return Ok(Value::Null);
    }
    merge_into(c.cx, &target, &content, rules, 0)?;
    Ok(Value::Null)
}

fn merge_into(cx: &mut dyn Ambient, target: &Arc<Token>, content: &Value, rules: Rules, depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Exception::limit(format!("JSON may be nested at most {MAX_DEPTH} deep")));
    }
    let other = Token::of(content);
    match (target.kind(), &other) {
        (Kind::Object, Some(o)) if o.kind() == Kind::Object => merge_object(cx, target, o, rules, depth),
        (Kind::Array, Some(o)) if o.kind() == Kind::Array => {
            let items = (0..o.child_count()).filter_map(|at| o.item(at)).map(Token::value).collect();
            merge_array(cx, target, items, rules, depth)
        }
        (Kind::Constructor, Some(o)) if o.kind() == Kind::Constructor => {
            if let Some(name) = o.constructor_name() {
                target.set_constructor_name(Some(name));
            }
            let items = (0..o.child_count()).filter_map(|at| o.item(at)).map(Token::value).collect();
            merge_array(cx, target, items, rules, depth)
        }
        (Kind::Array, None) if content::is_multiple(content) => {
            let items = enumerator::to_vec(cx, content)?;
            merge_array(cx, target, items, rules, depth)
        }
        (Kind::Property, Some(o)) if o.kind() == Kind::Property => match o.property_value() {
            Some(value) if value.kind() != Kind::Null => content::assign_property(cx, target, &value),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn merge_object(
    cx: &mut dyn Ambient,
    target: &Arc<Token>,
    other: &Arc<Token>,
    rules: Rules,
    depth: usize,
) -> Result<()> {
    for at in 0..other.child_count() {
        cx.charge_steps(1)?;
        let Some((name, value)) = other.member_at(at) else { break };
        let Some(known) = known_name(target, &name, rules) else {
            content::add_member(cx, target, &name, &value)?;
            continue;
        };
        let Some(existing) = target.member(&known) else { continue };
        if existing.is_container() && existing.kind() == value.kind() {
            merge_into(cx, &existing, &value.value(), rules, depth.saturating_add(1))?;
        } else if value.kind() != Kind::Null || rules.merge_nulls {
            content::set_member(cx, target, &known, &value)?;
        }
    }
    Ok(())
}

fn known_name(target: &Arc<Token>, name: &Str, rules: Rules) -> Option<Str> {
    if target.member(name).is_some() {
        return Some(name.clone());
    }
    if rules.comparison == 4 {
        return None;
    }
    target.member_names().into_iter().find(|n| rules.same_name(n, name))
}

fn append(cx: &mut dyn Ambient, target: &Arc<Token>, item: &Value) -> Result<()> {
    content::add(cx, target, target.child_count(), item).map(drop)
}

fn merge_array(cx: &mut dyn Ambient, target: &Arc<Token>, items: Vec<Value>, rules: Rules, depth: usize) -> Result<()> {
    match rules.arrays {
        Arrays::Concat => items.iter().try_for_each(|item| append(cx, target, item)),
        Arrays::Replace => {
            // The content may be the target itself.
            target.clear();
            items.iter().try_for_each(|item| append(cx, target, item))
        }
        Arrays::Union => union(cx, target, &items),
        Arrays::Merge => merge_items(cx, target, &items, rules, depth),
    }
}

fn union(cx: &mut dyn Ambient, target: &Arc<Token>, items: &[Value]) -> Result<()> {
    let comparer = super::token_members::token_rules();
    let mut seen: HashTableOf<()> = HashTableOf::new(Equality::of(&comparer)?);
    for at in 0..target.child_count() {
        if let Some(item) = target.item(at) {
            seen.try_insert(item.value(), ());
        }
    }
    for item in items {
        cx.charge_steps(1)?;
        let token = content::token_from(item)?.value();
        if seen.try_insert(token.clone(), ()) {
            append(cx, target, &token)?;
        }
    }
    Ok(())
}

fn merge_items(cx: &mut dyn Ambient, target: &Arc<Token>, items: &[Value], rules: Rules, depth: usize) -> Result<()> {
    for (at, item) in items.iter().enumerate() {
        cx.charge_steps(1)?;
        match target.item(at) {
            None => append(cx, target, item)?,
            Some(existing) if existing.is_container() => {
                merge_into(cx, &existing, item, rules, depth.saturating_add(1))?;
            }
            Some(_) => {
                let value = content::token_from(item)?;
                if value.kind() != Kind::Null {
                    content::set_at(cx, target, i32::try_from(at).unwrap_or(i32::MAX), &value)?;
                }
            }
        }
    }
    Ok(())
}

pub(super) fn define(b: &mut Builder) {
    b.enumeration(names::MERGE_ARRAY, false, &[("Concat", 0), ("Union", 1), ("Replace", 2), ("Merge", 3)]);
    b.enumeration(names::MERGE_NULL, true, &[("Ignore", 0), ("Merge", 1)]);
    settings::define_type(b, names::MERGE_SETTINGS)
        .get_set(
            "MergeArrayHandling MergeArrayHandling",
            |c| settings::get_enum(c, "MergeArrayHandling", names::MERGE_ARRAY, 0),
            |c| settings::set(c, "MergeArrayHandling"),
        )
        .get_set(
            "MergeNullValueHandling MergeNullValueHandling",
            |c| settings::get_enum(c, "MergeNullValueHandling", names::MERGE_NULL, 0),
            |c| settings::set(c, "MergeNullValueHandling"),
        )
        .get_set(
            "StringComparison PropertyNameComparison",
            |c| settings::get_enum(c, "PropertyNameComparison", COMPARISON, 4),
            |c| settings::set(c, "PropertyNameComparison"),
        );
}
