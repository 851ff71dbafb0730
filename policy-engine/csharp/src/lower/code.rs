//! Closures by what they give: typed where the static type is known, so that hot paths match no enums.
use dotnet::{Ambient, Exception, Result, Type, Value};

use super::convert;
use super::frame::Frame;
use super::int::Operand;
use super::ready::{Arg, TextCall};

/// A piece of code that gives a `T`.
pub(crate) type Run<T> = Box<dyn Fn(&mut Frame<'_>) -> Result<T> + Send + Sync>;

/// Code of an expression.
pub(crate) enum Code {
    Const(Value),
    /// A local in a slot.
    Slot(usize),
    Bool(Run<bool>),
    Int(Operand),
    Long(Run<i64>),
    Double(Run<f64>),
    Value(Run<Value>),
    /// A value that must be of this reference type.
    Cast(Run<Value>, Type),
    /// A call that gives a text and may also write it.
    Text(Box<TextCall>),
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
                other => other.look(move |_, v| take(v)),
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
        self.operand().run()
    }

    /// An `int` that some code gives.
    pub(super) fn int_run(f: Run<i32>) -> Code {
        Code::Int(Operand::Code(f))
    }

    /// The operand of an operation on `int`.
    pub(crate) fn operand(self) -> Operand {
        match self {
            Code::Int(operand) => operand,
            Code::Const(Value::Int32(x)) => Operand::Const(x),
            other => Operand::Code(other.look(|_, v| match v {
                Value::Int32(x) => Ok(*x),
                other => Err(wrong(other, &Type::INT)),
            })),
        }
    }

    /// The value as something to look at.
    pub(super) fn arg(self) -> Arg {
        match self {
            Code::Slot(n) => Arg::Slot(n),
            Code::Cast(f, ty) => Arg::Cast(f, ty),
            other => Arg::Run(other.value()),
        }
    }

    /// Code that only looks at the value: one in a slot is not counted for it.
    pub(super) fn look<T: 'static>(
        self,
        look: impl Fn(&mut dyn Ambient, &Value) -> Result<T> + Send + Sync + 'static,
    ) -> Run<T> {
        match self {
            Code::Const(v) => run(move |f| look(&mut *f.cx, &v)),
            other => other.arg().look(look),
        }
    }

    /// Code that gives a value.
    pub(crate) fn value(self) -> Run<Value> {
        match self {
            Code::Const(v) => run(move |_| Ok(v.clone())),
            Code::Slot(n) => run(move |f| Ok(f.slot(n).clone())),
            Code::Bool(f) => run(move |fr| f(fr).map(Value::Bool)),
            Code::Int(operand) => run(move |f| operand.get(f).map(Value::Int32)),
            Code::Long(f) => run(move |fr| f(fr).map(Value::Int64)),
            Code::Double(f) => run(move |fr| f(fr).map(Value::Double)),
            Code::Value(f) => f,
            Code::Cast(f, ty) => run(move |fr| {
                let v = f(fr)?;
                convert::check_cast(&mut *fr.cx, &v, &ty)?;
                Ok(v)
            }),
            Code::Text(call) => call.value(),
        }
    }

    /// Code whose value nobody wants.
    pub(crate) fn effect(self) -> Run<()> {
        match self {
            Code::Const(_) | Code::Slot(_) | Code::Int(Operand::Slot(_) | Operand::Const(_) | Operand::Sure(_)) => {
                run(|_| Ok(()))
            }
            Code::Bool(f) => run(move |fr| f(fr).map(drop)),
            Code::Int(f) => run(move |fr| f.get(fr).map(drop)),
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
