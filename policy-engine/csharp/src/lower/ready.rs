//! Calls whose constant arguments were worked in at compile time ([`dotnet::Ready`]).
use dotnet::{Give, Ready, Result, Value};

use super::calls::{Args, check_receiver};
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
        given(self.ready.give, self.args, self.check)
    }

    /// Code that writes the text, if the member can.
    pub(super) fn write(self) -> Result<Write, Run<Value>> {
        let ReadyCall { ready: Ready { give, append }, args, check } = self;
        let Some(append) = append else { return Err(given(give, args, check)) };
        if args.is_empty() {
            return Ok(Box::new(move |f, out| append(&mut *f.cx, &mut [], out)));
        }
        Ok(Box::new(move |f, out| {
            let mut values = load(f, &args, check)?;
            append(&mut *f.cx, &mut values, out)
        }))
    }
}

fn given(give: Give, args: Vec<Run<Value>>, check: bool) -> Run<Value> {
    let args = match <[Run<Value>; 1]>::try_from(args) {
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

fn load(f: &mut Frame<'_>, args: &[Run<Value>], check: bool) -> Result<Args> {
    let mut values = Args::new();
    for a in args {
        values.push(a(f)?);
    }
    check_receiver(check, &values)?;
    Ok(values)
}
