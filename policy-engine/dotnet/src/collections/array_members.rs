//! `System.Array`: members of every array and the static methods.
use std::ops::Range;

use super::array::{self, ArrayObject, new_array};
use super::array_general::{self, Any};
use super::cast;
use super::comparer::Order;
use super::enumerator::get_enumerator;
use super::search::{self, Indexed, index, non_negative, span};
use super::sorting;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::Builder;
use crate::types::{Type, ids};
use crate::value::Value;

fn me<'a>(c: &'a Call<'_>) -> Result<&'a ArrayObject> {
    me_named(c, "array")
}

/// Number of elements, in all dimensions.
fn count(c: &Call<'_>) -> Result<usize> {
    match array::array(c.arg(0)) {
        Some(a) => Ok(a.len()),
        None => Ok(array_general::lengths(c)?.into_iter().product()),
    }
}

fn length(c: &mut Call<'_>) -> Result<Value> {
    Ok(index(count(c)?))
}

fn long_length(c: &mut Call<'_>) -> Result<Value> {
    Ok(long(count(c)?))
}

fn long(n: usize) -> Value {
    Value::Int64(i64::try_from(n).unwrap_or(i64::MAX))
}

fn get_length(c: &mut Call<'_>) -> Result<Value> {
    array_general::length_of(c).map(index)
}

fn lower_bound(c: &mut Call<'_>) -> Result<Value> {
    array_general::length_of(c).map(|_| Value::Int32(0))
}

fn upper_bound(c: &mut Call<'_>) -> Result<Value> {
    let length = i32::try_from(array_general::length_of(c)?).unwrap_or(i32::MAX);
    Ok(Value::Int32(length.saturating_sub(1)))
}

fn clone(c: &mut Call<'_>) -> Result<Value> {
    let (item, len) = (me(c)?.item().clone(), me(c)?.len());
    c.cx.charge_bytes(len.saturating_mul(size_of::<Value>()))?;
    match me(c)?.bytes() {
        Some(bytes) => Ok(array::from_bytes(bytes.to_vec())),
        None => Ok(new_array(item, me(c)?.to_vec())),
    }
}

fn copy_to(c: &mut Call<'_>) -> Result<Value> {
    let len = i64::try_from(count(c)?).unwrap_or(i64::MAX);
    copied(c, (0, 0), (1, i64::from(c.int(2)?)), len)
}

/// `Array.Copy(source, target, length)` with `int` or `long` numbers.
fn copy_from_start(c: &mut Call<'_>) -> Result<Value> {
    copied(c, (0, 0), (1, 0), c.long(2)?)
}

/// `Array.Copy(source, from, target, to, length)`.
fn copy(c: &mut Call<'_>) -> Result<Value> {
    copied(c, (0, c.long(1)?), (2, c.long(3)?), c.long(4)?)
}

/// Copies from a place in the array of one argument to a place in that of another.
fn copied(c: &Call<'_>, (source, from): (usize, i64), (target, to): (usize, i64), len: i64) -> Result<Value> {
    let source = Any::named(c.arg(source), "sourceArray")?;
    let target = Any::named(c.arg(target), "destinationArray")?;
    if source.lengths().len() != target.lengths().len() {
        return Err(array_general::rank("The specified arrays must have the same number of dimensions."));
    }
    let range = source_range(source.len(), from, len)?;
    copy_part(c, &source, range, &target, to)
}

fn me_named<'a>(c: &'a Call<'_>, parameter: &str) -> Result<&'a ArrayObject> {
    expect(c.arg(0), parameter)
}

fn expect<'a>(value: &'a Value, parameter: &str) -> Result<&'a ArrayObject> {
    let missing = || array_general::refused(value).unwrap_or_else(|| Exception::argument_null(parameter));
    array::array(value).ok_or_else(missing)
}

fn lower(n: i64, parameter: &str) -> Result<usize> {
    let text = "Number was less than the array's lower bound in the first dimension.";
    usize::try_from(n).map_err(|_| Exception::argument_range(text, parameter))
}

fn source_range(size: usize, from: i64, len: i64) -> Result<Range<usize>> {
    let len = usize::try_from(len).map_err(|_| Exception::argument_range("Non-negative number required.", "length"))?;
    let from = lower(from, "sourceIndex")?;
    if from.saturating_add(len) > size {
        let text = "Source array was not long enough. Check the source index, length, and the array's lower bounds.";
        return Err(Exception::argument(text, "sourceArray"));
    }
    Ok(from..from.saturating_add(len))
}

