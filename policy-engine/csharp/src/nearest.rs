//! The name that was probably meant by one that is unknown.

/// The name that was probably meant: least edit distance, at most a third of the length, letter case counting least.
///
/// Failing that, the shortest name that goes on from what was written (`ToInt` for `ToInt16`, `ToInt32`).
pub(crate) fn nearest<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let limit = (wrong.chars().count() / 3).clamp(1, 3);
    let names: Vec<&str> = names.collect();
    let longer = || {
        let goes_on = |n: &&&str| {
            wrong.chars().count() > 3
                && **n != wrong
                && n.len() <= wrong.len().saturating_mul(2)
                && n.starts_with(wrong)
        };
        names.iter().filter(goes_on).min_by_key(|n| n.len()).map(|n| (*n).to_owned())
    };
    let near = names
        .iter()
        .copied()
        .filter(|n| *n != wrong && n.len().abs_diff(wrong.len()) <= limit)
        .map(|n| (distance(&wrong.to_lowercase(), &n.to_lowercase()), n))
        .filter(|(d, _)| *d <= limit)
        .min()
        .map(|(_, n)| n.to_owned());
    near.or_else(longer)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut last = i;
        let mut before = i.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let change = last.saturating_add(usize::from(x != *y));
            last = *cell;
            before = change.min(last.saturating_add(1)).min(before.saturating_add(1));
            *cell = before;
        }
    }
    row.last().copied().unwrap_or(0)
}
