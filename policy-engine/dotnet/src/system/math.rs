//! `System.Math` and the `MidpointRounding` of doubles.
use rust_decimal::Decimal;

use super::arg;
use super::floats;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::TypeId;
use crate::value::Value;

const MATH: TypeId = TypeId("System.Math");
const ABS_MIN: &str = "Negating the minimum value of a twos complement number is invalid.";
const MAX_ROUND_DIGITS: i32 = 15;
/// Doubles from here on have no fraction.
const ROUND_LIMIT: f64 = 1e16;

macro_rules! extremes {
    ($b:ident, $($name:literal $variant:ident),*) => {
        $($b.static_class(MATH)
            .pure(concat!("static ", $name, " Max(", $name, " val1, ", $name, " val2)"), |c| pick(c, true))
            .pure(concat!("static ", $name, " Min(", $name, " val1, ", $name, " val2)"), |c| pick(c, false))
            .pure(concat!("static ", $name, " Clamp(", $name, " value, ", $name, " min, ", $name, " max)"), clamp);)*
    };
}

macro_rules! signed {
    ($b:ident, $($name:literal $variant:ident),*) => {
        $($b.static_class(MATH)
            .pure(concat!("static ", $name, " Abs(", $name, " value)"), |c| match c.arg(0) {
                Value::$variant(v) => v.checked_abs().map(Value::$variant).ok_or_else(|| Exception::overflow_message(ABS_MIN)),
                _ => Err(Exception::null_reference()),
            })
            .pure(concat!("static int Sign(", $name, " value)"), |c| match c.arg(0) {
                Value::$variant(v) => Ok(Value::Int32(i32::from(v.signum()))),
                _ => Err(Exception::null_reference()),
            });)*
    };
}

macro_rules! functions {
    ($b:ident, $($name:literal = $f:expr),* $(,)?) => {
        $($b.static_class(MATH).pure(concat!("static double ", $name, "(double value)"), |c| {
            let f: fn(f64) -> f64 = $f;
            Ok(Value::Double(f(c.double(0)?)))
        });)*
    };
}

/// Adds the class.
pub(crate) fn define(b: &mut Builder) {
    extremes!(b, "sbyte" SByte, "byte" Byte, "short" Int16, "ushort" UInt16, "int" Int32, "uint" UInt32, "long" Int64, "ulong" UInt64, "float" Single, "double" Double, "decimal" Decimal);
    signed!(b, "sbyte" SByte, "short" Int16, "int" Int32);
    functions!(
        b,
        "Sqrt" = f64::sqrt,
        "Cbrt" = f64::cbrt,
        "Exp" = f64::exp,
        "Log" = f64::ln,
        "Log10" = f64::log10,
        "Log2" = f64::log2,
        "Sin" = f64::sin,
        "Cos" = f64::cos,
        "Tan" = f64::tan,
        "Asin" = f64::asin,
        "Acos" = f64::acos,
        "Atan" = f64::atan,
        "Sinh" = f64::sinh,
        "Cosh" = f64::cosh,
        "Tanh" = f64::tanh,
        "Asinh" = f64::asinh,
        "Acosh" = f64::acosh,
        "Atanh" = f64::atanh,
        "Floor" = f64::floor,
        "Ceiling" = f64::ceil,
        "Truncate" = f64::trunc,
        "Abs" = f64::abs,
        "Round" = f64::round_ties_even,
    );
    b.static_class(MATH)
        .pure("static double PI", |_| Ok(Value::Double(std::f64::consts::PI)))
        .pure("static double E", |_| Ok(Value::Double(std::f64::consts::E)))
        .pure("static long Abs(long value)", |c| {
            c.long(0)?.checked_abs().map(Value::Int64).ok_or_else(|| Exception::overflow_message(ABS_MIN))
        })
        .pure("static float Abs(float value)", |c| Ok(Value::Single(arg::single(c, 0)?.abs())))
        .pure("static decimal Abs(decimal value)", |c| Ok(Value::Decimal(arg::decimal(c, 0)?.abs())))
        .pure("static int Sign(long value)", |c| Ok(Value::Int32(c.long(0)?.cmp(&0) as i32)))
        .pure("static int Sign(float value)", |c| sign(f64::from(arg::single(c, 0)?)))
        .pure("static int Sign(double value)", |c| sign(c.double(0)?))
        .pure("static int Sign(decimal value)", |c| Ok(Value::Int32(arg::decimal(c, 0)?.cmp(&Decimal::ZERO) as i32)))
        .pure("static decimal Floor(decimal d)", |c| Ok(Value::Decimal(arg::decimal(c, 0)?.floor())))
        .pure("static decimal Ceiling(decimal d)", |c| Ok(Value::Decimal(arg::decimal(c, 0)?.ceil())))
        .pure("static decimal Truncate(decimal d)", |c| Ok(Value::Decimal(arg::decimal(c, 0)?.trunc())))
        .pure("static double Pow(double x, double y)", |c| Ok(Value::Double(c.double(0)?.powf(c.double(1)?))))
        .pure("static double Atan2(double y, double x)", |c| Ok(Value::Double(c.double(0)?.atan2(c.double(1)?))))
        .pure("static double Log(double a, double newBase)", log)
        .pure("static double IEEERemainder(double x, double y)", |c| {
            let (x, y) = (c.double(0)?, c.double(1)?);
            Ok(Value::Double(x - y * (x / y).round_ties_even()))
        })
        .pure("static double CopySign(double x, double y)", |c| Ok(Value::Double(c.double(0)?.copysign(c.double(1)?))))
        .pure("static long BigMul(int a, int b)", |c| Ok(Value::Int64(i64::from(c.int(0)?) * i64::from(c.int(1)?))))
        .def("static int DivRem(int a, int b, out int result)", |c| {
            let (a, b) = (c.int(0)?, c.int(1)?);
            if b == 0 {
                return Err(Exception::divide_by_zero());
            }
            c.set(2, Value::Int32(a.checked_rem(b).ok_or_else(Exception::overflow)?));
            a.checked_div(b).map(Value::Int32).ok_or_else(Exception::overflow)
        })
        .def("static long DivRem(long a, long b, out long result)", |c| {
            let (a, b) = (c.long(0)?, c.long(1)?);
            if b == 0 {
                return Err(Exception::divide_by_zero());
            }
            c.set(2, Value::Int64(a.checked_rem(b).ok_or_else(Exception::overflow)?));
            a.checked_div(b).map(Value::Int64).ok_or_else(Exception::overflow)
        })
        .pure("static double Round(double value, int digits)", |c| round(c, Some(1), None))
        .pure("static double Round(double value, MidpointRounding mode)", |c| round(c, None, Some(1)))
        .pure("static double Round(double value, int digits, MidpointRounding mode)", |c| round(c, Some(1), Some(2)))
        .pure("static decimal Round(decimal d)", |c| floats::round(c, None, None))
        .pure("static decimal Round(decimal d, int decimals)", |c| floats::round(c, Some(1), None))
        .pure("static decimal Round(decimal d, MidpointRounding mode)", |c| floats::round(c, None, Some(1)))
        .pure("static decimal Round(decimal d, int decimals, MidpointRounding mode)", |c| {
            floats::round(c, Some(1), Some(2))
        });
}

