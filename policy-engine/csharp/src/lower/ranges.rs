//! Elements, characters, indices from the end, slices. An `Index` is held as a number whose complement counts from the end, as .NET does.
use dotnet::{Exception, Result, Type, Value, collections, ids, utf16};

use super::Lower;
use super::code::{Code, run};
use super::frame::Frame;
use super::int::Operand;
use crate::binder::tree::Expr;
use crate::numeric;

impl<'a> Lower<'_, 'a> {
    pub(super) fn element(&mut self, array: &Expr<'a>, index: &Expr<'a>) -> Code {
        let a = self.expr(array);
        if index.ty == Type::INT {
            let i = self.expr(index).operand();
            // An index that is at hand cannot change the array that is looked at.
            if let (Code::Slot(n), Operand::Slot(_) | Operand::Const(_) | Operand::Sure(_)) = (&a, &i) {
                let n = *n;
                return Code::Value(run(move |f| {
                    let at = i.get(f)?;
                    collections::array::get(f.slot(n), i64::from(at))
                }));
            }
            let a = a.value();
            return Code::Value(run(move |f| {
                let array = a(f)?;
                let at = i.get(f)?;
                collections::array::get(&array, i64::from(at))
            }));
        }
        let a = a.value();
        let i = self.expr(index).value();
        Code::Value(run(move |f| {
            let array = a(f)?;
            let at = position(&array, &i(f)?)?;
            collections::array::get(&array, at)
        }))
    }

    pub(super) fn char_at(&mut self, text: &Expr<'a>, index: &Expr<'a>) -> Code {
        let (t, is_index) = (self.expr(text).value(), index.ty == Type::Simple(ids::INDEX));
        let i = self.expr(index);
        if index.ty == Type::INT {
            let i = i.operand();
            return Code::Value(run(move |f| {
                let text = t(f)?;
                let at = i.get(f)?;
                char_of(f, &text, i64::from(at))
            }));
        }
        let i = i.value();
        Code::Value(run(move |f| {
            let text = t(f)?;
            let at = match i(f)? {
                Value::Int64(n) if is_index && n < 0 => {
                    let length = f.text_length(&text)?;
                    i64::try_from(length).unwrap_or(0).saturating_sub(!n)
                }
                other => numeric::integer(&other).and_then(|n| i64::try_from(n).ok()).unwrap_or(-1),
            };
            char_of(f, &text, at)
        }))
    }

    pub(super) fn index(&mut self, value: &Expr<'a>, from_end: bool) -> Code {
        let f = self.expr(value).int();
        Code::Long(run(move |fr| {
            let n = f(fr)?;
            if n < 0 {
                return Err(Exception::argument_range("Non-negative number required.", "value"));
            }
            Ok(if from_end { !i64::from(n) } else { i64::from(n) })
        }))
    }

    /// Both ends packed: each fits 32 bits with its sign.
    pub(super) fn range(&mut self, start: Option<&Expr<'a>>, end: Option<&Expr<'a>>) -> Code {
        let start = start.map(|e| self.expr(e).long());
        let end = end.map(|e| self.expr(e).long());
        Code::Long(run(move |f| {
            let a = match &start {
                Some(s) => s(f)?,
                None => 0,
            };
            let b = match &end {
                Some(e) => e(f)?,
                None => -1,
            };
            Ok((a << 32) | (b & 0xffff_ffff))
        }))
    }

    pub(super) fn slice(&mut self, target: &Expr<'a>, range: &Expr<'a>) -> Code {
        let (t, r) = (self.expr(target).value(), self.expr(range).long());
        Code::Value(run(move |f| {
            let target = t(f)?;
            let packed = r(f)?;
            if let Value::Str(text) = &target {
                let (from, to) = bounds(packed, utf16::len(text))?;
                let part =
                    utf16::slice(text, from, to.saturating_sub(from)).ok_or_else(Exception::index_out_of_range)?;
                f.cx.charge_bytes(part.len())?;
                return Ok(Value::str(&*part));
            }
            let array = collections::array::expect_array(&target)?;
            let (from, to) = bounds(packed, array.len())?;
            f.cx.charge_bytes(to.saturating_sub(from).saturating_mul(size_of::<Value>()))?;
            let items = (from..to).map(|n| array.at(n)).collect();
            Ok(collections::new_array(array.item().clone(), items))
        }))
    }
}

/// Start and end of a packed range within a length.
fn bounds(packed: i64, len: usize) -> Result<(usize, usize)> {
    let end = i64::from(i32::try_from(packed & 0xffff_ffff).unwrap_or_else(|_| low_half(packed)));
    let resolve = |n: i64| {
        let len = i64::try_from(len).unwrap_or(i64::MAX);
        let at = if n < 0 { len.saturating_sub(!n) } else { n };
        usize::try_from(at).ok()
    };
    match (resolve(packed >> 32), resolve(end)) {
        (Some(a), Some(b)) if a <= b && b <= len => Ok((a, b)),
        _ => Err(Exception::argument_range("Specified argument was out of the range of valid values.", "length")),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half holds a signed number")]
fn low_half(packed: i64) -> i32 {
    packed as i32
}

/// Position in an array: an integer of any type, or an index from the end.
pub(super) fn position(array: &Value, index: &Value) -> Result<i64> {
    match index {
        Value::Int32(n) => Ok(i64::from(*n)),
        // Only an `Index` counts from the end; a negative `long` fails either way.
        Value::Int64(n) if *n < 0 => {
            let len = i64::try_from(collections::array::len(array)?).unwrap_or(i64::MAX);
            Ok(len.saturating_sub(!*n))
        }
        other => Ok(numeric::integer(other).and_then(|n| i64::try_from(n).ok()).unwrap_or(-1)),
    }
}

/// `text[at]`
fn char_of(f: &mut Frame<'_>, text: &Value, at: i64) -> Result<Value> {
    let Value::Str(text) = text else { return Err(Exception::null_reference()) };
    let unit = match usize::try_from(at) {
        Ok(at) => f.text_unit(text, at)?,
        Err(_) => None,
    };
    unit.map(Value::Char).ok_or_else(Exception::index_out_of_range)
}
