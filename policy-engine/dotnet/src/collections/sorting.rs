//! Stable merge sort whose comparison may fail, may run user code and may be inconsistent: none of that may panic or loop.
use std::cmp::Ordering;

use super::comparer::Order;
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::value::Value;

/// Sorts by a comparison. Charges a step for each comparison.
pub(crate) fn sort_by<T>(
    cx: &mut dyn Ambient,
    mut items: Vec<T>,
    compare: &mut dyn FnMut(&mut dyn Ambient, &T, &T) -> Result<Ordering>,
) -> Result<Vec<T>> {
    cx.charge_bytes(items.len().saturating_mul(size_of::<T>()))?;
    let mut width = 1_usize;
    while width < items.len() {
        let mut merged = Vec::with_capacity(items.len());
        let mut rest = items.into_iter();
        loop {
            let left: Vec<T> = rest.by_ref().take(width).collect();
            if left.is_empty() {
                break;
            }
            let right: Vec<T> = rest.by_ref().take(width).collect();
            merge(cx, left, right, &mut merged, compare)?;
        }
        items = merged;
        width = width.saturating_mul(2);
    }
    Ok(items)
}

fn merge<T>(
    cx: &mut dyn Ambient,
    left: Vec<T>,
    right: Vec<T>,
    into: &mut Vec<T>,
    compare: &mut dyn FnMut(&mut dyn Ambient, &T, &T) -> Result<Ordering>,
) -> Result<()> {
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        cx.charge_steps(1)?;
        // Left first on ties: stable.
        let next = if compare(cx, a, b)? == Ordering::Greater { right.next() } else { left.next() };
        into.extend(next);
    }
    into.extend(left);
    into.extend(right);
    Ok(())
}

/// Sorts values by a comparer. A failing comparison is wrapped as .NET does.
pub(crate) fn sort(cx: &mut dyn Ambient, items: Vec<Value>, order: &Order) -> Result<Vec<Value>> {
    sort_by(cx, items, &mut |cx, a, b| order.compare(cx, a, b)).map_err(failed_comparison)
}

/// `InvalidOperationException` around what a comparison threw; a reached bound stays as it is.
pub(crate) fn failed_comparison(cause: Exception) -> Exception {
    if cause.is_limit() {
        return cause;
    }
    Exception::invalid_operation("Failed to compare two elements in the array.").with_cause(cause)
}
