//! Members of numbers, characters and dates that few expressions need: bits of floating point numbers, OLE dates, file times.
use rust_decimal::Decimal;

use super::arg;
use super::calendar::{MAX_TICKS, TICKS_PER_DAY, TICKS_PER_MILLISECOND};
use super::char_type::numeric_value;
use crate::collections::array;
use crate::decimal;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::{TypeId, ids};
use crate::utf16;
use crate::value::{DateTime, DateTimeOffset, Value};

/// Ticks of 1601-01-01, where file times begin.
const FILE_TIME_EPOCH: i64 = 504_911_232_000_000_000;
/// Ticks of 1899-12-30, where OLE dates begin.
const OLE_EPOCH: i64 = 599_264_352_000_000_000;
/// OLE dates that are taken.
const OLE_RANGE: (f64, f64) = (-657_435.0, 2_958_466.0);
const MILLISECONDS_PER_DAY: f64 = 86_400_000.0;

/// Adds the members.
pub(crate) fn define(b: &mut Builder) {
    math(b);
    b.structure(ids::DOUBLE)
        .pure("static bool IsNormal(double d)", |c| Ok(Value::Bool(c.double(0)?.is_normal())))
        .pure("static bool IsSubnormal(double d)", |c| Ok(Value::Bool(c.double(0)?.is_subnormal())));
    b.structure(ids::SINGLE)
        .pure("static bool IsNormal(float f)", |c| Ok(Value::Bool(arg::single(c, 0)?.is_normal())))
        .pure("static bool IsSubnormal(float f)", |c| Ok(Value::Bool(arg::single(c, 0)?.is_subnormal())));
    b.structure(ids::DECIMAL)
        .pure("new(uint value)", |c| match c.arg(0) {
            Value::UInt32(v) => Ok(Value::Decimal(Decimal::from(*v))),
            _ => Err(Exception::null_reference()),
        })
        .pure("new(ulong value)", |c| match c.arg(0) {
            Value::UInt64(v) => Ok(Value::Decimal(Decimal::from(*v))),
            _ => Err(Exception::null_reference()),
        })
        .pure("new(float value)", |c| decimal::from_f32(arg::single(c, 0)?).map(Value::Decimal))
        .def("new(int[] bits)", from_bits)
        .pure("static long ToOACurrency(decimal value)", |c| {
            let scaled = decimal::multiply(arg::decimal(c, 0)?, Decimal::from(10_000))?.round();
            i64::try_from(scaled)
                .map(Value::Int64)
                .map_err(|_| Exception::overflow_message("Value was either too large or too small for a Currency."))
        });
    b.structure(ids::CHAR).pure("static double GetNumericValue(string s, int index)", |c| {
        let text = c.str_arg(0, "s")?;
        let unit = usize::try_from(c.int(1)?).ok().and_then(|at| utf16::unit(&text, at));
        let unit = unit.ok_or_else(|| {
            let message = "Index was out of range. Must be non-negative and less than the size of the collection.";
            Exception::argument_range(message, "index")
        })?;
        Ok(Value::Double(numeric_value(utf16::char_of(unit))))
    });
    b.structure(ids::DATE_TIME).pure("static DateTime FromOADate(double d)", from_ole);
    b.structure(ids::DATE_TIME_OFFSET)
        .pure("static DateTimeOffset FromFileTime(long fileTime)", |c| {
            let ticks = c.long(0)?.checked_add(FILE_TIME_EPOCH).filter(|t| (FILE_TIME_EPOCH..=MAX_TICKS).contains(t));
            let ticks = ticks.ok_or_else(|| Exception::argument_range("Not a valid Win32 FileTime.", "fileTime"))?;
            Ok(Value::DateTimeOffset(DateTimeOffset { ticks, offset_minutes: 0 }))
        })
        .pure("long ToFileTime()", |c| {
            let ticks = object::utc_ticks(arg::offset(c, 0)?) - FILE_TIME_EPOCH;
            if ticks < 0 {
                return Err(Exception::argument_range_message("Not a valid Win32 FileTime."));
            }
            Ok(Value::Int64(ticks))
        });
}

