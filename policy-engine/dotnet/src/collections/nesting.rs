//! Bounds on values made of values: tuples, anonymous objects, pairs.
//!
//! Their equality, hash and text walk through their parts, and a part may stand in many places, so that sixty tuples can have more parts
//! than any walk could visit. Each keeps how deep and how large it is; whoever makes one while a program runs charges for it.
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::value::Value;

/// Deepest nesting of parts. Walks through parts are recursive.
const MAX_DEPTH: u16 = 100;
/// So many parts cost nothing beside the making.
const FREE_PARTS: u32 = 16;

/// How deep and how large the walk through a value's parts is; zero for what has none.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Nesting {
    depth: u16,
    parts: u32,
}

impl Nesting {
    /// Of a value with these parts.
    pub(crate) fn over<'v>(parts: impl IntoIterator<Item = &'v Value>) -> Nesting {
        let mut all = Nesting { depth: 1, parts: 1 };
        for part in parts {
            let own = of(part);
            all.depth = all.depth.max(own.depth.saturating_add(1));
            all.parts = all.parts.saturating_add(own.parts.max(1));
        }
        all
    }
}

fn of(value: &Value) -> Nesting {
    match value {
        Value::Object(o) => o.nesting(),
        _ => Nesting::default(),
    }
}

/// Charges for a value that was just made: each walk through it is then paid for in advance, and none is too deep.
pub fn charge(cx: &mut dyn Ambient, made: Value) -> Result<Value> {
    let Nesting { depth, parts } = of(&made);
    if depth > MAX_DEPTH {
        return Err(Exception::limit(format!("a value is made of parts more than {MAX_DEPTH} levels deep")));
    }
    if parts > FREE_PARTS {
        cx.charge_steps(u64::from(parts))?;
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use crate::collections::testing::Bench;
    use crate::collections::tuple::new_tuple;
    use crate::types::Type;
    use crate::value::Value;

    #[test]
    fn nested_and_shared_parts_reach_the_bound() {
        for (width, most) in [(1, 101), (2, 64)] {
            let mut cx = Bench::default();
            let mut value = Value::Int32(1);
            let mut rounds = 0;
            let error = loop {
                rounds += 1;
                let made = new_tuple(vec![value.clone(); width], vec![Type::OBJECT; width]);
                match super::charge(&mut cx, made) {
                    Ok(made) => value = made,
                    Err(e) => break e,
                }
            };
            assert!(error.is_limit() && rounds <= most, "{rounds} rounds of width {width}");
        }
    }
}
