//! Just enough of DER to walk over certificates: items one after another, and object identifiers.

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// Bytes of a long length that are read; more is no certificate.
const LENGTH_BYTES: usize = 4;

/// One item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// With tag and length.
    pub(super) whole: &'a [u8],
}

/// The items that follow each other in these bytes, up to the end or to what is none.
pub(super) struct Items<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        let (tag, rest) = self.0.split_first()?;
        let (length, rest) = length(rest)?;
        let (content, after) = rest.split_at_checked(length)?;
        let (whole, _) = self.0.split_at_checked(self.0.len() - after.len())?;
        self.0 = after;
        Some(Item { tag: *tag, content, whole })
    }
}

fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first < 0x80 {
        return Some((usize::from(*first), rest));
    }
    let count = usize::from(*first & 0x7F);
    if count == 0 || count > LENGTH_BYTES {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(count)?;
    Some((digits.iter().fold(0, |n, d| n << 8 | usize::from(*d)), rest))
}

/// The items of the first item, which must be of this tag.
pub(super) fn inside(bytes: &[u8], tag: u8) -> Option<Items<'_>> {
    Items(bytes).next().filter(|i| i.tag == tag).map(|i| Items(i.content))
}

/// `1.2.840.113549` of the content of an object identifier.
pub(super) fn oid(content: &[u8]) -> Option<String> {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0_u64;
    for byte in content {
        number = number.checked_mul(128)?.checked_add(u64::from(byte & 0x7F))?;
        if byte & 0x80 == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    if content.last().is_none_or(|b| b & 0x80 != 0) {
        return None;
    }
    let (first, rest) = numbers.split_first()?;
    let top = (first / 40).min(2);
    let mut text = format!("{top}.{}", first - top * 40);
    for n in rest {
        text.push_str(&format!(".{n}"));
    }
    Some(text)
}

/// A whole number that fits.
pub(super) fn int(content: &[u8]) -> Option<i32> {
    let first = *content.first()?;
    let start = if first & 0x80 == 0 { 0 } else { -1 };
    content.iter().try_fold(start, |n: i32, b| n.checked_mul(256)?.checked_add(i32::from(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_over_items() {
        let bytes = [0x30, 3, 0x02, 1, 5, 0x04, 0x81, 1, 9, 0x05];
        let items: Vec<_> = Items(&bytes).collect();
        assert_eq!(
            items.iter().map(|i| (i.tag, i.content)).collect::<Vec<_>>(),
            [(SEQUENCE, &[2, 1, 5][..]), (OCTET_STRING, &[9])]
        );
        assert_eq!(items[1].whole, [0x04, 0x81, 1, 9]);
        assert_eq!(inside(&bytes, SEQUENCE).unwrap().next().map(|i| int(i.content)), Some(Some(5)));
        assert!(inside(&bytes, OCTET_STRING).is_none());
        for broken in
            [&[0x30, 5, 1][..], &[0x30, 0x80], &[0x30, 0x85, 1, 1, 1, 1, 1], &[0x30, 0x84, 255, 255, 255, 255], &[]]
        {
            assert_eq!(Items(broken).next(), None);
        }
    }

    #[test]
    fn identifiers() {
        assert_eq!(oid(&[0x55, 0x1D, 0x11]).as_deref(), Some("2.5.29.17"));
        assert_eq!(oid(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D]).as_deref(), Some("1.2.840.113549"));
        assert_eq!(oid(&[0x88, 0x37]).as_deref(), Some("2.999"));
        assert_eq!(oid(&[0x2A, 0x86]), None);
        assert_eq!(oid(&[]), None);
        assert_eq!(oid(&[0xFF; 12]), None);
        assert_eq!((int(&[0x80]), int(&[1, 0]), int(&[0x7F, 255, 255, 255, 255])), (Some(-128), Some(256), None));
    }
}
