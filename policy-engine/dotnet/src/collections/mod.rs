//! Arrays, tuples, anonymous objects, `System.Collections` and LINQ.
//!
//! What other packages need is re-exported here: making and reading arrays, lists, dictionaries, tuples and anonymous objects,
//! walking any sequence, run-time type tests. Start with [`array`] and [`enumerator`].
pub(crate) mod annotations;
pub mod anonymous;
pub mod array;
mod array_general;
mod array_list;
mod array_members;
mod array_segment;
mod capacity;
pub mod cast;
pub mod comparer;
pub mod dictionary;
mod dictionary_members;
pub mod dispatch;
pub mod enumerator;
pub mod graveyard;
pub mod grid;
pub(crate) mod hash;
pub mod hash_set;
pub(crate) mod interfaces;
pub mod key_value_pair;
mod linked_list;
mod linq;
pub mod list;
mod list_members;
pub mod names;
pub mod nesting;
mod queue;
pub(crate) mod read_only;
pub(crate) mod search;
mod set_comparer;
mod settled;
mod sorted;
mod sorting;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod tuple;

pub use anonymous::new_anonymous;
pub use array::{from_bytes, from_strings, new_array};
pub use cast::{default_value, is_instance, unbox};
pub use dictionary::new_dictionary;
pub use enumerator::{enumerate, enumerate_as, new_enumerator, to_vec};
pub use linq::{no_elements, no_match};
pub use list::new_list;
pub use tuple::new_tuple;

use crate::table::Builder;

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    interfaces::define(b);
    enumerator::define(b);
    comparer::define(b);
    key_value_pair::define(b);
    array_members::define(b);
    array_general::define(b);
    list_members::define(b);
    array_list::define(b);
    array_segment::define(b);
    dictionary_members::define(b);
    hash_set::define(b);
    set_comparer::define(b);
    queue::define(b);
    sorted::define(b);
    linked_list::define(b);
    grid::define(b);
    linq::define(b);
    read_only::define(b);
}
