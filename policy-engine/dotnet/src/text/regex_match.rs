//! What a search answers: `Match`, `Group`, `Capture` and their collections. Positions are in UTF-16 units, as .NET counts.
use std::any::Any;
use std::sync::Arc;

use super::regex::Pattern;
use super::regex_machine::Found;
use super::regex_replace;
use super::regex_units;
use crate::ambient::Ambient;
use crate::collections::array;
use crate::collections::enumerator::{Items, new_enumerator};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::value::{Enumerator, Object, Str, Value};

const MATCH: TypeId = TypeId("System.Text.RegularExpressions.Match");
const GROUP: TypeId = TypeId("System.Text.RegularExpressions.Group");
const CAPTURE: TypeId = TypeId("System.Text.RegularExpressions.Capture");
const MATCHES: TypeId = TypeId("System.Text.RegularExpressions.MatchCollection");
const GROUPS: TypeId = TypeId("System.Text.RegularExpressions.GroupCollection");
const CAPTURES: TypeId = TypeId("System.Text.RegularExpressions.CaptureCollection");

/// Matches beyond this many in one collection end the evaluation.
const MAX_MATCHES: usize = 1_000_000;

/// A match; without `found` the failed one.
pub(super) struct MatchObject {
    pattern: Option<Pattern>,
    text: Str,
    /// UTF-16 units before the text, where the search was in a part of a longer one.
    base: usize,
    found: Option<Found>,
}

/// A group or a single capture: pieces of a text.
struct Piece {
    type_id: TypeId,
    text: Str,
    base: usize,
    name: Str,
    captures: Vec<(usize, usize)>,
}

/// A fixed collection; groups can be asked by name.
struct Collection {
    type_id: TypeId,
    items: Vec<Value>,
    pattern: Option<Pattern>,
}

impl MatchObject {
    pub(super) fn new(pattern: Pattern, text: Str, found: Option<Found>) -> MatchObject {
        MatchObject { pattern: Some(pattern), text, base: 0, found }
    }

    /// The first match in a part of a text that begins after `base` units.
    pub(super) fn search_part(cx: &mut dyn Ambient, p: &Pattern, part: &Str, base: usize) -> Result<Value> {
        let found = p.find(cx, part, p.origin(part))?;
        Ok(Value::object(MatchObject { pattern: Some(p.clone()), text: part.clone(), base, found }))
    }

    pub(super) fn search(cx: &mut dyn Ambient, p: &Pattern, text: &Str, from: usize) -> Result<Value> {
        let found = p.find(cx, text, from)?;
        Ok(Value::object(MatchObject::new(p.clone(), text.clone(), found)))
    }

    fn group(&self, slot: usize) -> Value {
        let name = self.pattern.as_ref().and_then(|p| p.program.names.get(slot)).cloned();
        let captures = self.found.as_ref().and_then(|f| f.captures.get(slot)).cloned();
        group((&self.text, self.base), name.unwrap_or_else(|| "".into()), captures.unwrap_or_default())
    }
}

fn group((text, base): (&Str, usize), name: Str, captures: Vec<(usize, usize)>) -> Value {
    Value::object(Piece { type_id: GROUP, text: text.clone(), base, name, captures })
}

impl Object for MatchObject {
    fn net_type(&self) -> Type {
        Type::Simple(MATCH)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        let span = self.found.as_ref().map_or(0..0, |f| f.start..f.end);
        Ok(regex_units::part(&self.text, span).into())
    }
}

