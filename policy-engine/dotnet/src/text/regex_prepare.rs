//! Calls of `Regex` whose pattern stands in the source: it is read when the policy is compiled, and its table of states is made.
use std::sync::Arc;

use super::regex::{Operation, Pattern, RegexObject, cached, timeout};
use super::regex_replace::{self, Replacement};
use crate::exception::{Exception, Result};
use crate::member::{Known, Ready};
use crate::types::Type;
use crate::value::{Str, Value};

/// The constant pattern of a static method: argument 1, options and a timeout from argument `options` on.
fn pattern(known: &Known<'_>, options: usize) -> Option<Pattern> {
    let count = known.args.len();
    let flags = match known.arg(options) {
        Some(Value::Enum(_, n) | Value::Int32(n)) => *n,
        None if count <= options => 0,
        _ => return None,
    };
    let timeout = match known.arg(options + 1) {
        Some(value) => timeout(value).ok()?,
        None if count <= options + 1 => None,
        None => return None,
    };
    let program = cached(known.text(1)?, flags).ok()?;
    Some(ready(&Pattern { program, timeout }))
}

/// The pattern with its table made.
fn ready(p: &Pattern) -> Pattern {
    if p.timeout.is_none() {
        p.program.make_automaton();
    }
    p.clone()
}

/// The pattern of a constant receiver.
fn receiver(known: &Known<'_>) -> Option<Pattern> {
    known.arg(0)?.as_object::<RegexObject>().map(|r| ready(&r.0))
}

fn input<'a>(args: &[&'a Value]) -> Result<&'a Str> {
    text(args.first().copied(), "input")
}

fn text<'a>(value: Option<&'a Value>, parameter: &str) -> Result<&'a Str> {
    match value {
        Some(Value::Str(s)) => Ok(s),
        Some(Value::Null) | None => Err(Exception::argument_null(parameter)),
        Some(other) => Err(Exception::invalid_cast(&other.net_type(), &Type::STRING)),
    }
}

fn operate(p: Pattern, operation: Operation) -> Ready {
    Ready::new(move |cx, args| {
        let text = input(args)?;
        operation(cx, &p, text, p.origin(text))
    })
}

/// `Regex.IsMatch(input, "pattern")` and its like.
pub(super) fn prepare_static(known: &Known<'_>, operation: Operation) -> Option<Ready> {
    if known.arg(0).is_some() {
        return None;
    }
    Some(operate(pattern(known, 2)?, operation))
}

/// `new Regex("pattern").IsMatch(input)` and its like.
pub(super) fn prepare_instance(known: &Known<'_>, operation: Operation) -> Option<Ready> {
    if known.arg(1).is_some() {
        return None;
    }
    Some(operate(receiver(known)?, operation))
}

/// `Regex.Replace(input, "pattern", replacement)`.
pub(super) fn prepare_replace(known: &Known<'_>) -> Option<Ready> {
    if known.arg(0).is_some() {
        return None;
    }
    replace(known, pattern(known, 3)?)
}

/// `new Regex("pattern").Replace(input, replacement)`.
pub(super) fn prepare_replace_instance(known: &Known<'_>) -> Option<Ready> {
    if known.arg(1).is_some() {
        return None;
    }
    replace(known, receiver(known)?)
}

/// Argument 2 is the replacement.
fn replace(known: &Known<'_>, p: Pattern) -> Option<Ready> {
    match known.arg(2) {
        Some(Value::Str(replacement)) => {
            let replacement = Arc::new(Replacement::read(replacement, &p));
            Some(Ready::new(move |cx, args| replacement.replace(cx, &p, input(args)?)))
        }
        Some(_) => None,
        None => Some(Ready::new(move |cx, args| {
            let (input, replacement) = (input(args)?, text(args.get(1).copied(), "replacement")?);
            regex_replace::with_text(cx, &p, input, replacement, (-1, p.origin(input)))
        })),
    }
}

/// `Regex.Replace(input, "pattern", evaluator)`.
pub(super) fn prepare_evaluate(known: &Known<'_>) -> Option<Ready> {
    if known.arg(0).is_some() || known.arg(2).is_some() {
        return None;
    }
    let p = pattern(known, 3)?;
    Some(Ready::new(move |cx, args| {
        let input = input(args)?;
        let evaluator = args.get(1).copied().unwrap_or(&Value::Null);
        regex_replace::with_evaluator(cx, &p, input, evaluator, (-1, p.origin(input)))
    }))
}
