//! Collections that only grow, as `OidCollection` and `X509ExtensionCollection` are.
use std::any::Any;
use std::sync::Arc;

use parking_lot::{RwLock, RwLockReadGuard};

use crate::collections::enumerator::Items;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::types::{Type, TypeId};
use crate::value::{Enumerator, Object, Value};

/// Such a collection; what expressions add is its own.
pub(super) struct Collection {
    type_id: TypeId,
    items: RwLock<Vec<Value>>,
}

impl Object for Collection {
    fn net_type(&self) -> Type {
        Type::Simple(self.type_id)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Items::boxed(self.items.read().clone()))
    }
    fn count(&self) -> Option<usize> {
        Some(self.items.read().len())
    }
}

/// A collection of that type.
pub(super) fn new(type_id: TypeId, items: Vec<Value>) -> Value {
    Value::object(Collection { type_id, items: RwLock::new(items) })
}

/// The items of the receiver. Do not hold them across calls.
pub(super) fn items<'a>(c: &'a Call<'_>) -> Result<RwLockReadGuard<'a, Vec<Value>>> {
    receiver(c).map(|collection| collection.items.read())
}

/// Item at a position.
pub(super) fn at(c: &Call<'_>, index: i32) -> Result<Value> {
    let items = items(c)?;
    let found = usize::try_from(index).ok().and_then(|at| items.get(at).cloned());
    found.ok_or_else(super::out_of_range)
}

/// `Count`
pub(super) fn count(c: &mut Call<'_>) -> Result<Value> {
    Ok(number(items(c)?.len()))
}

/// `Add`; gives the position.
pub(super) fn add(c: &mut Call<'_>, item: Value) -> Result<Value> {
    c.cx.charge_bytes(size_of::<Value>())?;
    let mut items = receiver(c)?.items.write();
    items.push(item);
    Ok(number(items.len().saturating_sub(1)))
}

fn receiver<'a>(c: &'a Call<'_>) -> Result<&'a Collection> {
    c.args.first().and_then(Value::as_object).ok_or_else(Exception::null_reference)
}

fn number(n: usize) -> Value {
    Value::Int32(i32::try_from(n).unwrap_or(i32::MAX))
}
