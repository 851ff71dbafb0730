//! What `System.Array` offers whatever the number of dimensions: `Array.CreateInstance`, and elements by several indices.
use super::array::{self, ArrayObject};
use super::array_members::widened;
use super::grid::{self, GridObject};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::system::to_int;
use crate::table::Builder;
use crate::types::{Type, ids};
use crate::value::Value;

const MOST_DIMENSIONS: usize = 3;
const NEGATIVE: &str = "Non-negative number required.";

/// An array of any number of dimensions.
pub(super) enum Any<'a> {
    Flat(&'a ArrayObject),
    Grid(&'a GridObject),
}

impl<'a> Any<'a> {
    fn of(value: &'a Value) -> Result<Any<'a>> {
        if let Some(flat) = array::array(value) {
            return Ok(Any::Flat(flat));
        }
        value.as_object().map(Any::Grid).ok_or_else(Exception::null_reference)
    }

    /// An argument that must be given.
    pub(super) fn named(value: &'a Value, parameter: &str) -> Result<Any<'a>> {
        Any::of(value).map_err(|_| Exception::argument_null(parameter))
    }

    /// Number of elements, in all dimensions.
    pub(super) fn len(&self) -> usize {
        self.lengths().into_iter().product()
    }

    /// All elements; the last dimension runs fastest.
    pub(super) fn to_vec(&self) -> Vec<Value> {
        match self {
            Any::Flat(a) => a.to_vec(),
            Any::Grid(g) => g.to_vec(),
        }
    }

    /// Writes the element at a position among all.
    pub(super) fn put(&self, at: usize, value: Value) {
        match self {
            Any::Flat(a) => a.put(at, value),
            Any::Grid(g) => g.put_at(at, value),
        }
    }

    pub(super) fn item(&self) -> &Type {
        match self {
            Any::Flat(a) => a.item(),
            Any::Grid(g) => g.item(),
        }
    }

    pub(super) fn lengths(&self) -> Vec<usize> {
        match self {
            Any::Flat(a) => vec![a.len()],
            Any::Grid(g) => g.lengths().to_vec(),
        }
    }
}

/// The refusal of an array of several dimensions where one is needed.
pub(super) fn refused(value: &Value) -> Option<Exception> {
    value.as_object::<GridObject>().map(|_| rank("Only single dimension arrays are supported here."))
}

pub(super) fn rank(text: &str) -> Exception {
    Exception::new(crate::types::TypeId("System.RankException"), text)
}

/// Lengths of the receiver's dimensions.
pub(super) fn lengths(c: &Call<'_>) -> Result<Vec<usize>> {
    Any::of(c.arg(0)).map(|a| a.lengths())
}

/// Length of the dimension that argument 1 names.
pub(super) fn length_of(c: &Call<'_>) -> Result<usize> {
    let n = usize::try_from(c.int(1)?).ok();
    let lengths = lengths(c)?;
    n.and_then(|n| lengths.get(n).copied()).ok_or_else(Exception::index_out_of_range)
}

fn too_large(parameter: &str) -> Exception {
    Exception::argument_range("Arrays larger than 2GB are not supported.", parameter)
}

/// One index or length of an argument that is an `int` or a `long`.
fn number(value: &Value, parameter: &str) -> Result<i32> {
    match value {
        Value::Int32(n) => Ok(*n),
        Value::Int64(n) => i32::try_from(*n).map_err(|_| too_large(parameter)),
        other => Err(Exception::invalid_cast(&other.net_type(), &Type::INT)),
    }
}

/// Numbers from argument `first` on, up to `end`: each of its own, or all in one array.
fn numbers(c: &Call<'_>, first: usize, end: usize, name: &str) -> Result<Vec<i32>> {
    let args = c.args.get(first..end).unwrap_or_default();
    if let [one] = args
        && !matches!(one, Value::Int32(_) | Value::Int64(_))
    {
        let list = array::array(one).ok_or_else(|| Exception::argument_null(&plural(name)))?;
        return list.to_vec().iter().map(|n| number(n, name)).collect();
    }
    let named = |n: usize| if args.len() > 1 { format!("{name}{}", n.saturating_add(1)) } else { name.to_owned() };
    args.iter().enumerate().map(|(n, value)| number(value, &named(n))).collect()
}

fn plural(name: &str) -> String {
    if name == "index" { "indices".to_owned() } else { format!("{name}s") }
}

/// The indices of a call, as many as the array has dimensions.
fn indices(c: &Call<'_>, first: usize, end: usize) -> Result<Vec<i32>> {
    let dimensions = lengths(c)?.len();
    let given = numbers(c, first, end, "index")?;
    if given.len() == dimensions {
        return Ok(given);
    }
    let in_list = end.saturating_sub(first) == 1 && array::array(c.arg(first)).is_some();
    Err(Exception::argument_message(match given.len() {
        _ if in_list => "Indices length does not match the array rank.",
        2 => "Array was not a two-dimensional array.",
        3 => "Array was not a three-dimensional array.",
        _ => "Array was not a one-dimensional array.",
    }))
}

/// `GetValue` in all its forms.
pub(super) fn get_value(c: &mut Call<'_>) -> Result<Value> {
    let at = indices(c, 1, c.args.len())?;
    match Any::of(c.arg(0))? {
        Any::Flat(a) => a.get(at.first().copied().map_or(-1, i64::from)),
        Any::Grid(g) => g.at(&at),
    }
}

/// `SetValue` in all its forms; `null` is the default of a value type.
pub(super) fn set_value(c: &mut Call<'_>) -> Result<Value> {
    let at = indices(c, 2, c.args.len())?;
    let item = Any::of(c.arg(0))?.item().clone();
    let value = if c.arg(1).is_null() {
        super::cast::default_value(c.cx.types(), &item)
    } else {
        widened(c, c.arg(1), &item)
            .ok_or_else(|| Exception::invalid_cast_message("Object cannot be stored in an array of this type."))?
    };
    match Any::of(c.arg(0))? {
        Any::Flat(a) => a.set(c.cx.types(), at.first().copied().map_or(-1, i64::from), value)?,
        Any::Grid(g) => g.put(&at, value)?,
    }
    Ok(Value::Null)
}

/// `Array.CreateInstance(type, lengths)`
fn create(c: &mut Call<'_>) -> Result<Value> {
    let end = c.args.len();
    create_of(c, end)
}

/// `Array.CreateInstance(type, lengths, lowerBounds)`: only arrays that begin at zero.
fn create_from(c: &mut Call<'_>) -> Result<Value> {
    let bounds = array::array(c.arg(2)).ok_or_else(|| Exception::argument_null("lowerBounds"))?.to_vec();
    let lengths = array::array(c.arg(1)).ok_or_else(|| Exception::argument_null("lengths"))?;
    if lengths.len() != bounds.len() {
        return Err(Exception::argument_message("Number of lengths and lowerBounds must match."));
    }
    if bounds.iter().any(|b| !matches!(b, Value::Int32(0))) {
        return Err(Exception::not_supported("arrays whose lower bound is not zero are not supported"));
    }
    create_of(c, 2)
}

fn create_of(c: &mut Call<'_>, end: usize) -> Result<Value> {
    let item = object::as_type(c.arg(0)).ok_or_else(|| Exception::argument_null("elementType"))?;
    let given = numbers(c, 1, end, "length")?;
    if item == Type::Void {
        return Err(Exception::not_supported("Arrays of System.Void are not supported."));
    }
    let in_list = end == 2 && array::array(c.arg(1)).is_some();
    let mut lengths = Vec::new();
    for (n, length) in given.iter().enumerate() {
        let name = match given.len() {
            _ if in_list => format!("lengths[{n}]"),
            1 => "length".to_owned(),
            _ => format!("length{}", n.saturating_add(1)),
        };
        lengths.push(usize::try_from(*length).map_err(|_| Exception::argument_range(NEGATIVE, &name))?);
    }
    match lengths.as_slice() {
        [] => Err(Exception::argument_message("Must provide at least one rank.")),
        [one] => array::new_default(c.cx, item, i64::try_from(*one).unwrap_or(i64::MAX)),
        more if more.len() <= MOST_DIMENSIONS => grid::new_grid(c.cx, item, lengths),
        _ => Err(Exception::not_supported("arrays of more than three dimensions are not supported")),
    }
}

/// `LastIndexOf` over the items as objects: none is found where there are none, wherever the search begins.
fn last_index_of(c: &mut Call<'_>) -> Result<Value> {
    match array::array(c.arg(0)) {
        Some(a) if a.is_empty() => Ok(Value::Int32(-1)),
        _ => super::search::last_index_of(c),
    }
}

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    let t = b
        .class(ids::ARRAY)
        .def("int Rank", |c| Ok(Value::Int32(to_int(lengths(c)?.len()))))
        .def("void Initialize()", |_| Ok(Value::Null))
        .def("object GetValue(int index)", get_value)
        .def("object GetValue(long index)", get_value)
        .def("object GetValue(int index1, int index2)", get_value)
        .def("object GetValue(long index1, long index2)", get_value)
        .def("object GetValue(int index1, int index2, int index3)", get_value)
        .def("object GetValue(long index1, long index2, long index3)", get_value)
        .def("object GetValue(params int[] indices)", get_value)
        .def("object GetValue(params long[] indices)", get_value);
    let t = t
        .def("void SetValue(object value, int index)", set_value)
        .def("void SetValue(object value, long index)", set_value)
        .def("void SetValue(object value, int index1, int index2)", set_value)
        .def("void SetValue(object value, long index1, long index2)", set_value)
        .def("void SetValue(object value, int index1, int index2, int index3)", set_value)
        .def("void SetValue(object value, long index1, long index2, long index3)", set_value)
        .def("void SetValue(object value, params int[] indices)", set_value)
        .def("void SetValue(object value, params long[] indices)", set_value);
    t.def("static Array CreateInstance(Type elementType, int length)", create)
        .def("static Array CreateInstance(Type elementType, int length1, int length2)", create)
        .def("static Array CreateInstance(Type elementType, int length1, int length2, int length3)", create)
        .def("static Array CreateInstance(Type elementType, params int[] lengths)", create)
        .def("static Array CreateInstance(Type elementType, params long[] lengths)", create)
        .def("static Array CreateInstance(Type elementType, int[] lengths, int[] lowerBounds)", create_from)
        .def("static int LastIndexOf(Array array, object value, int startIndex)", last_index_of)
        .def("static int LastIndexOf(Array array, object value, int startIndex, int count)", last_index_of);
}
