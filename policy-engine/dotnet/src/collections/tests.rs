//! What expressions cannot show: bounds, order after removals, dispatch over interfaces. Answers of members are tested as
//! expressions against real .NET.
use super::testing::{Bench, call, call_in, ints, lambda, outcome, show, table};
use super::*;
use crate::exception::Exception;
use crate::types::{Shape, Type, ids};
use crate::value::Value;

const ENUMERABLE: &str = "System.Linq.Enumerable";
const LIST: &str = "System.Collections.Generic.List`1";

fn pairs(entries: &[(&str, i32)]) -> Value {
    let entries = entries.iter().map(|(k, v)| (Value::str(*k), Value::Int32(*v))).collect();
    new_dictionary(Type::STRING, Type::INT, entries)
}

#[test]
fn a_new_entry_takes_the_place_freed_last() {
    let d = pairs(&[("a", 1), ("b", 2), ("c", 3)]);
    let dictionary = dictionary::dictionary(&d).unwrap();
    dictionary.remove(&Value::str("a"));
    dictionary.remove(&Value::str("b"));
    dictionary.set(&mut Bench::default(), Value::str("d"), Value::Int32(4)).unwrap();
    assert_eq!(show(&d), "[[d, 4],[c, 3]]");
}

#[test]
fn a_large_dictionary_finds_its_keys() {
    let cx = &mut Bench::default();
    let d = pairs(&[]);
    let dictionary = dictionary::dictionary(&d).unwrap();
    for i in 0..1000 {
        dictionary.add(cx, Value::str(format!("k{i}")), Value::Int32(i)).unwrap();
    }
    for i in (0..1000).step_by(2) {
        assert!(dictionary.remove(&Value::str(format!("k{i}"))).is_some());
    }
    let found = |i: i32| dictionary.get(&Value::str(format!("k{i}")));
    assert!((0..1000).all(|i| found(i).is_some() == (i % 2 == 1)));
    assert_eq!(dictionary.len(), 500);
}

#[test]
fn arrays_refuse_what_their_type_does_not_hold() {
    let strings = from_strings(["a"]);
    let set = |v: Value| array::set(table(), &strings, 0, v).map(|()| Value::Null);
    assert_eq!(outcome(set(Value::str("b"))), "null");
    let refused =
        "System.ArrayTypeMismatchException: Attempted to access an element as a type incompatible with the array.";
    assert_eq!(outcome(set(Value::Int32(1))), refused);
    let outside = "System.IndexOutOfRangeException: Index was outside the bounds of the array.";
    assert_eq!(outcome(array::get(&strings, 1)), outside);
    assert_eq!(outcome(array::get(&strings, -1)), outside);
}

#[test]
fn bytes_are_bytes() {
    let bytes = new_array(Type::BYTE, vec![Value::Byte(1), Value::Byte(255)]);
    assert_eq!(array::bytes(&bytes), Some(vec![1, 255]));
    assert_eq!(array::bytes(&ints(&[1])), None);
    assert_eq!(show(&bytes), "[1,255]");
}

#[test]
fn run_time_types_follow_classes_interfaces_and_variance() {
    let is = |v: &Value, t: &Type| cast::is_instance(table(), v, t);
    let (strings, numbers) = (from_strings(["a"]), ints(&[1]));
    let list = new_list(Type::STRING, vec![]);
    assert!(is(&strings, &Type::enumerable(Type::OBJECT)));
    assert!(is(&strings, &Type::array(Type::OBJECT)));
    assert!(is(&list, &Type::generic(ids::READ_ONLY_LIST_T, [Type::OBJECT])));
    assert!(!is(&list, &Type::generic(ids::ILIST_T, [Type::OBJECT])));
    assert!(!is(&numbers, &Type::enumerable(Type::OBJECT)));
    assert!(is(&numbers, &Type::Simple(ids::ENUMERABLE)));
    assert!(is(&Value::Int32(1), &Type::nullable(Type::INT)));
    assert!(!is(&Value::Null, &Type::OBJECT));
}

