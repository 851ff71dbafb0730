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
    /// An `int` in a slot of its own.
    IntSlot(usize),
    Bool(Run<bool>),
    Int(Run<i32>),
    Long(Run<i64>),
    Double(Run<f64>),
    Value(Run<Value>),
    /// A call that may also write its text.
    Ready(Box<ReadyCall>),
}

/// Operand of an operation on `int`: the common ones need no call.
pub(crate) enum Operand {
    Slot(usize),
    Const(i32),
    Code(Run<i32>),
}

impl Operand {
    #[inline]
    pub(crate) fn get(&self, f: &mut Frame<'_>) -> Result<i32> {
        match self {
            Operand::Slot(n) => Ok(f.int(*n)),
            Operand::Const(n) => Ok(*n),
            Operand::Code(run) => run(f),
        }
    }
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
    typed!(long, i64, Int64, Long, Type::LONG);
    typed!(double, f64, Double, Double, Type::DOUBLE);

    /// Code that gives an `int`; the binder proved that the value is one.
    pub(crate) fn int(self) -> Run<i32> {
        match self {
            Code::Int(f) => f,
            Code::IntSlot(n) => run(move |f| Ok(f.int(n))),
            Code::Const(Value::Int32(x)) => run(move |_| Ok(x)),
            other => other.borrowed(|v| match v {
                Value::Int32(x) => Ok(*x),
                other => Err(wrong(other, &Type::INT)),
            }),
        }
    }

    /// The operand of an operation on `int`.
    pub(crate) fn operand(self) -> Operand {
        match self {
            Code::IntSlot(n) => Operand::Slot(n),
            Code::Const(Value::Int32(x)) => Operand::Const(x),
            other => Operand::Code(other.int()),
        }
    }

    /// Code that only looks at the value: one in a slot is not counted for it.
    pub(crate) fn borrowed<T: 'static>(self, look: impl Fn(&Value) -> Result<T> + Send + Sync + 'static) -> Run<T> {
        match self {
            Code::Slot(n) => run(move |f| look(f.slot(n))),
            Code::Const(v) => run(move |_| look(&v)),
            other => {
                let f = other.value();
                run(move |fr| look(&f(fr)?))
            }
        }
    }

    /// Code that gives a value.
    pub(crate) fn value(self) -> Run<Value> {
        match self {
            Code::Const(v) => run(move |_| Ok(v.clone())),
            Code::Slot(n) => run(move |f| Ok(f.slot(n).clone())),
            Code::IntSlot(n) => run(move |f| Ok(Value::Int32(f.int(n)))),
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
            Code::Const(_) | Code::Slot(_) | Code::IntSlot(_) => run(|_| Ok(())),
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