fn copy_part(c: &Call<'_>, source: &Any<'_>, range: Range<usize>, target: &Any<'_>, to: i64) -> Result<Value> {
    let to = lower(to, "destinationIndex")?;
    if to.saturating_add(range.len()) > target.len() {
        let text =
            "Destination array was not long enough. Check the destination index, length, and the array's lower bounds.";
        return Err(Exception::argument(text, "destinationArray"));
    }
    if !can_copy(c, source.item(), target.item()) {
        return Err(Exception::array_type_mismatch("Source array type cannot be assigned to destination array type."));
    }
    // Through a copy: source and target may be the same array and overlap.
    let items = source.to_vec();
    for (i, item) in items.get(range).unwrap_or_default().iter().enumerate() {
        let Some(item) = widened(c, item, target.item()) else {
            return Err(Exception::invalid_cast_message(
                "At least one element in the source array could not be cast down to the destination array type.",
            ));
        };
        target.put(to.saturating_add(i), item);
    }
    Ok(Value::Null)
}

/// Same types, references in either direction, boxing and unboxing, and numbers that widen.
fn can_copy(c: &Call<'_>, from: &Type, to: &Type) -> bool {
    let table = c.cx.types();
    let related = cast::is_subtype(table, from, to) || cast::is_subtype(table, to, from);
    related || widens(from, to)
}

const WIDER: &[(Type, &[Type])] = &[
    (
        Type::BYTE,
        &[
            Type::CHAR,
            Type::SHORT,
            Type::USHORT,
            Type::INT,
            Type::UINT,
            Type::LONG,
            Type::ULONG,
            Type::FLOAT,
            Type::DOUBLE,
        ],
    ),
    (Type::SBYTE, &[Type::SHORT, Type::INT, Type::LONG, Type::FLOAT, Type::DOUBLE]),
    (Type::CHAR, &[Type::USHORT, Type::INT, Type::UINT, Type::LONG, Type::ULONG, Type::FLOAT, Type::DOUBLE]),
    (Type::SHORT, &[Type::INT, Type::LONG, Type::FLOAT, Type::DOUBLE]),
    (Type::USHORT, &[Type::INT, Type::UINT, Type::LONG, Type::ULONG, Type::FLOAT, Type::DOUBLE]),
    (Type::INT, &[Type::LONG, Type::FLOAT, Type::DOUBLE]),
    (Type::UINT, &[Type::LONG, Type::ULONG, Type::FLOAT, Type::DOUBLE]),
    (Type::LONG, &[Type::FLOAT, Type::DOUBLE]),
    (Type::ULONG, &[Type::FLOAT, Type::DOUBLE]),
    (Type::FLOAT, &[Type::DOUBLE]),
];

fn widens(from: &Type, to: &Type) -> bool {
    WIDER.iter().any(|(t, wider)| t == from && wider.contains(to))
}

/// The value as an element of type `to`, widened if it is a smaller number; `None` if it does not fit.
pub(super) fn widened(c: &Call<'_>, value: &Value, to: &Type) -> Option<Value> {
    if value.is_null() {
        return (!c.cx.types().is_value_type(to))
            .then_some(Value::Null)
            .or_else(|| Some(cast::default_value(c.cx.types(), to)));
    }
    if cast::is_instance(c.cx.types(), value, to) {
        return Some(value.clone());
    }
    if widens(&value.net_type(), to) { widen(value, to) } else { None }
}

#[expect(clippy::cast_precision_loss, reason = "C# rounds when an integer widens to a floating type")]
fn widen(value: &Value, to: &Type) -> Option<Value> {
    let wide: i128 = match value {
        Value::Byte(v) => i128::from(*v),
        Value::SByte(v) => i128::from(*v),
        Value::Char(v) | Value::UInt16(v) => i128::from(*v),
        Value::Int16(v) => i128::from(*v),
        Value::Int32(v) => i128::from(*v),
        Value::UInt32(v) => i128::from(*v),
        Value::Int64(v) => i128::from(*v),
        Value::UInt64(v) => i128::from(*v),
        Value::Single(v) => return Some(Value::Double(f64::from(*v))),
        _ => return None,
    };
    Some(match to.id()? {
        ids::CHAR => Value::Char(wide.try_into().ok()?),
        ids::INT16 => Value::Int16(wide.try_into().ok()?),
        ids::UINT16 => Value::UInt16(wide.try_into().ok()?),
        ids::INT32 => Value::Int32(wide.try_into().ok()?),
        ids::UINT32 => Value::UInt32(wide.try_into().ok()?),
        ids::INT64 => Value::Int64(wide.try_into().ok()?),
        ids::UINT64 => Value::UInt64(wide.try_into().ok()?),
        ids::SINGLE => Value::Single(wide as f32),
        ids::DOUBLE => Value::Double(wide as f64),
        _ => return None,
    })
}

