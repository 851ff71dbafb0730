//! Delegates made of several: `f + g`, `f - g`.
use std::sync::Arc;

use dotnet::{Ambient, Callable, Exception, Result, Type, Value};

/// Most delegates in one; they are called in one go.
const MAX_TARGETS: usize = 1000;

/// Several delegates called in order; the last one gives the result.
struct Multicast {
    targets: Vec<Arc<dyn Callable>>,
    ty: Type,
}

impl Callable for Multicast {
    fn call(&self, cx: &mut dyn Ambient, args: &mut [Value]) -> Result<Value> {
        let mut result = Value::Null;
        for t in &self.targets {
            let mut own = args.to_vec();
            result = t.call(cx, &mut own)?;
        }
        Ok(result)
    }

    fn net_type(&self) -> Type {
        self.ty.clone()
    }

    fn targets(&self) -> &[Arc<dyn Callable>] {
        &self.targets
    }
}

fn targets(v: &Value) -> Vec<Arc<dyn Callable>> {
    match v {
        Value::Func(f) if f.targets().is_empty() => vec![f.clone()],
        Value::Func(f) => f.targets().to_vec(),
        _ => Vec::new(),
    }
}

fn of(list: Vec<Arc<dyn Callable>>, ty: &Type) -> Value {
    match list.as_slice() {
        [] => Value::Null,
        [one] => Value::Func(one.clone()),
        _ => Value::Func(Arc::new(Multicast { targets: list, ty: ty.clone() })),
    }
}

/// `Delegate.Combine`
pub(super) fn combine(cx: &mut dyn Ambient, a: &Value, b: &Value, ty: &Type) -> Result<Value> {
    let mut list = targets(a);
    list.extend(targets(b));
    if list.len() > MAX_TARGETS {
        return Err(Exception::limit(format!("more than {MAX_TARGETS} delegates are combined")));
    }
    cx.charge_steps(u64::try_from(list.len()).unwrap_or(u64::MAX))?;
    Ok(of(list, ty))
}

/// `Delegate.Remove`: takes away the last occurrence.
pub(super) fn remove(a: &Value, b: &Value, ty: &Type) -> Value {
    let (mut list, gone) = (targets(a), targets(b));
    let same = |w: &[Arc<dyn Callable>]| w.iter().zip(&gone).all(|(x, y)| Arc::ptr_eq(x, y));
    if !gone.is_empty()
        && let Some(at) = list.windows(gone.len()).rposition(same)
    {
        list.drain(at..at.saturating_add(gone.len()));
    }
    of(list, ty)
}