impl Object for Piece {
    fn net_type(&self) -> Type {
        Type::Simple(self.type_id)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn to_text(&self, _: &mut dyn Ambient) -> Result<Str> {
        let span = self.captures.last().map_or(0..0, |(a, b)| *a..*b);
        Ok(regex_units::part(&self.text, span).into())
    }
}

impl Object for Collection {
    fn net_type(&self) -> Type {
        Type::Simple(self.type_id)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn enumerate(&self, _: &Arc<dyn Object>) -> Option<Box<dyn Enumerator>> {
        Some(Items::boxed(self.items.clone()))
    }
    fn count(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// `Regex.Matches`: all at once; the bounds of the evaluation hold for the search.
pub(super) fn collection(cx: &mut dyn Ambient, p: &Pattern, text: &Str, from: usize) -> Result<Value> {
    let found = p.find_all(cx, text, from, MAX_MATCHES)?;
    let items = found.into_iter().map(|f| Value::object(MatchObject::new(p.clone(), text.clone(), Some(f)))).collect();
    Ok(Value::object(Collection { type_id: MATCHES, items, pattern: None }))
}

/// Text and span of the receiver; `None` as span if it did not take part.
fn span(value: &Value) -> Result<(Str, Option<(usize, usize)>)> {
    if let Some(m) = value.as_object::<MatchObject>() {
        return Ok((m.text.clone(), m.found.as_ref().map(|f| (f.start, f.end))));
    }
    let piece = value.as_object::<Piece>().ok_or_else(Exception::null_reference)?;
    Ok((piece.text.clone(), piece.captures.last().copied()))
}

/// Units before the text of the receiver.
fn base_of(value: &Value) -> usize {
    let of_match = value.as_object::<MatchObject>().map(|m| m.base);
    of_match.or_else(|| value.as_object::<Piece>().map(|p| p.base)).unwrap_or(0)
}

fn text_of(c: &mut Call<'_>) -> Result<Value> {
    let (text, span) = span(c.arg(0))?;
    Ok(match span {
        Some((0, end)) if end == text.len() => Value::Str(text),
        Some((start, end)) => Value::str(regex_units::part(&text, start..end)),
        None => Value::str(""),
    })
}

fn index(c: &mut Call<'_>) -> Result<Value> {
    let (text, span) = span(c.arg(0))?;
    let units = span.map_or(0, |(start, _)| base_of(c.arg(0)).saturating_add(regex_units::index(&text, start)));
    Ok(Value::Int32(i32::try_from(units).unwrap_or(i32::MAX)))
}

fn length(c: &mut Call<'_>) -> Result<Value> {
    let (text, span) = span(c.arg(0))?;
    let units =
        span.map_or(0, |(start, end)| regex_units::index(&text, end).saturating_sub(regex_units::index(&text, start)));
    Ok(Value::Int32(i32::try_from(units).unwrap_or(i32::MAX)))
}

fn captures(c: &mut Call<'_>) -> Result<Value> {
    let (text, spans) = match c.arg(0).as_object::<Piece>() {
        Some(piece) => (piece.text.clone(), piece.captures.clone()),
        None => {
            let (text, span) = span(c.arg(0))?;
            (text, span.into_iter().collect())
        }
    };
    c.cx.charge_bytes(spans.len() * 96)?;
    let base = base_of(c.arg(0));
    let one = |s: (usize, usize)| {
        Value::object(Piece { type_id: CAPTURE, text: text.clone(), base, name: "".into(), captures: vec![s] })
    };
    let items = spans.into_iter().map(one).collect();
    Ok(Value::object(Collection { type_id: CAPTURES, items, pattern: None }))
}

fn this<'a>(c: &'a Call<'_>) -> Result<&'a MatchObject> {
    c.args.first().and_then(Value::as_object::<MatchObject>).ok_or_else(Exception::null_reference)
}

fn groups(c: &mut Call<'_>) -> Result<Value> {
    let receiver = c.arg(0).clone();
    let m = receiver.as_object::<MatchObject>().ok_or_else(Exception::null_reference)?;
    let mut items = vec![receiver.clone()];
    if let Some(found) = &m.found {
        items.extend((1..found.captures.len()).map(|slot| m.group(slot)));
    }
    let pattern = m.pattern.clone().filter(|_| m.found.is_some());
    Ok(Value::object(Collection { type_id: GROUPS, items, pattern }))
}

fn next_match(c: &mut Call<'_>) -> Result<Value> {
    let m = this(c)?;
    let (Some(pattern), Some(found)) = (m.pattern.clone(), &m.found) else { return Ok(c.arg(0).clone()) };
    let (text, base) = (m.text.clone(), m.base);
    let found = match pattern.after(&text, found) {
        Some(from) => pattern.find(c.cx, &text, from)?,
        None => None,
    };
    Ok(Value::object(MatchObject { pattern: Some(pattern), text, base, found }))
}

fn result(c: &mut Call<'_>) -> Result<Value> {
    let replacement = c.str_arg(1, "replacement")?;
    let receiver = c.arg(0).clone();
    let m = receiver.as_object::<MatchObject>().ok_or_else(Exception::null_reference)?;
    let (Some(pattern), Some(found)) = (&m.pattern, &m.found) else {
        return Err(Exception::not_supported("Result cannot be called on a failed Match."));
    };
    Ok(Value::Str(regex_replace::result(c.cx, &pattern.program, &m.text, found, &replacement)?))
}

fn list<'a>(c: &'a Call<'_>) -> Result<&'a Collection> {
    c.args.first().and_then(Value::as_object::<Collection>).ok_or_else(Exception::null_reference)
}

fn item(c: &mut Call<'_>) -> Result<Value> {
    let at = usize::try_from(c.int(1)?).ok();
    let found = at.and_then(|at| list(c).ok()?.items.get(at).cloned());
    found.ok_or_else(|| Exception::argument_range("Specified argument was out of the range of valid values.", "i"))
}

fn count(c: &mut Call<'_>) -> Result<Value> {
    Ok(Value::Int32(i32::try_from(list(c)?.items.len()).unwrap_or(i32::MAX)))
}

/// An unknown group is an unsuccessful one, not an error.
fn group_at(c: &Call<'_>, slot: Option<usize>) -> Result<Value> {
    let found = slot.and_then(|slot| list(c).ok()?.items.get(slot).cloned());
    Ok(found.unwrap_or_else(|| group((&"".into(), 0), "".into(), Vec::new())))
}

fn group_by_number(c: &mut Call<'_>) -> Result<Value> {
    let number = c.int(1)?;
    let slot = match &list(c)?.pattern {
        Some(p) => p.program.slot(number),
        None => usize::try_from(number).ok(),
    };
    group_at(c, slot)
}

/// The names of the groups.
fn names(c: &Call<'_>) -> Result<Vec<Str>> {
    Ok(list(c)?.pattern.as_ref().map(|p| p.program.names.clone()).unwrap_or_else(|| vec!["0".into()]))
}

fn try_group(c: &mut Call<'_>) -> Result<Value> {
    let name = c.str_arg(1, "key")?;
    let slot = list(c)?.pattern.as_ref().and_then(|p| p.program.slot_of(&name));
    let found = match slot {
        Some(_) => group_at(c, slot)?,
        None => Value::Null,
    };
    let is_found = !found.is_null();
    c.set(2, found);
    Ok(Value::Bool(is_found))
}

fn copy_to(c: &mut Call<'_>) -> Result<Value> {
    let target = array::array(c.arg(1)).ok_or_else(|| Exception::argument_null("array"))?;
    let items = &list(c)?.items;
    let at = usize::try_from(c.int(2)?).ok().filter(|at| *at <= target.len());
    let at = at.ok_or_else(|| {
        Exception::argument_range("Specified argument was out of the range of valid values.", "arrayIndex")
    })?;
    if items.len() > target.len() - at {
        return Err(Exception::argument_message(
            "Destination array is not long enough to copy all the items in the collection. Check array index and length.",
        ));
    }
    for (n, item) in items.iter().enumerate() {
        target.put(at + n, item.clone());
    }
    Ok(Value::Null)
}

/// `GetEnumerator()` of .NET's older kind, whose items are objects.
fn enumerator(c: &mut Call<'_>) -> Result<Value> {
    Ok(new_enumerator(Type::OBJECT, c.arg(0).enumerate()?))
}

fn group_by_name(c: &mut Call<'_>) -> Result<Value> {
    let name = c.str_arg(1, "groupname")?;
    let slot = list(c)?.pattern.as_ref().and_then(|p| p.program.slot_of(&name));
    group_at(c, slot)
}

/// Adds the types of results.
pub(super) fn define(b: &mut Builder) {
    b.class(CAPTURE)
        .pure("string Value", text_of)
        .pure("int Index", index)
        .pure("int Length", length)
        .pure("string ToString()", text_of);
    b.class(GROUP)
        .base("Capture")
        .pure("bool Success", |c| Ok(Value::Bool(span(c.arg(0))?.1.is_some())))
        .pure("string Name", |c| {
            let name = c.arg(0).as_object::<Piece>().map(|p| p.name.clone());
            Ok(Value::Str(name.unwrap_or_else(|| "0".into())))
        })
        .pure("CaptureCollection Captures", captures);
    b.class(MATCH)
        .base("Group")
        .def("static Match Empty", |_| {
            Ok(Value::object(MatchObject { pattern: None, text: "".into(), base: 0, found: None }))
        })
        .pure("GroupCollection Groups", groups)
        .pure("Match NextMatch()", next_match)
        .pure("string Result(string replacement)", result);
    b.class(MATCHES)
        .implements(&["IEnumerable<Match>", "IReadOnlyCollection<Match>", "IReadOnlyList<Match>", "IEnumerable"])
        .def("IEnumerator<object> GetEnumerator()", enumerator)
        .def("void CopyTo(Match[] array, int arrayIndex)", copy_to)
        .pure("int Count", count)
        .pure("Match this[int i]", item);
    b.class(GROUPS)
        .implements(&["IEnumerable<Group>", "IReadOnlyCollection<Group>", "IReadOnlyList<Group>", "IEnumerable"])
        .def("IEnumerator<object> GetEnumerator()", enumerator)
        .def("void CopyTo(Group[] array, int arrayIndex)", copy_to)
        .def("IEnumerable<string> Keys", |c| names(c).map(array::from_strings))
        .def("IEnumerable<Group> Values", |c| Ok(c.take(0)))
        .pure("bool ContainsKey(string key)", |c| {
            let name = c.str_arg(1, "key")?;
            Ok(Value::Bool(list(c)?.pattern.as_ref().is_some_and(|p| p.program.slot_of(&name).is_some())))
        })
        .def("bool TryGetValue(string key, out Group value)", try_group)
        .pure("int Count", count)
        .pure("Group this[int groupnum]", group_by_number)
        .pure("Group this[string groupname]", group_by_name);
    b.class(CAPTURES)
        .implements(&["IEnumerable<Capture>", "IReadOnlyCollection<Capture>", "IReadOnlyList<Capture>", "IEnumerable"])
        .def("IEnumerator<object> GetEnumerator()", enumerator)
        .def("void CopyTo(Capture[] array, int arrayIndex)", copy_to)
        .pure("int Count", count)
        .pure("Capture this[int i]", item);
}
