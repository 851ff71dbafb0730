//! By how much a call counts: what `quota-by-key` and `rate-limit-by-key` read from `increment-condition` and `increment-count`.
use crate::compile::{AttributeSpec, Node, Refused};
use crate::program::Attr;
use crate::run::{Cx, PolicyError};

/// Is the call counted?
pub(in crate::policies) const INCREMENT_CONDITION: AttributeSpec =
    AttributeSpec::optional("increment-condition", "is this call counted?");
/// As how many?
pub(in crate::policies) const INCREMENT_COUNT: AttributeSpec =
    AttributeSpec::optional("increment-count", "as how many calls it counts (default 1)");

/// By how much a call counts.
#[derive(Clone)]
pub(in crate::policies) struct Increment {
    condition: Attr<bool>,
    amount: Attr<i64>,
}

impl Increment {
    /// Reads the attributes.
    pub(in crate::policies) fn compile(node: &mut Node<'_, '_>) -> Result<Increment, Refused> {
        let (condition, amount) = (node.or(INCREMENT_CONDITION.name, true), node.or(INCREMENT_COUNT.name, 1));
        Ok(Increment { condition: condition?, amount: amount? })
    }

    /// Does it look at `context.Response`? Then it can only be known at the end.
    pub(in crate::policies) fn reads_response(&self) -> bool {
        self.condition.reads().response || self.amount.reads().response
    }

    /// How many calls this one counts as.
    pub(in crate::policies) fn evaluate(&self, cx: &mut Cx<'_>) -> Result<u64, PolicyError> {
        if !*self.condition.get(cx)? {
            return Ok(0);
        }
        Ok(u64::try_from(*self.amount.get(cx)?).unwrap_or(0))
    }
}
