//! Identities of the types that this folder defines beyond those the language knows.
use crate::types::TypeId;

macro_rules! names {
    ($($name:ident = $text:literal;)*) => { $(#[doc = concat!("`", $text, "`")] pub const $name: TypeId = TypeId($text);)* };
}

names! {
    COLLECTION = "System.Collections.ICollection";
    COMPARER = "System.Collections.IComparer";
    EQUALITY_COMPARER = "System.Collections.IEqualityComparer";
    ISET_T = "System.Collections.Generic.ISet`1";
    EQUALITY_COMPARER_T = "System.Collections.Generic.IEqualityComparer`1";
    COMPARER_T = "System.Collections.Generic.IComparer`1";
    DEFAULT_EQUALITY_COMPARER_T = "System.Collections.Generic.EqualityComparer`1";
    DEFAULT_COMPARER_T = "System.Collections.Generic.Comparer`1";
    KEY_COLLECTION_T = "System.Collections.Generic.Dictionary+KeyCollection`2";
    VALUE_COLLECTION_T = "System.Collections.Generic.Dictionary+ValueCollection`2";
    HASH_SET_T = "System.Collections.Generic.HashSet`1";
    SORTED_DICTIONARY_T = "System.Collections.Generic.SortedDictionary`2";
    SORTED_LIST_T = "System.Collections.Generic.SortedList`2";
    SORTED_SET_T = "System.Collections.Generic.SortedSet`1";
    QUEUE_T = "System.Collections.Generic.Queue`1";
    STACK_T = "System.Collections.Generic.Stack`1";
    LINKED_LIST_T = "System.Collections.Generic.LinkedList`1";
    LINKED_LIST_NODE_T = "System.Collections.Generic.LinkedListNode`1";
    READ_ONLY_COLLECTION_OBJECT_T = "System.Collections.ObjectModel.ReadOnlyCollection`1";
    READ_ONLY_DICTIONARY_OBJECT_T = "System.Collections.ObjectModel.ReadOnlyDictionary`2";
    COLLECTION_EXTENSIONS = "System.Collections.Generic.CollectionExtensions";
    ENUMERABLE_CLASS = "System.Linq.Enumerable";
    LOOKUP_T = "System.Linq.ILookup`2";
}
