//! `System.Linq.Enumerable`: deferred, streaming queries.
//!
//! A query is one kind of object, [`Query`]: a recipe that starts a fresh iteration each time. Operators that must look at all items
//! first (ordering, grouping, reversing) do so when the first item is asked for, as in .NET.
mod aggregate;
mod chain;
mod element;
mod generate;
mod group;
mod join;
mod numeric;
mod order;
mod partition;
mod project;
mod sets;

use std::any::Any;
use std::sync::Arc;

use self::chain::{Chain, Stage};
use super::enumerator::{self, enumerate};
use super::names;
use super::search::Indexed;
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, ids};
use crate::value::{Enumerator, Object, Str, Value};

pub(crate) use super::search::delegate;

/// Longest chain of queries over queries. Each link costs stack while items are pulled through.
const MAX_CHAIN: usize = 256;

/// A deferred sequence.
pub(crate) struct Query {
    item: Type,
    /// Name of .NET's iterator class, for `ToString()`.
    class: &'static str,
    depth: usize,
    recipe: Recipe,
}

/// How a query makes its iterations.
enum Recipe {
    Start(Box<dyn Fn() -> Box<dyn Enumerator> + Send + Sync>),
    /// `Where` and `Select`: several of them in a row run as one iteration.
    Stage(Stage),
}

impl Object for Query {
    fn net_type(&self) -> Type {
        Type::enumerable(self.item.clone())
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        Ok(format!("System.Linq.Enumerable+{}`1[{}]", self.class, self.item.clr_name()).into())
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(match &self.recipe {
            Recipe::Start(start) => start(),
            Recipe::Stage(stage) => Box::new(Chain::of(stage)),
        })
    }
    fn is_exactly(&self, ty: &Type) -> bool {
        matches!(ty, Type::Generic(ids::ENUMERABLE_T, args) if matches!(&**args, [item] if *item == self.item))
    }
}

/// Makes a query over `sources` (they bound the length of the chain). `start` gives the function that answers the next item.
pub(crate) fn query<F>(
    class: &'static str,
    item: Type,
    sources: &[&Value],
    start: impl Fn() -> F + Send + Sync + 'static,
) -> Result<Value>
where
    F: FnMut(&mut dyn Ambient) -> Result<Option<Value>> + Send + Sync + 'static,
{
    let depth = chain_depth(sources)?;
    let recipe = Recipe::Start(Box::new(move || Box::new(Pull(start()))));
    Ok(Value::object(Query { item, class, depth, recipe }))
}

/// Makes the query of a `Where` or `Select`.
fn stage(class: &'static str, item: Type, stage: Stage) -> Result<Value> {
    let depth = chain_depth(&[&stage.from])?;
    Ok(Value::object(Query { item, class, depth, recipe: Recipe::Stage(stage) }))
}

/// .NET's class of what `Skip` and `Take` give.
const PARTITION: &str = "ListPartition";

/// Source and lambda of a `Select` over what .NET can enter at any place (`IPartition` and lists).
fn selected(from: &Value) -> Option<(Value, Value)> {
    match &from.as_object::<Query>()?.recipe {
        Recipe::Stage(Stage { from, step: chain::Step::Select(f) }) if is_partition(from) => {
            Some((from.clone(), f.clone()))
        }
        _ => None,
    }
}

fn is_partition(value: &Value) -> bool {
    match value.as_object::<Query>() {
        Some(Query { class, .. }) if matches!(*class, PARTITION | "RangeIterator" | "RepeatIterator") => true,
        Some(_) => selected(value).is_some(),
        None => value.as_object::<order::Ordered>().is_some() || super::search::Indexed::of(value).is_ok(),
    }
}

/// Length of the chain that a query over these sources has.
pub(crate) fn chain_depth(sources: &[&Value]) -> Result<usize> {
    let depth_of = |v: &&Value| match v.as_object::<Query>() {
        Some(q) => q.depth,
        None => v.as_object::<order::Ordered>().map_or(0, order::Ordered::depth),
    };
    let depth = sources.iter().map(depth_of).max().unwrap_or(0).saturating_add(1);
    if depth > MAX_CHAIN {
        return Err(Exception::limit(format!("a query may be built over at most {MAX_CHAIN} others")));
    }
    Ok(depth)
}

struct Pull<F>(F);

impl<F: FnMut(&mut dyn Ambient) -> Result<Option<Value>> + Send + Sync> Enumerator for Pull<F> {
    fn next(&mut self, cx: &mut dyn Ambient) -> Result<Option<Value>> {
        (self.0)(cx)
    }
}

