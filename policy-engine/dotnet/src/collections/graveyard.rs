//! Ends of deeply nested values without deep recursion.
//!
//! A list in a list in a list ... would be dropped by as many nested calls. Containers hand their content over here when they end:
//! up to a depth it is dropped at once, below it is queued, and the outermost one works the queue off.
use std::cell::{Cell, RefCell};

use crate::value::Value;

/// So many containers may end inside each other before the rest is queued.
const MAX_DEPTH: u32 = 64;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static WAITING: RefCell<Vec<Vec<Value>>> = const { RefCell::new(Vec::new()) };
}

/// Drops values.
pub fn bury(values: Vec<Value>) {
    if values.iter().any(|v| matches!(v, Value::Object(_) | Value::Func(_))) {
        end(values, |values| values);
    }
}

/// Drops anything; `as_values` tells what of it may own others, should it have to wait.
pub(crate) fn end<T>(content: T, as_values: impl FnOnce(T) -> Vec<Value>) {
    let depth = DEPTH.get();
    if depth >= MAX_DEPTH {
        let values = as_values(content);
        // A thread that is ending may have no queue any more; then the values are dropped here.
        let _ = WAITING.try_with(|w| w.borrow_mut().push(values));
        return;
    }
    DEPTH.set(depth.saturating_add(1));
    drop(content);
    if depth == 0 {
        while let Some(next) = WAITING.try_with(|w| w.borrow_mut().pop()).ok().flatten() {
            drop(next);
        }
    }
    DEPTH.set(depth);
}

#[cfg(test)]
mod tests {
    use crate::collections::{list, new_list};
    use crate::types::Type;

    #[test]
    fn a_hundred_thousand_nested_lists_end_quietly() {
        let mut nested = new_list(Type::OBJECT, Vec::new());
        for _ in 0..100_000 {
            nested = new_list(Type::OBJECT, vec![nested]);
        }
        assert!(list::list(&nested).is_some());
    }
}