fn clear(c: &mut Call<'_>) -> Result<Value> {
    let (from, n) =
        if c.args.len() > 1 { (c.int(1)?, c.int(2)?) } else { (0, i32::try_from(count(c)?).unwrap_or(i32::MAX)) };
    let (Ok(from), Ok(n)) = (usize::try_from(from), usize::try_from(n)) else {
        return Err(Exception::index_out_of_range());
    };
    let array = Any::named(c.arg(0), "array")?;
    if from.saturating_add(n) > array.len() {
        return Err(Exception::index_out_of_range());
    }
    let blank = cast::default_value(c.cx.types(), array.item());
    (from..from.saturating_add(n)).for_each(|i| array.put(i, blank.clone()));
    Ok(Value::Null)
}

fn fill(c: &mut Call<'_>) -> Result<Value> {
    let range = if c.args.len() > 2 { span(c, 2, me(c)?.len())? } else { 0..me(c)?.len() };
    let (array, item) = (me(c)?, c.arg(1));
    range.for_each(|i| array.put(i, item.clone()));
    Ok(Value::Null)
}

/// `Array.Resize(ref array, newSize)`: a new array unless the size is the same.
fn resize(c: &mut Call<'_>) -> Result<Value> {
    let size = non_negative(c.int(1)?, "newSize")?;
    if array::array(c.arg(0)).is_some_and(|a| a.len() == size) {
        return Ok(Value::Null);
    }
    let item = c.ty(0);
    let made = array::new_default(c.cx, item, i64::try_from(size).unwrap_or(i64::MAX))?;
    if let (Some(old), Some(new)) = (array::array(c.arg(0)), array::array(&made)) {
        (0..old.len().min(size)).for_each(|i| new.put(i, old.at(i)));
    }
    c.set(0, made);
    Ok(Value::Null)
}

fn empty(c: &mut Call<'_>) -> Result<Value> {
    Ok(new_array(c.ty(0), Vec::new()))
}

fn reverse(c: &mut Call<'_>) -> Result<Value> {
    let range = if c.args.len() > 1 { span(c, 1, me(c)?.len())? } else { 0..me(c)?.len() };
    search::reverse_part(c, range)
}

/// `Sort(array)`, `Sort(array, comparer)`, `Sort(array, comparison)`.
fn sort(c: &mut Call<'_>) -> Result<Value> {
    let all = 0..me(c)?.len();
    let order = match c.arg(1) {
        f @ Value::Func(_) => Order::of_delegate(f, c.ty(0)),
        other => Order::of(other)?,
    };
    search::sort_part(c, all, &order)
}

fn sort_range(c: &mut Call<'_>) -> Result<Value> {
    let range = span(c, 1, me(c)?.len())?;
    let order = Order::of(c.arg(3))?;
    search::sort_part(c, range, &order)
}

/// `Sort(keys, items)`: both arrays in the order of the keys.
fn sort_pairs(c: &mut Call<'_>) -> Result<Value> {
    let all = 0..me_named(c, "keys")?.len();
    let order = Order::of(c.arg(2))?;
    if c.arg(1).is_null() { sort(c) } else { sort_both(c, all, &order) }
}

fn sort_pairs_range(c: &mut Call<'_>) -> Result<Value> {
    let range = span(c, 2, me_named(c, "keys")?.len())?;
    let order = Order::of(c.arg(4))?;
    if c.arg(1).is_null() { search::sort_part(c, range, &order) } else { sort_both(c, range, &order) }
}