fn math(b: &mut Builder) {
    b.static_class(TypeId("System.Math"))
        .pure("static double ScaleB(double x, int n)", |c| {
            Ok(Value::Double(c.double(0)? * f64::from(c.int(1)?).exp2()))
        })
        .pure("static double FusedMultiplyAdd(double x, double y, double z)", |c| {
            Ok(Value::Double(c.double(0)?.mul_add(c.double(1)?, c.double(2)?)))
        })
        .pure("static int ILogB(double x)", |c| Ok(Value::Int32(exponent(c.double(0)?))))
        .pure("static double BitIncrement(double x)", |c| Ok(Value::Double(c.double(0)?.next_up())))
        .pure("static double BitDecrement(double x)", |c| Ok(Value::Double(c.double(0)?.next_down())))
        .pure("static double MaxMagnitude(double x, double y)", |c| magnitude(c, true))
        .pure("static double MinMagnitude(double x, double y)", |c| magnitude(c, false));
}

/// The power of two in a number.
fn exponent(x: f64) -> i32 {
    const SMALLEST: i32 = -1074;
    const BIAS: i64 = 1023;
    if x == 0.0 {
        return i32::MIN;
    }
    if !x.is_finite() {
        return i32::MAX;
    }
    let bits = (x.abs().to_bits() >> 52).cast_signed();
    if bits != 0 {
        return i32::try_from(bits - BIAS).unwrap_or(0);
    }
    let digits = u64::BITS - x.abs().to_bits().leading_zeros();
    SMALLEST + i32::try_from(digits).unwrap_or(0) - 1
}

/// The number that is farther from zero, or nearer; of two that are as far, the greater or the lesser.
fn magnitude(c: &Call<'_>, greater: bool) -> Result<Value> {
    let (x, y) = (c.double(0)?, c.double(1)?);
    if x.is_nan() || y.is_nan() {
        return Ok(Value::Double(f64::NAN));
    }
    let order = x.abs().total_cmp(&y.abs()).then(x.total_cmp(&y));
    Ok(Value::Double(if order.is_gt() == greater { x } else { y }))
}

fn from_bits(c: &mut Call<'_>) -> Result<Value> {
    const SCALE: u32 = 0x00FF_0000;
    const SIGN: u32 = 0x8000_0000;
    const MOST: u32 = 28;
    let items = array::array(c.arg(0)).ok_or_else(|| Exception::argument_null("bits"))?.to_vec();
    let bits: Vec<u32> = items.iter().map(|v| if let Value::Int32(n) = v { n.cast_unsigned() } else { 0 }).collect();
    let bad = || {
        Exception::argument_message(
            "Decimal byte array constructor requires an array of length four containing valid decimal bytes.",
        )
    };
    let [low, middle, high, flags] = bits.as_slice() else { return Err(bad()) };
    let scale = (flags & SCALE) >> 16;
    if flags & !(SCALE | SIGN) != 0 || scale > MOST {
        return Err(bad());
    }
    Ok(Value::Decimal(Decimal::from_parts(*low, *middle, *high, flags & SIGN != 0, scale)))
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
fn from_ole(c: &mut Call<'_>) -> Result<Value> {
    let d = c.double(0)?;
    if !(d > OLE_RANGE.0 && d < OLE_RANGE.1) {
        return Err(Exception::argument_message("Not a legal OleAut date."));
    }
    let mut millis = (d * MILLISECONDS_PER_DAY + if d >= 0.0 { 0.5 } else { -0.5 }) as i64;
    // Before the epoch the days count down and the time of day up.
    let day = TICKS_PER_DAY / TICKS_PER_MILLISECOND;
    if millis < 0 {
        millis -= millis % day * 2;
    }
    let ticks = millis * TICKS_PER_MILLISECOND + OLE_EPOCH;
    if !(0..=MAX_TICKS).contains(&ticks) {
        return Err(Exception::argument_message("OleAut date did not convert to a DateTime correctly."));
    }
    Ok(Value::DateTime(DateTime { ticks, kind: 0 }))
}
