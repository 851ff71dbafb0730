//! `Where` and `Select` in a row as one iteration: each item goes through all of them before the next one is fetched, as in .NET,
//! but without an iterator for each.
use std::sync::Arc;

use super::{Query, Recipe, call, passed};
use crate::ambient::Ambient;
use crate::collections::array::ArrayObject;
use crate::collections::enumerator::enumerate;
use crate::exception::Result;
use crate::value::{Enumerator, Object, Value};

/// One `Where` or `Select` over a sequence.
pub(super) struct Stage {
    pub(super) from: Value,
    pub(super) step: Step,
}

/// What is done with an item.
#[derive(Clone)]
pub(super) enum Step {
    Where(Value),
    Select(Value),
}

/// A running iteration of stages.
pub(super) struct Chain {
    source: Source,
    /// Innermost first.
    steps: Vec<Step>,
}

enum Source {
    /// Not begun: the source starts when its first item is asked for.
    Waiting(Value),
    Array(Arc<dyn Object>, usize),
    Running(Box<dyn Enumerator>),
}

impl Chain {
    pub(super) fn of(last: &Stage) -> Chain {
        let mut steps = Vec::with_capacity(2);
        let mut stage = last;
        loop {
            steps.push(stage.step.clone());
            match stage.from.as_object::<Query>().map(|q| &q.recipe) {
                Some(Recipe::Stage(inner)) => stage = inner,
                _ => break,
            }
        }
        steps.reverse();
        Chain { source: Source::Waiting(stage.from.clone()), steps }
    }
}

impl Source {
    fn start(&mut self, cx: &mut dyn Ambient) -> Result<()> {
        if let Source::Waiting(sequence) = self {
            *self = match sequence {
                Value::Object(o) if o.as_any().is::<ArrayObject>() => Source::Array(o.clone(), 0),
                other => Source::Running(enumerate(cx, other)?),
            };
        }
        Ok(())
    }

    fn next(&mut self, cx: &mut dyn Ambient) -> Result<Option<Value>> {
        match self {
            Source::Waiting(_) => Ok(None),
            Source::Running(running) => running.next(cx),
            Source::Array(array, at) => {
                let Some(array) = array.as_any().downcast_ref::<ArrayObject>().filter(|a| *at < a.len()) else {
                    return Ok(None);
                };
                let item = array.at(*at);
                *at = at.saturating_add(1);
                Ok(Some(item))
            }
        }
    }
}

impl Enumerator for Chain {
    fn next(&mut self, cx: &mut dyn Ambient) -> Result<Option<Value>> {
        // Each step that asks the one before it costs one.
        let mut asking = self.steps.len();
        self.source.start(cx)?;
        'items: loop {
            cx.charge_steps(u64::try_from(asking).unwrap_or(u64::MAX))?;
            let Some(mut item) = self.source.next(cx)? else { return Ok(None) };
            for (n, step) in self.steps.iter().enumerate() {
                item = match step {
                    Step::Select(f) => call(cx, f, &mut [item])?,
                    Step::Where(f) => match passed(cx, f, item)? {
                        Some(item) => item,
                        None => {
                            asking = n.saturating_add(1);
                            continue 'items;
                        }
                    },
                };
            }
            return Ok(Some(item));
        }
    }
}