/// A source that starts when its first item is asked for.
pub(crate) struct Source {
    sequence: Value,
    running: Option<Box<dyn Enumerator>>,
    /// Next position, in one that is read by index.
    at: Option<usize>,
}

impl Source {
    pub(crate) fn of(sequence: &Value) -> Source {
        Source { sequence: sequence.clone(), running: None, at: None }
    }

    /// The same for what only counts items: .NET reads lists and arrays by index then, and does not mind that a list changes.
    pub(crate) fn counted(sequence: &Value) -> Source {
        Source { at: Indexed::of(sequence).is_ok().then_some(0), ..Source::of(sequence) }
    }

    pub(crate) fn next(&mut self, cx: &mut dyn Ambient) -> Result<Option<Value>> {
        cx.charge_steps(1)?;
        if let Some(at) = &mut self.at {
            let item = Indexed::of(&self.sequence)?.at(*at);
            *at = at.saturating_add(1);
            return Ok(item);
        }
        if let Some(running) = &mut self.running {
            return running.next(cx);
        }
        self.running.insert(enumerate(cx, &self.sequence)?).next(cx)
    }
}

/// The first argument, a sequence that must not be null.
pub(crate) fn source(c: &mut Call<'_>) -> Result<Value> {
    sequence(c, 0, "source")
}

/// An object that is a sequence of two things (`JObject`: of tokens and of pairs) is taken as what the static type says.
fn as_static_type(c: &Call<'_>, value: Value) -> Value {
    let is_pair = |t: &Type| t.id() == Some(ids::KEY_VALUE_PAIR_T);
    match &value {
        Value::Object(_) if c.types.first().is_some_and(is_pair) => {
            crate::newtonsoft::as_pairs(&value).unwrap_or(value)
        }
        _ => value,
    }
}

/// A sequence argument that must not be null.
pub(crate) fn sequence(c: &mut Call<'_>, n: usize, parameter: &str) -> Result<Value> {
    match c.take(n) {
        Value::Null => Err(Exception::argument_null(parameter)),
        v => Ok(as_static_type(c, v)),
    }
}

/// Calls a delegate.
pub(crate) fn call(cx: &mut dyn Ambient, f: &Value, args: &mut [Value]) -> Result<Value> {
    match f {
        Value::Func(f) => f.call(cx, args),
        _ => Err(Exception::null_reference()),
    }
}

/// Calls a predicate.
pub(crate) fn holds(cx: &mut dyn Ambient, f: &Value, item: &Value) -> Result<bool> {
    Ok(matches!(call(cx, f, &mut [item.clone()])?, Value::Bool(true)))
}

/// The item, if a predicate holds for it.
pub(crate) fn passed(cx: &mut dyn Ambient, f: &Value, item: Value) -> Result<Option<Value>> {
    let Value::Func(f) = f else { return Err(Exception::null_reference()) };
    let kept = if f.keeps_args() { None } else { Some(item.clone()) };
    let mut args = [item];
    match f.call(cx, &mut args) {
        Ok(Value::Bool(true)) => {
            let [item] = args;
            Ok(Some(kept.unwrap_or(item)))
        }
        Ok(_) => Ok(None),
        Err(e) => Err(e),
    }
}

/// What `First` throws on an empty sequence.
pub fn no_elements() -> Exception {
    Exception::invalid_operation("Sequence contains no elements")
}

/// What `First` throws when its predicate holds for no item.
pub fn no_match() -> Exception {
    Exception::invalid_operation("Sequence contains no matching element")
}

/// Number of items where it is known without walking.
pub(crate) fn known_count(sequence: &Value) -> Option<usize> {
    match sequence {
        Value::Object(o) => o.count(),
        _ => None,
    }
}

pub(crate) fn all(cx: &mut dyn Ambient, sequence: &Value) -> Result<Vec<Value>> {
    enumerator::to_vec(cx, sequence)
}

pub(crate) fn define(b: &mut Builder) {
    b.interface(ids::GROUPING_T)
        .params(&["out K", "out T"])
        .implements(&["IEnumerable<T>", "IEnumerable"])
        .def("K Key", group::key);
    b.interface(ids::ORDERED_ENUMERABLE_T).params(&["T"]).implements(&["IEnumerable<T>", "IEnumerable"]);
    group::define_lookup(b);
    b.static_class(names::ENUMERABLE_CLASS);
    project::define(b);
    partition::define(b);
    element::define(b);
    aggregate::define(b);
    numeric::define(b);
    order::define(b);
    group::define(b);
    join::define(b);
    sets::define(b);
    generate::define(b);
}