fn is_nan(v: &Value) -> bool {
    matches!(v, Value::Double(d) if d.is_nan()) || matches!(v, Value::Single(s) if s.is_nan())
}

/// The larger or the smaller; NaN wins; positive zero is larger than negative zero.
fn pick(c: &mut Call<'_>, larger: bool) -> Result<Value> {
    let (a, b) = (c.take(0), c.take(1));
    if is_nan(&a) {
        return Ok(a);
    }
    if is_nan(&b) {
        return Ok(b);
    }
    let order = object::compare(&a, &b)?;
    let zero_order = match (&a, &b) {
        (Value::Double(x), Value::Double(y)) => y.is_sign_negative().cmp(&x.is_sign_negative()),
        (Value::Single(x), Value::Single(y)) => y.is_sign_negative().cmp(&x.is_sign_negative()),
        _ => std::cmp::Ordering::Greater,
    };
    let first_is_larger = order.then(zero_order).is_gt();
    Ok(if first_is_larger == larger { a } else { b })
}

fn clamp(c: &mut Call<'_>) -> Result<Value> {
    let (v, min, max) = (c.take(0), c.take(1), c.take(2));
    if object::compare(&min, &max)?.is_gt() {
        let (min, max) = (object::text(c.cx, &min)?, object::text(c.cx, &max)?);
        return Err(Exception::argument_message(format!("'{min}' cannot be greater than {max}.")));
    }
    Ok(if is_nan(&v) {
        v
    } else if object::compare(&v, &min)?.is_lt() {
        min
    } else if object::compare(&v, &max)?.is_gt() {
        max
    } else {
        v
    })
}

fn sign(v: f64) -> Result<Value> {
    match v.partial_cmp(&0.0) {
        Some(order) => Ok(Value::Int32(order as i32)),
        None => Err(Exception::new(
            TypeId("System.ArithmeticException"),
            "Function does not accept floating point Not-a-Number values.",
        )),
    }
}

fn log(c: &mut Call<'_>) -> Result<Value> {
    let (a, base) = (c.double(0)?, c.double(1)?);
    if a.is_nan() || base.is_nan() {
        return Ok(Value::Double(f64::NAN));
    }
    if base == 1.0 || (a != 1.0 && (base == 0.0 || base == f64::INFINITY)) {
        return Ok(Value::Double(f64::NAN));
    }
    Ok(Value::Double(a.ln() / base.ln()))
}

fn round(c: &Call<'_>, digits: Option<usize>, mode: Option<usize>) -> Result<Value> {
    let v = c.double(0)?;
    let digits = digits.map_or(Ok(0), |n| c.int(n))?;
    if !(0..=MAX_ROUND_DIGITS).contains(&digits) {
        return Err(Exception::argument_range("Rounding digits must be between 0 and 15, inclusive.", "digits"));
    }
    let mode = mode.map_or(0, |n| arg::number_or(c, n, 0));
    if !(0..=4).contains(&mode) {
        return Err(floats::undefined_rounding(mode));
    }
    if v.abs() >= ROUND_LIMIT || !v.is_finite() {
        return Ok(Value::Double(v));
    }
    let power = 10_f64.powi(digits);
    let scaled = v * power;
    let rounded = match mode {
        0 => scaled.round_ties_even(),
        1 => scaled.round(),
        2 => scaled.trunc(),
        3 => scaled.floor(),
        _ => scaled.ceil(),
    };
    Ok(Value::Double(rounded / power))
}
