//! Members: what a type offers, each with its C# signature and the function behind it.
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::types::Type;
use crate::value::{Str, Value};

/// One call of a native member. For instance members and extension methods `args[0]` is the receiver; it is never `null`
/// for instance members (the executor throws first), but may be for extension methods.
pub struct Call<'a> {
    /// Time, chance, limits, host state.
    pub cx: &'a mut dyn Ambient,
    /// Type arguments: those of the receiver's type, then those of the method.
    pub types: &'a [Type],
    /// Arguments; optional ones are filled in, a `params` list arrives as one array. `ref`/`out` parameters are written back here.
    pub args: &'a mut [Value],
}

/// The function behind a member.
pub type Native = fn(&mut Call<'_>) -> Result<Value>;

/// What is known of a call before it runs.
pub struct Known<'a> {
    /// Type arguments, as in [`Call::types`].
    pub types: &'a [Type],
    /// Arguments; `None` for those that only the running call has.
    pub args: &'a [Option<Value>],
}

impl Known<'_> {
    /// Argument `n`, if it is constant.
    pub fn arg(&self, n: usize) -> Option<&Value> {
        self.args.get(n)?.as_ref()
    }

    /// Argument `n`, if it is a constant string.
    pub fn text(&self, n: usize) -> Option<&Str> {
        match self.arg(n)? {
            Value::Str(s) => Some(s),
            _ => None,
        }
    }
}

/// The function of a prepared call: looks, in order, at the arguments that were not known.
pub type Give<T> = Box<dyn Fn(&mut dyn Ambient, &[&Value]) -> Result<T> + Send + Sync>;
/// The same for a call that gives a text which is only wanted as part of a longer one: writes it there; `null` writes nothing.
pub type Append = Box<dyn Fn(&mut dyn Ambient, &[&Value], &mut String) -> Result<()> + Send + Sync>;

/// A call with its constant arguments worked in: patterns built, names resolved, formats read.
pub enum Ready {
    /// Gives any value.
    Value(Give<Value>),
    /// Gives a `bool`.
    Bool(Give<bool>),
    /// Gives an `int`.
    Int(Give<i32>),
    /// Gives a text, and may write it instead, which is cheaper.
    Text(Give<Value>, Append),
}

impl Ready {
    /// A call that gives a value.
    pub fn new(give: impl Fn(&mut dyn Ambient, &[&Value]) -> Result<Value> + Send + Sync + 'static) -> Ready {
        Ready::Value(Box::new(give))
    }

    /// A call that gives a `bool`.
    pub fn bool(give: impl Fn(&mut dyn Ambient, &[&Value]) -> Result<bool> + Send + Sync + 'static) -> Ready {
        Ready::Bool(Box::new(give))
    }

    /// A call that gives an `int`.
    pub fn int(give: impl Fn(&mut dyn Ambient, &[&Value]) -> Result<i32> + Send + Sync + 'static) -> Ready {
        Ready::Int(Box::new(give))
    }

    /// A call that gives a text or writes it.
    pub fn text(
        give: impl Fn(&mut dyn Ambient, &[&Value]) -> Result<Value> + Send + Sync + 'static,
        append: impl Fn(&mut dyn Ambient, &[&Value], &mut String) -> Result<()> + Send + Sync + 'static,
    ) -> Ready {
        Ready::Text(Box::new(give), Box::new(append))
    }
}

/// Prepares a call; `None` where nothing is gained, or where the call will throw (it shall do so when it runs).
/// Must mean the same as the member's own function.
pub type Prepare = fn(&Known<'_>) -> Option<Ready>;

/// What a member does with a sequence, for the compiler: a query that is used up where it is made can run as a loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QueryOperator {
    /// `items.Where(item => ...)`
    Where,
    /// `items.Select(item => ...)`
    Select,
    /// `items.Any()`, `items.Any(item => ...)`
    Any,
    /// `items.All(item => ...)`
    All,
    /// `items.Count()`, `items.Count(item => ...)`
    Count,
    /// `items.First()`, `items.First(item => ...)`
    First,
    /// `items.FirstOrDefault()`, `items.FirstOrDefault(item => ...)`
    FirstOrDefault,
    /// `items.ToArray()`
    ToArray,
    /// `items.ToList()`
    ToList,
    /// `string.Join(separator, items)`
    Join,
}

/// How an argument is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// By value.
    In,
    /// `out`
    Out,
    /// `ref`
    Ref,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Name, as named arguments use it.
    pub name: Str,
    /// Type; may hold [`Type::Param`].
    pub ty: Type,
    /// How it is passed.
    pub mode: Mode,
    /// `params T[]`
    pub is_params: bool,
    /// Default value of an optional parameter.
    pub default: Option<Value>,
}

