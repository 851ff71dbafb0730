//! Queries that are used up where they are made (`items.Where(...).Select(...).ToList()`, `items.Any(...)`, `foreach` over one) run as a loop
//! in the function that holds them: there are no delegates and no iterators, and the parameters of the lambdas are locals like others.
use std::rc::Rc;
use std::sync::Arc;

use dotnet::collections;
use dotnet::collections::array::{self, ArrayObject};
use dotnet::{Exception, QueryOperator, Result, Type, Value};

use super::Lower;
use super::code::{Code, Run, run};
use super::frame::{Frame, LENT, MOST_LENT, Place};
use super::stmt::Act;
use super::text::{self, Part};
use crate::binder::conversion::Conv;
use crate::binder::tree::{Body, Call, Expr, Function, Kind, LocalId, Passed};

/// A sequence and what is done with each of its items before it is delivered.
pub(super) struct Pipeline {
    source: Run<Value>,
    /// Decides which sequence is meant, where an object is several.
    source_type: Type,
    /// Where an item of the source goes.
    item: Place,
    /// The slot, if the items are lent; the source is an array then.
    lent: Option<usize>,
    /// Variables of the lambdas that functions inside them keep: new ones for each item.
    fresh: Vec<usize>,
    steps: Vec<Step>,
}

enum Step {
    Do(Act),
    /// The item is dropped unless this holds.
    Test(Run<bool>),
}

/// An operator with its lambda.
struct Stage<'e, 'a> {
    does: Does,
    lambda: &'e Rc<Function<'a>>,
    body: &'e Expr<'a>,
    param: LocalId,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    Map,
    Keep,
    /// Keeps the items for which the lambda does not hold.
    Reject,
}

/// An item on its way.
enum Item {
    Local(LocalId),
    Code(Code),
}

