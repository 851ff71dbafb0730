//! Calls whose constant arguments were worked in at compile time ([`dotnet::Ready`]). They look at their other arguments where these are:
//! in a slot, or where the code that gave them left them. A result is matched in place: moving it costs more than many a look.
use dotnet::{Ambient, Append, Exception, Give, Known, Prepare, Ready, Result, Type, Value};
use smallvec::SmallVec;

use super::code::{Code, Run, run};
use super::convert;
use super::frame::Frame;
use super::text::Part;

/// A call that gives a text or writes it.
pub(crate) struct TextCall {
    give: Give<Value>,
    append: Append,
    args: Vec<Arg>,
    check: bool,
}

/// Writes a text at the end of a longer one.
pub(crate) type Write = Box<dyn Fn(&mut Frame<'_>, &mut String) -> Result<()> + Send + Sync>;

/// A value that is only looked at.
pub(super) enum Arg {
    /// A local; nothing that runs before the look may change it.
    Slot(usize),
    Run(Run<Value>),
    /// A value that must be of this reference type.
    Cast(Run<Value>, Type),
}

impl Arg {
    fn into_run(self) -> Run<Value> {
        match self {
            Arg::Slot(n) => Code::Slot(n).value(),
            Arg::Run(a) => a,
            Arg::Cast(a, ty) => Code::Cast(a, ty).value(),
        }
    }

    /// Code that looks at the value.
    pub(super) fn look<T: 'static>(
        self,
        look: impl Fn(&mut dyn Ambient, &Value) -> Result<T> + Send + Sync + 'static,
    ) -> Run<T> {
        match self {
            Arg::Slot(n) => run(move |f| {
                let (cx, slots) = f.parts();
                look(cx, slots.get(n))
            }),
            Arg::Run(a) => run(move |f| match a(f) {
                Ok(ref v) => look(&mut *f.cx, v),
                Err(e) => Err(e),
            }),
            Arg::Cast(a, ty) => run(move |f| match a(f) {
                Ok(ref v) => {
                    convert::check_cast(&mut *f.cx, v, &ty)?;
                    look(&mut *f.cx, v)
                }
                Err(e) => Err(e),
            }),
        }
    }
}

impl TextCall {
    /// Code that gives the value.
    pub(super) fn value(self) -> Run<Value> {
        given(self.give, self.args, self.check)
    }

    /// The call as a piece of a longer text.
    pub(super) fn part(self) -> Part {
        let TextCall { append, args, check, .. } = self;
        if args.is_empty() {
            return Part::Append(append);
        }
        let args = match <[Arg; 1]>::try_from(args) {
            Ok([a]) => return Part::Write(write_one(append, a, check)),
            Err(args) => args,
        };
        let args: Vec<Run<Value>> = args.into_iter().map(Arg::into_run).collect();
        Part::Write(Box::new(move |f, out| {
            let values = load(f, &args)?;
            let args = references(&values);
            check_first(check, args.first().copied())?;
            pay_for_text(&mut *f.cx, args.first().copied())?;
            append(&mut *f.cx, &args, out)
        }))
    }
}

fn write_one(append: Append, a: Arg, check: bool) -> Write {
    let write = move |cx: &mut dyn Ambient, v: &Value, out: &mut String| {
        check_first(check, Some(v))?;
        append(cx, &[v], out)
    };
    if let Arg::Slot(n) = a {
        return Box::new(move |f, out| {
            let (cx, slots) = f.parts();
            write(cx, slots.get(n), out)
        });
    }
    let a = a.into_run();
    Box::new(move |f, out| match a(f) {
        Ok(ref v) => write(&mut *f.cx, v, out),
        Err(e) => Err(e),
    })
}

/// A member that works its constant arguments in beforehand; the arguments back, if it does not.
pub(super) fn ready_call(
    prepare: Option<Prepare>,
    types: &[Type],
    check: bool,
    codes: Vec<Code>,
) -> Result<Code, Vec<Code>> {
    let Some(prepare) = prepare else { return Err(codes) };
    let known: Vec<Option<Value>> = codes.iter().map(|c| c.constant().cloned()).collect();
    let receiver = known.first().and_then(Option::as_ref);
    if check && receiver.is_some_and(Value::is_null) {
        return Err(codes);
    }
    let check = check && receiver.is_none();
    let Some(ready) = prepare(&Known { types, args: &known }) else { return Err(codes) };
    let args = args(codes.into_iter().filter(|c| c.constant().is_none()));
    Ok(match ready {
        Ready::Value(give) => Code::Value(given(give, args, check)),
        Ready::Bool(give) => Code::Bool(given(give, args, check)),
        Ready::Int(give) => Code::int_run(given(give, args, check)),
        Ready::Text(give, append) => Code::Text(Box::new(TextCall { give, append, args, check })),
    })
}

