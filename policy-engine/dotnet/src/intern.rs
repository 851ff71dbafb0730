//! Texts that are one object in the whole process, as .NET interns literals: what one expression stores, another compares by reference
//! (`context.Variables["a"] == "b"`). Held weakly, so that they end with the programs and values that use them.
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock, Weak};

use hashbrown::HashTable;
use parking_lot::Mutex;

use crate::value::Str;

/// Texts whose holders are gone are swept when so many have come.
const FIRST_SWEEP: usize = 1024;

struct Texts {
    entries: HashTable<(u64, Weak<str>)>,
    hasher: RandomState,
    sweep_at: usize,
}

static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(|| {
    let (entries, hasher) = (HashTable::new(), RandomState::new());
    Mutex::new(Texts { entries, hasher, sweep_at: FIRST_SWEEP })
});

/// The one text of this content; `text` itself, if there was none.
pub fn literal(text: &Str) -> Str {
    let mut texts = TEXTS.lock();
    let texts = &mut *texts;
    let hash = texts.hasher.hash_one(&**text);
    let mut found = None;
    texts.entries.find(hash, |(known, held)| {
        found = (*known == hash).then(|| held.upgrade()).flatten().filter(|held| held == text);
        found.is_some()
    });
    if let Some(found) = found {
        return found;
    }
    if texts.entries.len() >= texts.sweep_at {
        texts.entries.retain(|(_, held)| held.strong_count() > 0);
        texts.sweep_at = texts.entries.len().saturating_mul(2).max(FIRST_SWEEP);
    }
    texts.entries.insert_unique(hash, (hash, Arc::downgrade(text)), |(hash, _)| *hash);
    text.clone()
}

/// `bool.ToString()`, a literal of .NET's own.
pub fn bool_text(value: bool) -> Str {
    static BOTH: LazyLock<[Str; 2]> = LazyLock::new(|| [literal(&"False".into()), literal(&"True".into())]);
    let [no, yes] = &*BOTH;
    if value { yes.clone() } else { no.clone() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{FIRST_SWEEP, bool_text, literal};
    use crate::value::Str;

    #[test]
    fn equal_literals_are_one_while_somebody_holds_them() {
        let first = literal(&"a literal of this test".into());
        for n in 0..FIRST_SWEEP * 3 {
            drop(literal(&Str::from(format!("passing {n}"))));
        }
        assert!(Arc::ptr_eq(&first, &literal(&"a literal of this test".into())));
        assert!(Arc::ptr_eq(&bool_text(true), &literal(&"True".into())));
    }
}
