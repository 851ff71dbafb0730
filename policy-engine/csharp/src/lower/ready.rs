//! Calls whose constant arguments were worked in at compile time ([`dotnet::Ready`]).
use dotnet::{Append, Exception, Give, Ready, Result, Value};

use super::calls::Args;
use super::code::{Run, run};
use super::frame::Frame;

/// Such a call: what it still has to be given.
pub(crate) struct ReadyCall {
    pub(super) ready: Ready,
    pub(super) args: Vec<Run<Value>>,
    /// The first argument is a receiver that must not be null.
    pub(super) check: bool,
}

/// Writes a text at the end of a longer one.
pub(crate) type Write = Box<dyn Fn(&mut Frame<'_>, &mut String) -> Result<()> + Send + Sync>;

impl ReadyCall {
    /// Code that gives the value.
    pub(super) fn value(self) -> Run<Value> {
        let (give, check): (Give, bool) = (self.ready.give, self.check);
        let args = match <[Run<Value>; 1]>::try_from(self.args) {
            Ok([a]) => {
                return run(move |f| {
                    let mut args = [a(f)?];
                    check_receiver(check, &args)?;
                    give(&mut *f.cx, &mut args)
                });
            }
            Err(args) => args,
        };
        if args.is_empty() {
            return run(move |f| give(&mut *f.cx, &mut []));
        }
        run(move |f| {
            let mut values = load(f, &args, check)?;
            give(&mut *f.cx, &mut values)
        })
    }

    /// Code that writes the text, if the member can.
    pub(super) fn write(self) -> Result<Write, Run<Value>> {
        let Some(append) = self.ready.append else {
            return Err(ReadyCall { ready: Ready { append: None, ..self.ready }, ..self }.value());
        };
        let (append, args, check): (Append, _, bool) = (append, self.args, self.check);
        if args.is_empty() {
            return Ok(Box::new(move |f, out| append(&mut *f.cx, &mut [], out)));
        }
        Ok(Box::new(move |f, out| {
            let mut values = load(f, &args, check)?;
            append(&mut *f.cx, &mut values, out)
        }))
    }
}

fn load(f: &mut Frame<'_>, args: &[Run<Value>], check: bool) -> Result<Args> {
    let mut values = Args::new();
    for a in args {
        values.push(a(f)?);
    }
    check_receiver(check, &values)?;
    Ok(values)
}

fn check_receiver(check: bool, args: &[Value]) -> Result<()> {
    if check && args.first().is_none_or(Value::is_null) { Err(Exception::null_reference()) } else { Ok(()) }
}