#[test]
fn interface_members_reach_every_kind_of_object() {
    let add = |target: &Value| {
        let mut args = [target.clone(), Value::Int32(7)];
        outcome(call("System.Collections.Generic.ICollection`1", "void Add(T item)", &[Type::INT], &mut args))
    };
    let list = new_list(Type::INT, vec![]);
    assert_eq!(add(&list), "null");
    assert_eq!(show(&list), "[7]");
    assert_eq!(add(&ints(&[])), "System.NotSupportedException: Collection was of a fixed size.");
}

#[test]
fn equality_of_tuples_and_anonymous_objects_is_by_content() {
    let tuple = || new_tuple(vec![Value::Int32(1), Value::str("a")], vec![Type::INT, Type::STRING]);
    assert!(crate::object::equals(&tuple(), &tuple()));
    assert_eq!(crate::object::hash_code(&tuple()), crate::object::hash_code(&tuple()));
    let shape = std::sync::Arc::new(Shape { fields: vec![("A".into(), Type::INT), ("B".into(), Type::STRING)] });
    let object = || new_anonymous(shape.clone(), vec![Value::Int32(1), Value::str("x")]);
    assert!(crate::object::equals(&object(), &object()));
    assert_eq!(outcome(crate::object::text(&mut Bench::default(), &object()).map(Value::Str)), "{ A = 1, B = x }");
}

#[test]
fn queries_start_when_they_are_walked() {
    let source = new_list(Type::INT, vec![Value::Int32(1)]);
    let double = lambda(|args| match args[0] {
        Value::Int32(n) => Ok(Value::Int32(n * 2)),
        _ => Err(Exception::null_reference()),
    });
    let signature = "static IEnumerable<R> Select<T, R>(this IEnumerable<T> source, Func<T, R> selector)";
    let query = call(ENUMERABLE, signature, &[Type::INT, Type::INT], &mut [source.clone(), double]).unwrap();
    list::list(&source).unwrap().push(&mut Bench::default(), Value::Int32(5)).unwrap();
    assert_eq!(show(&query), "[2,10]");
}

#[test]
fn chains_of_queries_are_bounded() {
    let signature = "static IEnumerable<T> Skip<T>(this IEnumerable<T> source, int count)";
    let mut query = ints(&[1]);
    let mut last = Ok(Value::Null);
    for _ in 0..1000 {
        last = call(ENUMERABLE, signature, &[Type::INT], &mut [query.clone(), Value::Int32(0)]);
        match &last {
            Ok(longer) => query = longer.clone(),
            Err(_) => break,
        }
    }
    assert!(last.unwrap_err().is_limit());
    assert_eq!(show(&query), "[1]");
}

#[test]
fn sequences_without_end_stop_at_the_bound() {
    let repeat = "static IEnumerable<T> Repeat<T>(T element, int count)";
    let endless = call(ENUMERABLE, repeat, &[Type::INT], &mut [Value::Int32(1), Value::Int32(i32::MAX)]).unwrap();
    let count = "static int Count<T>(this IEnumerable<T> source)";
    let to_list = "static List<T> ToList<T>(this IEnumerable<T> source)";
    for member in [count, to_list] {
        let cx = &mut Bench { steps: 100_000, ..Bench::default() };
        let stopped = call_in(cx, ENUMERABLE, member, &[Type::INT], &mut [endless.clone()]);
        assert!(stopped.unwrap_err().is_limit(), "{member}");
    }
}

#[test]
fn growth_is_charged() {
    let cx = &mut Bench { bytes: 10_000, ..Bench::default() };
    let list = new_list(Type::INT, vec![]);
    let mut args = [list, Value::Int32(1)];
    let grown = (0..100_000).try_for_each(|_| {
        args[1] = Value::Int32(1);
        call_in(cx, LIST, "void Add(T item)", &[Type::INT], &mut args).map(drop)
    });
    assert!(grown.unwrap_err().is_limit());
    assert!(array::new_default(&mut Bench::default(), Type::INT, i64::from(i32::MAX)).unwrap_err().is_limit());
}

#[test]
fn sorting_survives_a_comparison_that_makes_no_sense() {
    let absurd = lambda(|_| Ok(Value::Int32(1)));
    let list = new_list(Type::INT, (0..100).map(Value::Int32).collect());
    let mut args = [list.clone(), absurd];
    call(LIST, "void Sort(Comparison<T> comparison)", &[Type::INT], &mut args).unwrap();
    assert_eq!(list::list(&list).unwrap().len(), 100);
}
