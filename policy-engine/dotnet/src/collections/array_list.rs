//! `System.Collections.ArrayList`: a list of objects with the older member signatures. The object is that of `List<object>`.
use super::enumerator::{get_enumerator, to_vec};
use super::interfaces::{copy_into, copy_to};
use super::list::{self, ARRAY_LIST, ListObject, new_array_list};
use super::list_members as members;
use super::search::{self, index, non_negative, span};
use super::{array, cast};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::object;
use crate::table::Builder;
use crate::types::Type;
use crate::value::Value;

fn this<'a>(c: &'a Call<'_>) -> Result<&'a ListObject> {
    list::list(c.arg(0)).ok_or_else(Exception::null_reference)
}

/// `Add` answers where the item went.
fn add(c: &mut Call<'_>) -> Result<Value> {
    let (target, item) = (c.arg(0).clone(), c.take(1));
    let list = list::list(&target).ok_or_else(Exception::null_reference)?;
    let at = list.len();
    list.push(c.cx, item)?;
    Ok(index(at))
}

fn remove(c: &mut Call<'_>) -> Result<Value> {
    members::remove(c)?;
    Ok(Value::Null)
}

fn all(c: &mut Call<'_>) -> Result<Vec<Value>> {
    let source = c.arg(0).clone();
    to_vec(c.cx, &source)
}

/// `ToArray(Type)`: every item must fit.
fn to_array_of(c: &mut Call<'_>) -> Result<Value> {
    let item = object::as_type(c.arg(1)).ok_or_else(|| Exception::argument_null("type"))?;
    let items = all(c)?;
    for value in &items {
        let fits =
            cast::is_instance(c.cx.types(), value, &item) || (value.is_null() && !c.cx.types().is_value_type(&item));
        if !fits {
            return Err(Exception::invalid_cast_message(
                "At least one element in the source array could not be cast down to the destination array type.",
            ));
        }
    }
    Ok(array::new_array(item, items))
}

fn get_range(c: &mut Call<'_>) -> Result<Value> {
    let range = span(c, 1, this(c)?.len())?;
    c.cx.charge_bytes(range.len().saturating_mul(size_of::<Value>()))?;
    let part = this(c)?.read().get(range).unwrap_or_default().to_vec();
    Ok(new_array_list(part))
}

/// Adds the type.
pub(crate) fn define(b: &mut Builder) {
    b.class(ARRAY_LIST)
        .implements(&["System.Collections.ICollection", "IEnumerable", "ICloneable"])
        .def("new()", |_| Ok(new_array_list(Vec::new())))
        .def("new(int capacity)", |c| {
            non_negative(c.int(0)?, "capacity")?;
            Ok(new_array_list(Vec::new()))
        })
        .def("new(System.Collections.ICollection c)", |c| members::sequence(c, 0, "c").map(new_array_list))
        .def("int Count", members::count)
        .get_set("int Capacity", members::capacity, members::set_capacity)
        .def("bool IsFixedSize", |_| Ok(Value::Bool(false)))
        .def("bool IsReadOnly", |_| Ok(Value::Bool(false)))
        .get_set("object this[int index]", members::get, members::set)
        .def("int Add(object value)", add)
        .def("void AddRange(System.Collections.ICollection c)", members::add_range)
        .def("int BinarySearch(object value)", members::binary_search)
        .def("int BinarySearch(object value, System.Collections.IComparer comparer)", members::binary_search)
        .def("void Clear()", members::clear)
        .def("object Clone()", |c| all(c).map(new_array_list))
        .def("bool Contains(object item)", members::contains)
        .def("void CopyTo(Array array)", |c| {
            let items = all(c)?;
            let target = c.take(1);
            copy_into(c, items, &target, 0)
        })
        .def("void CopyTo(Array array, int arrayIndex)", copy_to)
        .def("System.Collections.IEnumerator GetEnumerator()", get_enumerator)
        .def("System.Collections.ArrayList GetRange(int index, int count)", get_range)
        .def("int IndexOf(object value)", search::index_of)
        .def("int IndexOf(object value, int startIndex)", search::index_of)
        .def("void Insert(int index, object value)", members::insert)
        .def("void InsertRange(int index, System.Collections.ICollection c)", members::insert_range)
        .def("int LastIndexOf(object value)", search::last_index_of)
        .def("void Remove(object obj)", remove)
        .def("void RemoveAt(int index)", members::remove_at)
        .def("void RemoveRange(int index, int count)", members::remove_range)
        .def("void Reverse()", members::reverse)
        .def("void Reverse(int index, int count)", members::reverse_range)
        .def("void Sort()", members::sort)
        .def("void Sort(System.Collections.IComparer comparer)", members::sort)
        .def("object[] ToArray()", |c| Ok(array::new_array(Type::OBJECT, all(c)?)))
        .def("Array ToArray(Type type)", to_array_of)
        .def("void TrimToSize()", members::trim_excess);
}