fn sort_both(c: &mut Call<'_>, range: std::ops::Range<usize>, order: &Order) -> Result<Value> {
    let (mut keys, mut items) = (me_named(c, "keys")?.to_vec(), expect(c.arg(1), "items")?.to_vec());
    let (Some(key_part), Some(item_part)) = (keys.get_mut(range.clone()), items.get_mut(range)) else {
        return Err(Exception::argument_message(
            "Offset and length were out of bounds for the array or count is greater than the number of elements from index to the end of the source collection.",
        ));
    };
    let pairs: Vec<(Value, Value)> = key_part.iter().cloned().zip(item_part.iter().cloned()).collect();
    let sorted = sorting::sort_by(c.cx, pairs, &mut |cx, a, b| order.compare(cx, &a.0, &b.0))
        .map_err(sorting::failed_comparison)?;
    for ((key, item), pair) in key_part.iter_mut().zip(item_part).zip(sorted) {
        (*key, *item) = pair;
    }
    me(c)?.replace(keys);
    expect(c.arg(1), "items")?.replace(items);
    Ok(Value::Null)
}

fn binary_search(c: &mut Call<'_>) -> Result<Value> {
    let (all, order, wanted) = (0..me(c)?.len(), Order::of(c.arg(2))?, c.take(1));
    search::binary_search(c, all, &wanted, &order)
}

fn binary_search_range(c: &mut Call<'_>) -> Result<Value> {
    let range = span(c, 1, me(c)?.len())?;
    let (order, wanted) = (Order::of(c.arg(4))?, c.take(3));
    search::binary_search(c, range, &wanted, &order)
}

fn as_read_only(c: &mut Call<'_>) -> Result<Value> {
    Indexed::of(c.arg(0))?;
    Ok(super::read_only::new_read_only(c.ty(0), c.take(0)))
}

