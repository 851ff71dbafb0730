//! Calls of functions of the program: closures as delegates, local functions, the root.
use std::sync::Arc;

use dotnet::{Ambient, Callable, Result, Type, Value};

use super::frame::{BodyCode, Cell, Flow, Frame, FunctionCode, Image, Registry};
use super::iterator::Generator;

/// Native stack to keep free for one call, and how much to add when it runs out. Depth itself is bounded by [`Ambient::enter`].
pub(super) const RED_ZONE: usize = 160 * 1024;
pub(super) const STACK_STEP: usize = 1024 * 1024;

/// A lambda or method group with what it captured.
pub(super) struct Closure {
    pub(super) image: Arc<Image>,
    pub(super) function: usize,
    pub(super) cells: Box<[Cell]>,
    pub(super) registry: Option<Arc<Registry>>,
    pub(super) ty: Type,
}

impl Callable for Closure {
    fn call(&self, cx: &mut dyn Ambient, args: &mut [Value]) -> Result<Value> {
        invoke(cx, &self.image, self.registry.as_ref(), self.function, &self.cells, args)
    }

    fn net_type(&self) -> Type {
        self.ty.clone()
    }
}

/// Runs one function. `ref` and `out` parameters are written back to `args`.
pub(crate) fn invoke(
    cx: &mut dyn Ambient,
    image: &Arc<Image>,
    registry: Option<&Arc<Registry>>,
    function: usize,
    outer: &[Cell],
    args: &mut [Value],
) -> Result<Value> {
    let Some(code) = image.functions.get(function) else { return Ok(Value::Null) };
    if let BodyCode::Iterator { .. } = code.body {
        return generator(cx, image, registry, function, outer, args);
    }
    cx.enter()?;
    let result = stacker::maybe_grow(RED_ZONE, STACK_STEP, || activate(cx, image, registry, code, outer, args));
    cx.leave();
    result
}

/// A call of a function with `yield` only notes its arguments.
fn generator(
    cx: &mut dyn Ambient,
    image: &Arc<Image>,
    registry: Option<&Arc<Registry>>,
    function: usize,
    outer: &[Cell],
    args: &mut [Value],
) -> Result<Value> {
    cx.charge_steps(1)?;
    cx.charge_bytes(size_of::<Generator>())?;
    Ok(Value::object(Generator {
        image: image.clone(),
        registry: registry.cloned(),
        function,
        cells: outer.into(),
        args: args.iter_mut().map(std::mem::take).collect(),
        item: image.items.get(function).cloned().unwrap_or(Type::OBJECT),
    }))
}

fn activate(
    cx: &mut dyn Ambient,
    image: &Arc<Image>,
    registry: Option<&Arc<Registry>>,
    code: &FunctionCode,
    outer: &[Cell],
    args: &mut [Value],
) -> Result<Value> {
    let mut frame = Frame::new(cx, image, registry, outer);
    frame.open(code);
    // One step for the call itself, charged with the others when the frame ends.
    frame.tick()?;
    for (place, arg) in code.params.iter().zip(args.iter_mut()) {
        frame.set(*place, std::mem::take(arg));
    }
    let result = body(&mut frame, &code.body);
    for n in &code.by_ref {
        if let (Some(place), Some(arg)) = (code.params.get(*n), args.get_mut(*n)) {
            *arg = frame.get(*place);
        }
    }
    frame.flush()?;
    result
}

fn body(frame: &mut Frame<'_>, code: &BodyCode) -> Result<Value> {
    match code {
        BodyCode::Value(run) => run(frame),
        BodyCode::Effect(run) => run(frame).map(|()| Value::Null),
        BodyCode::Block(run) => match run(frame)? {
            Flow::Return => Ok(std::mem::take(&mut frame.ret)),
            _ => Ok(Value::Null),
        },
        // Calls of iterators give the sequence; see `generator`.
        BodyCode::Iterator { .. } => Ok(Value::Null),
    }
}
