//! Annotations: objects that an expression pins to a node of an XML or JSON tree. They are no part of its text, nor of copies.
use std::sync::Arc;

use parking_lot::Mutex;

use super::{array, cast, graveyard};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::types::Type;
use crate::value::Value;

/// What an annotation takes, about.
const NOTE_BYTES: usize = 48;

/// The annotations of one node, in the order they came.
#[derive(Default)]
pub(crate) struct Notes(Mutex<Vec<Value>>);

impl Drop for Notes {
    fn drop(&mut self) {
        graveyard::bury(std::mem::take(self.0.get_mut()));
    }
}

/// The annotations of the receiver; they are only made if asked for.
pub(crate) type NotesOf = fn(&Call<'_>, bool) -> Result<Option<Arc<Notes>>>;

/// The type that is looked for: the argument, or the type argument.
fn wanted(c: &Call<'_>) -> Result<Type> {
    if c.args.len() > 1 {
        return object::as_type(c.arg(1)).ok_or_else(|| Exception::argument_null("type"));
    }
    Ok(c.types.last().cloned().unwrap_or(Type::OBJECT))
}

fn matching(c: &mut Call<'_>, of: NotesOf) -> Result<(Type, Vec<Value>)> {
    let ty = wanted(c)?;
    let all = of(c, false)?.map(|notes| notes.0.lock().clone()).unwrap_or_default();
    c.cx.charge_steps(u64::try_from(all.len()).unwrap_or(u64::MAX))?;
    let fitting = all.into_iter().filter(|note| cast::is_instance(c.cx.types(), note, &ty)).collect();
    Ok((ty, fitting))
}

/// `AddAnnotation(annotation)`
pub(crate) fn add(c: &mut Call<'_>, of: NotesOf) -> Result<Value> {
    let note = c.take(1);
    if note.is_null() {
        return Err(Exception::argument_null("annotation"));
    }
    c.cx.charge_bytes(NOTE_BYTES)?;
    if let Some(notes) = of(c, true)? {
        notes.0.lock().push(note);
    }
    Ok(Value::Null)
}

/// `Annotation<T>()`, `Annotation(type)`: the first that fits.
pub(crate) fn first(c: &mut Call<'_>, of: NotesOf) -> Result<Value> {
    Ok(matching(c, of)?.1.into_iter().next().unwrap_or_default())
}

/// `Annotations<T>()`, `Annotations(type)`
pub(crate) fn all(c: &mut Call<'_>, of: NotesOf) -> Result<Value> {
    let (ty, fitting) = matching(c, of)?;
    c.cx.charge_bytes(fitting.len().saturating_mul(size_of::<Value>()))?;
    Ok(array::new_array(if c.args.len() > 1 { Type::OBJECT } else { ty }, fitting))
}

/// `RemoveAnnotations<T>()`, `RemoveAnnotations(type)`
pub(crate) fn remove(c: &mut Call<'_>, of: NotesOf) -> Result<Value> {
    let ty = wanted(c)?;
    let Some(notes) = of(c, false)? else { return Ok(Value::Null) };
    let (gone, kept) = {
        let mut list = notes.0.lock();
        let all = std::mem::take(&mut *list);
        let (gone, kept): (Vec<Value>, Vec<Value>) =
            all.into_iter().partition(|note| cast::is_instance(c.cx.types(), note, &ty));
        *list = kept;
        (gone, list.len())
    };
    c.cx.charge_steps(u64::try_from(gone.len().saturating_add(kept)).unwrap_or(u64::MAX))?;
    graveyard::bury(gone);
    Ok(Value::Null)
}

/// Adds the members to a type of nodes.
macro_rules! annotated {
    ($type:expr, $of:expr) => {
        $type
            .def("void AddAnnotation(object annotation)", |c| $crate::collections::annotations::add(c, $of))
            .def("T Annotation<T>()", |c| $crate::collections::annotations::first(c, $of))
            .def("object Annotation(Type type)", |c| $crate::collections::annotations::first(c, $of))
            .def("IEnumerable<T> Annotations<T>()", |c| $crate::collections::annotations::all(c, $of))
            .def("IEnumerable<object> Annotations(Type type)", |c| $crate::collections::annotations::all(c, $of))
            .def("void RemoveAnnotations<T>()", |c| $crate::collections::annotations::remove(c, $of))
            .def("void RemoveAnnotations(Type type)", |c| $crate::collections::annotations::remove(c, $of))
    };
}
pub(crate) use annotated;