impl<'a> Lower<'_, 'a> {
    /// A call that uses a query up.
    pub(super) fn query(&mut self, c: &Call<'a>) -> Option<Code> {
        let operator = c.member.query?;
        match operator {
            QueryOperator::Where | QueryOperator::Select => None,
            QueryOperator::Join => self.joined_query(c),
            _ => {
                let (source, predicate) = match c.args.as_slice() {
                    [Passed::Value(source)] => (source, None),
                    [Passed::Value(source), Passed::Value(f)] => {
                        let does = if operator == QueryOperator::All { Does::Reject } else { Does::Keep };
                        (source, Some(self.stage(f, does)?))
                    }
                    _ => return None,
                };
                let has_predicate = predicate.is_some();
                let (pipeline, item) = self.pipeline(source, predicate, true)?;
                Some(self.answer(operator, c.types.first()?, has_predicate, pipeline, item))
            }
        }
    }

    fn answer(&self, operator: QueryOperator, ty: &Type, has_predicate: bool, items: Pipeline, item: Code) -> Code {
        match operator {
            QueryOperator::Any | QueryOperator::All => {
                let (item, wanted) = (item.effect(), operator == QueryOperator::Any);
                Code::Bool(run(move |f| {
                    let mut found = !wanted;
                    items.each(f, |f| {
                        found = wanted;
                        item(f).map(|()| false)
                    })?;
                    Ok(found)
                }))
            }
            QueryOperator::Count => {
                let item = item.effect();
                Code::int_run(run(move |f| {
                    let mut count = 0_i32;
                    items.each(f, |f| {
                        count = count.checked_add(1).ok_or_else(Exception::overflow)?;
                        item(f).map(|()| true)
                    })?;
                    Ok(count)
                }))
            }
            QueryOperator::First => {
                let missing = if has_predicate { collections::no_match } else { collections::no_elements };
                let item = item.value();
                Code::Value(run(move |f| items.first(f, &item)?.ok_or_else(missing)))
            }
            QueryOperator::FirstOrDefault => {
                let (missing, item) = (collections::default_value(self.table, ty), item.value());
                Code::Value(run(move |f| Ok(items.first(f, &item)?.unwrap_or_else(|| missing.clone()))))
            }
            QueryOperator::ToArray => {
                let (ty, item) = (ty.clone(), item.value());
                Code::Value(run(move |f| Ok(collections::new_array(ty.clone(), items.all(f, &item)?))))
            }
            _ => {
                let (ty, item) = (ty.clone(), item.value());
                Code::Value(run(move |f| Ok(collections::new_list(ty.clone(), items.all(f, &item)?))))
            }
        }
    }

    /// `string.Join` with a constant separator.
    fn joined_query(&mut self, c: &Call<'a>) -> Option<Code> {
        let [Passed::Value(separator), Passed::Value(source)] = c.args.as_slice() else { return None };
        let separator: Arc<str> = match separator.constant.as_ref()? {
            Value::Str(s) => s.clone(),
            Value::Char(u) => String::from_utf16(&[*u]).ok()?.into(),
            _ => return None,
        };
        let (items, item) = self.pipeline(source, None, true)?;
        let (separator, item) = (Part::Text(separator), text::plain(item));
        Some(Code::Value(run(move |f| {
            let joined = dotnet::format::collect(|out| {
                let mut is_first = true;
                items.each(f, |f| {
                    let start = out.len();
                    if !std::mem::take(&mut is_first) {
                        text::write(f, &separator, out)?;
                    }
                    text::write(f, &item, out)?;
                    f.cx.charge_bytes(out.len().saturating_sub(start))?;
                    Ok(true)
                })
            });
            joined.map(Value::Str)
        })))
    }

    /// A query with at least one lambda that can run in place: the loop, and what it delivers.
    pub(super) fn loop_over(&mut self, query: &Expr<'a>) -> Option<(Pipeline, Code)> {
        self.pipeline(query, None, false)
    }

    /// Items that no statement comes to see may be lent.
    fn pipeline(
        &mut self,
        query: &Expr<'a>,
        predicate: Option<Stage<'_, 'a>>,
        may_lend: bool,
    ) -> Option<(Pipeline, Code)> {
        let mut stages: Vec<Stage<'_, 'a>> = predicate.into_iter().collect();
        let mut source = query;
        while let Some((from, stage)) = self.operator(source) {
            stages.push(stage);
            source = from;
        }
        stages.reverse();
        let first = stages.first()?.param;
        let source_type = Type::enumerable(self.bound.locals.get(first)?.ty.clone());
        let is_array = matches!(unconverted(source).ty, Type::Array(_));
        let source = self.expr(source).value();
        let lent = if may_lend && is_array { self.lend(first) } else { None };
        let (mut fresh, mut steps, mut item) = (Vec::new(), Vec::new(), None);
        for stage in &stages {
            fresh.extend(self.adopt(stage.lambda));
            match item.take() {
                None => {}
                Some(Item::Local(from)) if self.share_place(from, stage.param) => {}
                Some(Item::Local(from)) => {
                    let code = self.local(from);
                    steps.push(Step::Do(self.store_act(stage.param, code)));
                }
                Some(Item::Code(code)) => steps.push(Step::Do(self.store_act(stage.param, code))),
            }
            let body = self.expr(stage.body);
            item = Some(match stage.does {
                Does::Map => Item::Code(body),
                Does::Keep => {
                    steps.push(Step::Test(body.bool()));
                    Item::Local(stage.param)
                }
                Does::Reject => {
                    let holds = body.bool();
                    steps.push(Step::Test(run(move |f| holds(f).map(|b| !b))));
                    Item::Local(stage.param)
                }
            });
        }
        let delivered = match item? {
            Item::Local(id) => self.local(id),
            Item::Code(code) => code,
        };
        if lent.is_some() {
            self.current.lending = self.current.lending.saturating_sub(1);
        }
        Some((Pipeline { source, source_type, item: self.place(first), lent, fresh, steps }, delivered))
    }

    /// A `Where` or `Select` that can run in place, and what it is called on.
    fn operator<'e>(&self, e: &'e Expr<'a>) -> Option<(&'e Expr<'a>, Stage<'e, 'a>)> {
        let Kind::Call(c) = &unconverted(e).kind else { return None };
        let does = match c.member.query? {
            QueryOperator::Where => Does::Keep,
            QueryOperator::Select => Does::Map,
            _ => return None,
        };
        match c.args.as_slice() {
            [Passed::Value(source), Passed::Value(f)] => Some((source, self.stage(f, does)?)),
            _ => None,
        }
    }

    /// A lambda that can run in place: an expression over a parameter that stays as it is.
    fn stage<'e>(&self, f: &'e Expr<'a>, does: Does) -> Option<Stage<'e, 'a>> {
        let Kind::Lambda(lambda) = &unconverted(f).kind else { return None };
        let (Body::Expr(body), [param]) = (&lambda.body, lambda.params.as_slice()) else { return None };
        let stays = self.bound.locals.get(*param).is_some_and(|l| !l.written);
        let is_new = !self.numbers.contains_key(&lambda.id);
        (stays && is_new).then_some(Stage { does, lambda, body, param: *param })
    }

    /// Makes the locals of a lambda those of the function being lowered; gives the cells among them.
    fn adopt(&mut self, lambda: &Function<'a>) -> Vec<usize> {
        self.homes.insert(lambda.id, self.current.id);
        let own = self.kept.remove(&lambda.id).unwrap_or_default();
        self.fresh_cells(&own)
    }

    /// Gives a local a place for values that are lent, if it can have one and some are left.
    fn lend(&mut self, id: LocalId) -> Option<usize> {
        let depth = Some(self.current.lending).filter(|d| *d < MOST_LENT)?;
        let local = self.bound.locals.get(id).filter(|l| !l.captured && l.ty != Type::INT)?;
        debug_assert!(!local.written, "what is lent is not the program's to write");
        let slot = LENT.saturating_add(depth);
        self.slots.insert(id, slot);
        self.current.lending = depth.saturating_add(1);
        Some(slot)
    }

    /// Lets one local stand where another does, if both are plain and of one type; neither is ever written.
    fn share_place(&mut self, from: LocalId, to: LocalId) -> bool {
        let bound = self.bound;
        let (Some(a), Some(b)) = (bound.locals.get(from), bound.locals.get(to)) else { return false };
        if a.captured || b.captured || a.ty != b.ty {
            return false;
        }
        let Some(slot) = self.slots.get(&from).copied() else { return false };
        self.slots.insert(to, slot);
        true
    }
}