/// What kind of member it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberKind {
    /// `T Name(...)`
    Method,
    /// `static T Name(this X x, ...)`: found on the receiver's type as well.
    Extension,
    /// `T Name { get; set; }`, fields too.
    Property,
    /// `T this[...]`
    Indexer,
    /// `new T(...)`
    Constructor,
    /// `operator +`; the name is the operator's text
    Operator,
    /// `implicit operator T(X)`
    Implicit,
    /// `explicit operator T(X)`
    Explicit,
}

/// A member of a type.
#[derive(Clone, Debug)]
pub struct Member {
    /// What it is.
    pub kind: MemberKind,
    /// Name; `.ctor` for constructors, `this[]` for indexers, the operator's text for operators.
    pub name: Str,
    /// Called on the type?
    pub is_static: bool,
    /// Names of its own type parameters.
    pub type_params: Vec<Str>,
    /// Parameters, without the receiver of instance members; with it (first) for extension methods.
    pub params: Vec<Parameter>,
    /// Result type.
    pub ret: Type,
    /// Function; the getter of properties and indexers. `None` if it can only be written.
    pub native: Option<Native>,
    /// Setter of properties and indexers: the value is the last argument.
    pub setter: Option<Native>,
    /// Same arguments, same answer, no effect: constant arguments may be folded.
    pub is_pure: bool,
    /// What can be done before the call, when some arguments are constant.
    pub prepare: Option<Prepare>,
    /// Its part in a query. It must mean what the language's own loop over the items would.
    pub query: Option<QueryOperator>,
    /// What its type argument may be; empty for any type.
    pub only: Vec<Type>,
    /// The signature as written in the table, for listings.
    pub text: &'static str,
}

impl Call<'_> {
    /// Argument `n`; `null` if there is none.
    pub fn arg(&self, n: usize) -> &Value {
        self.args.get(n).unwrap_or(&Value::Null)
    }

    /// Takes argument `n` out of the list.
    pub fn take(&mut self, n: usize) -> Value {
        self.args.get_mut(n).map(std::mem::take).unwrap_or_default()
    }

    /// Writes an `out` or `ref` argument.
    pub fn set(&mut self, n: usize, value: Value) {
        if let Some(slot) = self.args.get_mut(n) {
            *slot = value;
        }
    }

    /// Type argument `n`; `object` if there is none.
    pub fn ty(&self, n: usize) -> Type {
        self.types.get(n).cloned().unwrap_or(Type::OBJECT)
    }

    /// A string that must not be null; `ArgumentNullException` for `parameter` otherwise.
    pub fn str_arg(&self, n: usize, parameter: &str) -> Result<Str> {
        match self.arg(n) {
            Value::Str(s) => Ok(s.clone()),
            Value::Null => Err(Exception::argument_null(parameter)),
            other => Err(Exception::invalid_cast(&other.net_type(), &Type::STRING)),
        }
    }

    /// A string that may be null.
    pub fn str_or_null(&self, n: usize) -> Option<Str> {
        match self.arg(n) {
            Value::Str(s) => Some(s.clone()),
            _ => None,
        }
    }

    /// An `int` argument.
    pub fn int(&self, n: usize) -> Result<i32> {
        match self.arg(n) {
            Value::Int32(v) | Value::Enum(_, v) => Ok(*v),
            other => Err(Exception::invalid_cast(&other.net_type(), &Type::INT)),
        }
    }

    /// A `long` argument.
    pub fn long(&self, n: usize) -> Result<i64> {
        match self.arg(n) {
            Value::Int64(v) | Value::TimeSpan(v) => Ok(*v),
            Value::Int32(v) => Ok(i64::from(*v)),
            other => Err(Exception::invalid_cast(&other.net_type(), &Type::LONG)),
        }
    }

    /// A `double` argument.
    pub fn double(&self, n: usize) -> Result<f64> {
        match self.arg(n) {
            Value::Double(v) => Ok(*v),
            other => Err(Exception::invalid_cast(&other.net_type(), &Type::DOUBLE)),
        }
    }

    /// A `bool` argument.
    pub fn bool(&self, n: usize) -> Result<bool> {
        match self.arg(n) {
            Value::Bool(v) => Ok(*v),
            other => Err(Exception::invalid_cast(&other.net_type(), &Type::BOOL)),
        }
    }

    /// Calls a delegate argument; `ArgumentNullException` for `parameter` if it is null.
    pub fn invoke(&mut self, delegate: &Value, args: &mut [Value]) -> Result<Value> {
        match delegate {
            Value::Func(f) => f.call(self.cx, args),
            _ => Err(Exception::null_reference()),
        }
    }
}
