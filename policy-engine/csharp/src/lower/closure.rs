//! Calls of functions of the program: closures as delegates, local functions, the root.
use std::sync::Arc;

use dotnet::collections::graveyard;
use dotnet::{Ambient, Callable, Result, Type, Value};
use parking_lot::Mutex;

use super::frame::{BodyCode, Cell, Flow, Frame, FunctionCode, Image, Locals, Registry};
use super::iterator::Generator;

/// Native stack to keep free for one call, and how much to add when it runs out. Depth itself is bounded by [`Ambient::enter`].
const RED_ZONE: usize = 160 * 1024;
const STACK_STEP: usize = 1024 * 1024;

/// A lambda or method group with what it captured.
pub(super) struct Closure {
    pub(super) image: Arc<Image>,
    pub(super) function: usize,
    pub(super) cells: Box<[Cell]>,
    pub(super) registry: Option<Arc<Registry>>,
    pub(super) ty: Type,
}

/// Closures that hold closures are many levels deep after a loop: what they captured ends by way of the graveyard.
impl Drop for Closure {
    fn drop(&mut self) {
        let cells = std::mem::take(&mut self.cells).into_iter();
        let last: Vec<Value> = cells.filter_map(|c| Arc::try_unwrap(c).ok()).map(Mutex::into_inner).collect();
        if !last.is_empty() {
            graveyard::bury(last);
        }
    }
}

impl Callable for Closure {
    fn call(&self, cx: &mut dyn Ambient, args: &mut [Value]) -> Result<Value> {
        invoke(cx, &self.image, self.registry.as_ref(), self.function, &self.cells, args)
    }

    fn net_type(&self) -> Type {
        self.ty.clone()
    }

    fn keeps_args(&self) -> bool {
        self.image.functions.get(self.function).is_some_and(|code| code.keeps_args)
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
    if code.is_leaf {
        return activate(cx, image, registry, code, outer, args);
    }
    cx.enter()?;
    let result = with_room(|| activate(cx, image, registry, code, outer, args));
    cx.leave();
    result
}

/// Runs the root.
pub(crate) fn start(cx: &mut dyn Ambient, image: &Arc<Image>, registry: Option<&Arc<Registry>>) -> Result<Value> {
    let Some(root) = image.functions.first() else { return Ok(Value::Null) };
    if root.is_leaf {
        return with_room(|| activate(cx, image, registry, root, &[], &mut []));
    }
    cx.enter()?;
    let result = with_room(|| activate(cx, image, registry, root, &[], &mut []));
    cx.leave();
    result
}

/// Does some work with native stack to spare.
#[inline]
pub(super) fn with_room<T>(work: impl FnOnce() -> T) -> T {
    let has_room = stacker::remaining_stack().is_some_and(|left| left >= RED_ZONE);
    if has_room { work() } else { stacker::grow(STACK_STEP, work) }
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
    if code.is_compact {
        return body(&mut Frame::compact(cx, image, registry, outer, args), &code.body);
    }
    let mut locals = Locals::of(code, registry);
    let mut frame = Frame::new(cx, image, registry, outer, &mut locals);
    for (place, arg) in code.params.iter().zip(args.iter_mut()) {
        frame.set(*place, std::mem::take(arg));
    }
    if code.by_ref.is_empty() {
        return body(&mut frame, &code.body);
    }
    let result = body(&mut frame, &code.body);
    for n in &code.by_ref {
        if let (Some(place), Some(arg)) = (code.params.get(*n), args.get_mut(*n)) {
            *arg = frame.get(*place);
        }
    }
    result
}

fn body(frame: &mut Frame<'_>, code: &BodyCode) -> Result<Value> {
    match code {
        BodyCode::Value(run) => run(frame),
        BodyCode::Effect(run) => run(frame).map(|()| Value::Null),
        BodyCode::Block(run) => run(frame).map(|flow| match flow {
            Flow::RETURN => std::mem::take(&mut frame.ret),
            _ => Value::Null,
        }),
        // Calls of iterators give the sequence; see `generator`.
        BodyCode::Iterator { .. } => Ok(Value::Null),
    }
}
