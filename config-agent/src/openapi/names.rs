//! Names of operations, as the management plane makes them on import.

use std::collections::BTreeSet;

/// Length at which a made name is cut.
const MAX_ID_CHARS: usize = 76;

/// Lower case; every run of other characters becomes one `-`; none at the ends; cut at 76.
pub(crate) fn normalise_id(text: &str) -> String {
    let mut id = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            id.push(c.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let cut: String = id.trim_end_matches('-').chars().take(MAX_ID_CHARS).collect();
    cut.trim_end_matches('-').to_owned()
}

/// The name itself, or with `-1`, `-2` ... behind it when it is taken.
pub(crate) fn unique_id(wanted: String, taken: &mut BTreeSet<String>) -> String {
    let mut id = wanted.clone();
    let mut number = 0_usize;
    while !taken.insert(id.to_ascii_lowercase()) {
        number = number.saturating_add(1);
        id = format!("{wanted}-{number}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules_of_the_import() {
        assert_eq!(normalise_id("Get /Orders/{id}__now!"), "get-orders-id-now");
        assert_eq!(normalise_id(&"x".repeat(100)).len(), 76);
        let mut taken = BTreeSet::new();
        let ids: Vec<_> = ["a", "A", "a"].map(|id| unique_id(id.to_owned(), &mut taken)).into();
        assert_eq!(ids, ["a", "A-1", "a-2"]);
    }
}
