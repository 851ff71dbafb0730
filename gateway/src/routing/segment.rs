//! One path segment: comparison without case and with percent-decoding, and a map from literal segments to values.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Hash maps keyed by an already mixed number need no second hash.
#[derive(Default)]
pub(super) struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// FNV-1a over the lower-case bytes. The keys come from the configuration, so an attacker can only choose what is looked
/// up: a collision costs one more comparison.
fn folded_hash(text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash ^= u64::from(byte.to_ascii_lowercase());
        hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^ (hash >> 29)
}

type Slots<T> = HashMap<u64, Vec<(Box<str>, T)>, BuildHasherDefault<Mixed>>;

/// Literal segments (decoded, any case) mapped to values.
#[derive(Debug, Clone)]
pub(super) struct SegmentMap<T> {
    slots: Slots<T>,
}

impl<T> Default for SegmentMap<T> {
    fn default() -> Self {
        Self { slots: HashMap::default() }
    }
}

impl<T> SegmentMap<T> {
    pub(super) fn get(&self, segment: &str) -> Option<&T> {
        if self.slots.is_empty() {
            return None;
        }
        let decoded = decode(segment);
        let slot = self.slots.get(&folded_hash(&decoded))?;
        slot.iter().find(|(key, _)| key.eq_ignore_ascii_case(&decoded)).map(|(_, value)| value)
    }

    pub(super) fn entry(&mut self, literal: &str, make: impl FnOnce() -> T) -> &mut T {
        let decoded = decode(literal).into_owned();
        let slot = self.slots.entry(folded_hash(&decoded)).or_default();
        let at = match slot.iter().position(|(key, _)| key.eq_ignore_ascii_case(&decoded)) {
            Some(at) => at,
            None => {
                slot.push((decoded.into_boxed_str(), make()));
                slot.len() - 1
            }
        };
        #[expect(clippy::indexing_slicing, reason = "the position was found or pushed on the line above")]
        &mut slot[at].1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub(super) fn for_each_mut(&mut self, run: &mut dyn FnMut(&mut T)) {
        self.slots.values_mut().flatten().for_each(|(_, value)| run(value));
    }
}

/// The segment with its percent-encoded octets decoded; text that is not valid UTF-8 afterwards stays as it was.
pub(super) fn decode(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if let (b'%', [high, low, after @ ..]) = (first, tail)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            bytes.push(high << 4 | low);
            rest = after;
            continue;
        }
        bytes.push(*first);
        rest = tail;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(segment),
    }
}

fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Whether two segments are the same text, case and percent-encoding aside.
pub(super) fn same(one: &str, other: &str) -> bool {
    decode(one).eq_ignore_ascii_case(&decode(other))
}

/// Splits the first segment off a path that starts with a slash: `/a/b` gives `a` and `/b`.
pub(super) fn split_first(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix('/')?;
    match path.find('/') {
        Some(at) => path.split_at_checked(at),
        None => Some((path, "")),
    }
}

/// A segment without its `;rev=N` marker, and the N.
pub(super) fn split_revision(segment: &str) -> (&str, Option<&str>) {
    const MARKER: &[u8] = b";rev=";
    let found = segment.as_bytes().windows(MARKER.len()).position(|window| window.eq_ignore_ascii_case(MARKER));
    match found.and_then(|at| Some((segment.get(..at)?, segment.get(at + MARKER.len()..)?))) {
        Some((plain, revision)) if !revision.is_empty() => (plain, Some(revision)),
        _ => (segment, None),
    }
}