pub(crate) fn define(b: &mut Builder) {
    let t = b
        .class(ids::ARRAY)
        .implements(&["System.Collections.ICollection", "IEnumerable", "ICloneable"])
        .def("int Length", length)
        .def("long LongLength", long_length)
        .def("bool IsReadOnly", |_| Ok(Value::Bool(false)))
        .def("bool IsFixedSize", |_| Ok(Value::Bool(true)))
        .def("bool IsSynchronized", |_| Ok(Value::Bool(false)))
        .def("int GetLength(int dimension)", get_length)
        .def("long GetLongLength(int dimension)", |c| array_general::length_of(c).map(long))
        .def("object SyncRoot", |c| Ok(c.take(0)))
        .def("int GetLowerBound(int dimension)", lower_bound)
        .def("int GetUpperBound(int dimension)", upper_bound)
        .def("object Clone()", clone)
        .def("void CopyTo(Array array, int index)", copy_to)
        .def("void CopyTo(Array array, long index)", |c| {
            let at = i32::try_from(c.long(2)?)
                .map_err(|_| Exception::argument_range("Arrays larger than 2GB are not supported.", "index"))?;
            c.set(2, Value::Int32(at));
            copy_to(c)
        })
        .def("IEnumerator GetEnumerator()", get_enumerator);
    let t = t
        .def("static void Copy(Array sourceArray, Array destinationArray, int length)", copy_from_start)
        .def("static void Copy(Array sourceArray, Array destinationArray, long length)", copy_from_start)
        .def("static void Copy(Array sourceArray, int sourceIndex, Array destinationArray, int destinationIndex, int length)", copy)
        .def("static void Copy(Array sourceArray, long sourceIndex, Array destinationArray, long destinationIndex, long length)", copy)
        .def("static void ConstrainedCopy(Array sourceArray, int sourceIndex, Array destinationArray, int destinationIndex, int length)", copy)
        .def("static void Clear(Array array)", clear)
        .def("static void Clear(Array array, int index, int length)", clear)
        .def("static void Fill<T>(T[] array, T value)", fill)
        .def("static void Fill<T>(T[] array, T value, int startIndex, int count)", fill)
        .def("static void Resize<T>(ref T[] array, int newSize)", resize)
        .def("static T[] Empty<T>()", empty)
        .def("static void Reverse(Array array)", reverse)
        .def("static void Reverse(Array array, int index, int length)", reverse)
        .def("static void Reverse<T>(T[] array)", reverse)
        .def("static void Reverse<T>(T[] array, int index, int length)", reverse)
        .def("static System.Collections.ObjectModel.ReadOnlyCollection<T> AsReadOnly<T>(T[] array)", as_read_only);
    let t = t
        .def("static void Sort(Array array)", sort)
        .def("static void Sort(Array array, System.Collections.IComparer comparer)", sort)
        .def("static void Sort(Array array, int index, int length)", sort_range)
        .def("static void Sort(Array array, int index, int length, System.Collections.IComparer comparer)", sort_range)
        .def("static void Sort(Array keys, Array items)", sort_pairs)
        .def("static void Sort(Array keys, Array items, System.Collections.IComparer comparer)", sort_pairs)
        .def("static void Sort(Array keys, Array items, int index, int length)", sort_pairs_range)
        .def(
            "static void Sort(Array keys, Array items, int index, int length, System.Collections.IComparer comparer)",
            sort_pairs_range,
        )
        .def("static void Sort<T>(T[] array)", sort)
        .def("static void Sort<T>(T[] array, IComparer<T> comparer)", sort)
        .def("static void Sort<T>(T[] array, Comparison<T> comparison)", sort)
        .def("static void Sort<T>(T[] array, int index, int length)", sort_range)
        .def("static void Sort<T>(T[] array, int index, int length, IComparer<T> comparer)", sort_range)
        .def("static void Sort<K, V>(K[] keys, V[] items)", sort_pairs)
        .def("static void Sort<K, V>(K[] keys, V[] items, IComparer<K> comparer)", sort_pairs)
        .def("static void Sort<K, V>(K[] keys, V[] items, int index, int length)", sort_pairs_range)
        .def(
            "static void Sort<K, V>(K[] keys, V[] items, int index, int length, IComparer<K> comparer)",
            sort_pairs_range,
        )
        .def("static int BinarySearch(Array array, object value)", binary_search)
        .def("static int BinarySearch(Array array, object value, System.Collections.IComparer comparer)", binary_search)
        .def("static int BinarySearch(Array array, int index, int length, object value)", binary_search_range)
        .def(
            "static int BinarySearch(Array array, int index, int length, object value, System.Collections.IComparer comparer)",
            binary_search_range,
        )
        .def("static int BinarySearch<T>(T[] array, T value)", binary_search)
        .def("static int BinarySearch<T>(T[] array, T value, IComparer<T> comparer)", binary_search)
        .def("static int BinarySearch<T>(T[] array, int index, int length, T value)", binary_search_range)
        .def(
            "static int BinarySearch<T>(T[] array, int index, int length, T value, IComparer<T> comparer)",
            binary_search_range,
        );
    t.def("static int IndexOf(Array array, object value)", search::index_of)
        .def("static int IndexOf(Array array, object value, int startIndex)", search::index_of)
        .def("static int IndexOf(Array array, object value, int startIndex, int count)", search::index_of)
        .def("static int IndexOf<T>(T[] array, T value)", search::index_of)
        .def("static int IndexOf<T>(T[] array, T value, int startIndex)", search::index_of)
        .def("static int IndexOf<T>(T[] array, T value, int startIndex, int count)", search::index_of)
        .def("static int LastIndexOf(Array array, object value)", search::last_index_of)
        .def("static int LastIndexOf<T>(T[] array, T value)", search::last_index_of)
        .def("static int LastIndexOf<T>(T[] array, T value, int startIndex)", search::last_index_of)
        .def("static int LastIndexOf<T>(T[] array, T value, int startIndex, int count)", search::last_index_of)
        .def("static bool Exists<T>(T[] array, Predicate<T> match)", search::exists)
        .def("static bool TrueForAll<T>(T[] array, Predicate<T> match)", search::true_for_all)
        .def("static T Find<T>(T[] array, Predicate<T> match)", search::find)
        .def("static T FindLast<T>(T[] array, Predicate<T> match)", search::find_last)
        .def("static T[] FindAll<T>(T[] array, Predicate<T> match)", search::find_all)
        .def("static int FindIndex<T>(T[] array, Predicate<T> match)", search::find_index)
        .def("static int FindIndex<T>(T[] array, int startIndex, Predicate<T> match)", search::find_index)
        .def("static int FindIndex<T>(T[] array, int startIndex, int count, Predicate<T> match)", search::find_index)
        .def("static int FindLastIndex<T>(T[] array, Predicate<T> match)", search::find_last_index)
        .def("static int FindLastIndex<T>(T[] array, int startIndex, Predicate<T> match)", search::find_last_index)
        .def(
            "static int FindLastIndex<T>(T[] array, int startIndex, int count, Predicate<T> match)",
            search::find_last_index,
        )
        .def("static void ForEach<T>(T[] array, Action<T> action)", search::for_each)
        .def("static U[] ConvertAll<T, U>(T[] array, Converter<T, U> converter)", search::convert_all);
}
