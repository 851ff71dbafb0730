//! Closures by what they give: typed where the static type is known, so that hot paths match no enums.
use dotnet::{Exception, Result, Type, Value};

use super::frame::Frame;
use super::ready::ReadyCall;

/// A piece of code that gives a `T`.
pub(crate) type Run<T> = Box<dyn Fn(&mut Frame<'_>) -> Result<T> + Send + Sync>;

/// Code of an expression.
pub(crate) enum Code {
    Const(Value),
    /// A local in a slot.
    Slot(usize),
    Bool(Run<bool>),
    Int(Run<i32>),
    Long(Run<i64>),
    Double(Run<f64>),
    Value(Run<Value>),
    /// A call that may also write its text.
    Ready(Box<ReadyCall>),
}

/// Boxes a closure.
pub(crate) fn run<T>(f: impl Fn(&mut Frame<'_>) -> Result<T> + Send + Sync + 'static) -> Run<T> {
    Box::new(f)
}

fn wrong(v: &Value, ty: &Type) -> Exception {
    if v.is_null() { Exception::null_reference() } else { Exception::invalid_cast(&v.net_type(), ty) }
}

macro_rules! typed {
    ($name:ident, $t:ty, $variant:ident, $code:ident, $ty:expr) => {
        /// Code that gives this type; the binder proved that the value has it.
        pub(crate) fn $name(self) -> Run<$t> {
            let take = |v: &Value| match v {
                Value::$variant(x) => Ok(*x),
                other => Err(wrong(other, &$ty)),
            };
            match self {
                Code::$code(f) => f,
                Code::Const(Value::$variant(x)) => run(move |_| Ok(x)),
                Code::Slot(n) => run(move |f| take(f.slot(n))),
                other => {
                    let f = other.value();
                    run(move |fr| take(&f(fr)?))
                }
            }
        }
    };
}

impl Code {
    typed!(bool, bool, Bool, Bool, Type::BOOL);
    typed!(int, i32, Int32, Int, Type::INT);
    typed!(long, i64, Int64, Long, Type::LONG);
    typed!(double, f64, Double, Double, Type::DOUBLE);

    /// Code that gives a value.
    pub(crate) fn value(self) -> Run<Value> {
        match self {
            Code::Const(v) => run(move |_| Ok(v.clone())),
            Code::Slot(n) => run(move |f| Ok(f.slot(n).clone())),
            Code::Bool(f) => run(move |fr| f(fr).map(Value::Bool)),
            Code::Int(f) => run(move |fr| f(fr).map(Value::Int32)),
            Code::Long(f) => run(move |fr| f(fr).map(Value::Int64)),
            Code::Double(f) => run(move |fr| f(fr).map(Value::Double)),
            Code::Value(f) => f,
            Code::Ready(call) => call.value(),
        }
    }

    /// Code whose value nobody wants.
    pub(crate) fn effect(self) -> Run<()> {
        match self {
            Code::Const(_) | Code::Slot(_) => run(|_| Ok(())),
            Code::Bool(f) => run(move |fr| f(fr).map(drop)),
            Code::Int(f) => run(move |fr| f(fr).map(drop)),
            Code::Long(f) => run(move |fr| f(fr).map(drop)),
            Code::Double(f) => run(move |fr| f(fr).map(drop)),
            other => {
                let f = other.value();
                run(move |fr| f(fr).map(drop))
            }
        }
    }

    pub(crate) fn constant(&self) -> Option<&Value> {
        match self {
            Code::Const(v) => Some(v),
            _ => None,
        }
    }
}