/// Arguments are evaluated in order: a local that later code might change is read in its turn.
fn args(codes: impl DoubleEndedIterator<Item = Code>) -> Vec<Arg> {
    let mut code_follows = false;
    let mut args: Vec<Arg> = Vec::new();
    for code in codes.rev() {
        let arg = match code.arg() {
            slot @ Arg::Slot(_) if code_follows => Arg::Run(slot.into_run()),
            other => other,
        };
        code_follows |= !matches!(arg, Arg::Slot(_));
        args.push(arg);
    }
    args.reverse();
    args
}

fn given<T: 'static>(give: Give<T>, args: Vec<Arg>, check: bool) -> Run<T> {
    if args.is_empty() {
        return run(move |f| give(&mut *f.cx, &[]));
    }
    let args = match <[Arg; 1]>::try_from(args) {
        Ok([a]) => {
            return a.look(move |cx, v| {
                check_first(check, Some(v))?;
                pay_for_text(cx, Some(v))?;
                give(cx, &[v])
            });
        }
        Err(args) => args,
    };
    let args = match <[Arg; 2]>::try_from(args) {
        Ok([a, b]) => return given_two(give, a, b, check),
        Err(args) => args,
    };
    let args: Vec<Run<Value>> = args.into_iter().map(Arg::into_run).collect();
    run(move |f| {
        let values = load(f, &args)?;
        let args = references(&values);
        check_first(check, args.first().copied())?;
        pay_for_text(&mut *f.cx, args.first().copied())?;
        give(&mut *f.cx, &args)
    })
}

fn given_two<T: 'static>(give: Give<T>, a: Arg, b: Arg, check: bool) -> Run<T> {
    let call = move |cx: &mut dyn Ambient, a: &Value, b: &Value| {
        check_first(check, Some(a))?;
        pay_for_text(cx, Some(a))?;
        give(cx, &[a, b])
    };
    match (a, b) {
        (Arg::Slot(a), Arg::Slot(b)) => run(move |f| {
            let (cx, slots) = f.parts();
            call(cx, slots.get(a), slots.get(b))
        }),
        (a, Arg::Slot(b)) => {
            let a = a.into_run();
            run(move |f| match a(f) {
                Ok(ref a) => {
                    let (cx, slots) = f.parts();
                    call(cx, a, slots.get(b))
                }
                Err(e) => Err(e),
            })
        }
        (a, b) => {
            let (a, b) = (a.into_run(), b.into_run());
            run(move |f| match a(f) {
                Ok(ref a) => match b(f) {
                    Ok(ref b) => call(&mut *f.cx, a, b),
                    Err(e) => Err(e),
                },
                Err(e) => Err(e),
            })
        }
    }
}

/// The receiver of a member of a reference must not be null; `wanted` is false for members that take null.
#[inline]
pub(super) fn check_first(wanted: bool, first: Option<&Value>) -> Result<()> {
    if wanted && first.is_none_or(Value::is_null) { Err(Exception::null_reference()) } else { Ok(()) }
}

/// Texts from this length on cost steps when library code is given them.
const LONG_TEXT: usize = 4096;

/// Pays for the walk of library code through a long text, so that the clock is looked at in time whatever the code does with it.
#[inline]
pub(super) fn pay_for_text(cx: &mut dyn Ambient, first: Option<&Value>) -> Result<()> {
    match first {
        Some(Value::Str(s)) => pay_for(cx, s),
        _ => Ok(()),
    }
}

/// Pays for a walk through a text, if it is long.
#[inline]
pub(super) fn pay_for(cx: &mut dyn Ambient, text: &str) -> Result<()> {
    if text.len() < LONG_TEXT {
        return Ok(());
    }
    cx.charge_steps(u64::try_from(text.len() / LONG_TEXT).unwrap_or(u64::MAX))
}

type Values = SmallVec<[Value; 4]>;

fn load(f: &mut Frame<'_>, args: &[Run<Value>]) -> Result<Values> {
    args.iter().map(|a| a(f)).collect()
}

fn references(values: &Values) -> SmallVec<[&Value; 4]> {
    values.iter().collect()
}