/// Without the conversions that change nothing.
fn unconverted<'e, 'a>(mut e: &'e Expr<'a>) -> &'e Expr<'a> {
    while let Kind::Convert { operand, conv: Conv::Same, .. } = &e.kind {
        e = operand;
    }
    e
}

impl Pipeline {
    /// Runs the loop until `deliver`, called when an item came through, says to stop.
    #[inline]
    pub(super) fn each(
        &self,
        f: &mut Frame<'_>,
        mut deliver: impl FnMut(&mut Frame<'_>) -> Result<bool>,
    ) -> Result<()> {
        let source = (self.source)(f)?;
        if source.is_null() {
            return Err(Exception::argument_null("source"));
        }
        if let Some(slot) = self.lent {
            return self.each_lent(f, slot, array::expect_array(&source)?, deliver);
        }
        if let Some(array) = array::array(&source) {
            for n in 0..array.len() {
                if !self.round(f, array.at(n), &mut deliver)? {
                    break;
                }
            }
            return Ok(());
        }
        let mut items = collections::enumerate_as(&mut *f.cx, &source, &self.source_type)?;
        while let Some(item) = items.next(&mut *f.cx)? {
            if !self.round(f, item, &mut deliver)? {
                break;
            }
        }
        Ok(())
    }

    #[inline]
    fn each_lent(
        &self,
        f: &mut Frame<'_>,
        slot: usize,
        array: &ArrayObject,
        mut deliver: impl FnMut(&mut Frame<'_>) -> Result<bool>,
    ) -> Result<()> {
        let mut done = 0;
        if let Some(items) = array.settled() {
            let mut f = f.lending();
            // A round may write to the array.
            for item in items.iter().take_while(|_| array.settled().is_some()) {
                self.fresh.iter().for_each(|c| f.fresh(*c));
                f.lend(slot, item);
                done += 1;
                if !self.steps(&mut f, &mut deliver)? {
                    return Ok(());
                }
            }
        }
        for n in done..array.len() {
            let item = array.at(n);
            let mut f = f.lending();
            self.fresh.iter().for_each(|c| f.fresh(*c));
            f.lend(slot, &item);
            if !self.steps(&mut f, &mut deliver)? {
                break;
            }
        }
        Ok(())
    }

    #[inline]
    fn round(
        &self,
        f: &mut Frame<'_>,
        item: Value,
        deliver: &mut impl FnMut(&mut Frame<'_>) -> Result<bool>,
    ) -> Result<bool> {
        self.fresh.iter().for_each(|c| f.fresh(*c));
        f.set(self.item, item);
        self.steps(f, deliver)
    }

    #[inline]
    fn steps(&self, f: &mut Frame<'_>, deliver: &mut impl FnMut(&mut Frame<'_>) -> Result<bool>) -> Result<bool> {
        for step in &self.steps {
            f.tick()?;
            match step {
                Step::Do(act) => act.run(f).map(drop)?,
                Step::Test(holds) if holds(f)? => {}
                Step::Test(_) => return Ok(true),
            }
        }
        f.tick()?;
        deliver(f)
    }

    fn first(&self, f: &mut Frame<'_>, item: &Run<Value>) -> Result<Option<Value>> {
        let mut found = None;
        self.each(f, |f| {
            found = Some(item(f)?);
            Ok(false)
        })?;
        Ok(found)
    }

    fn all(&self, f: &mut Frame<'_>, item: &Run<Value>) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        self.each(f, |f| {
            if items.len() == items.capacity() {
                f.cx.charge_bytes(items.capacity().max(4).saturating_mul(size_of::<Value>()))?;
            }
            items.push(item(f)?);
            Ok(true)
        })?;
        Ok(items)
    }
}
