//! UTF-7 as .NET reads and writes it: letters stand for themselves, everything else is Base64 of UTF-16 between `+` and `-`.
use crate::utf16;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DIRECT: &[u8] = b"\t\n\r '(),-./:?";
/// Characters that a lenient encoder leaves as they are.
const OPTIONAL: &[u8] = b"!\"#$%&*;<=>@[]^_`{|}";
const BITS_PER_DIGIT: u32 = 6;
const BITS_PER_UNIT: u32 = 16;

/// Base64 digits that are being written: bits that make no digit yet.
struct Open {
    bits: u32,
    count: u32,
}

impl Open {
    fn push(&mut self, unit: u16, out: &mut Vec<u8>) {
        self.bits = (self.bits & 0x3F) << BITS_PER_UNIT | u32::from(unit);
        self.count += BITS_PER_UNIT;
        while self.count >= BITS_PER_DIGIT {
            self.count -= BITS_PER_DIGIT;
            out.push(digit(self.bits >> self.count));
        }
    }

    fn close(self, out: &mut Vec<u8>) {
        if self.count > 0 {
            out.push(digit(self.bits << (BITS_PER_DIGIT - self.count)));
        }
        out.push(b'-');
    }
}

fn digit(bits: u32) -> u8 {
    usize::try_from(bits & 0x3F).ok().and_then(|n| DIGITS.get(n).copied()).unwrap_or(b'A')
}

fn value(byte: u8) -> Option<u32> {
    DIGITS.iter().position(|d| *d == byte).and_then(|n| u32::try_from(n).ok())
}

/// The bytes of a text.
pub(super) fn encode(text: &str, optionals: bool) -> Vec<u8> {
    let (mut out, mut open) = (Vec::new(), None::<Open>);
    for unit in utf16::iter(text) {
        let direct = u8::try_from(unit)
            .ok()
            .filter(|b| b.is_ascii_alphanumeric() || DIRECT.contains(b) || (optionals && OPTIONAL.contains(b)));
        match (direct, open.as_mut()) {
            (Some(byte), _) => {
                if let Some(open) = open.take() {
                    open.close(&mut out);
                }
                out.push(byte);
            }
            (None, None) if unit == u16::from(b'+') => out.extend(b"+-"),
            (None, None) => {
                out.push(b'+');
                open.insert(Open { bits: 0, count: 0 }).push(unit, &mut out);
            }
            (None, Some(open)) => open.push(unit, &mut out),
        }
    }
    if let Some(open) = open {
        open.close(&mut out);
    }
    out
}

/// The text of bytes. What is no UTF-7 is taken for Latin-1, but for zeros, which vanish.
pub(super) fn decode(bytes: &[u8]) -> String {
    let mut units = Vec::with_capacity(bytes.len());
    // Bits and how many, while in Base64; and whether nothing came after the `+` yet.
    let (mut open, mut fresh) = (None::<(u32, u32)>, false);
    for byte in bytes.iter().copied() {
        match open.take() {
            Some((bits, count)) => match value(byte) {
                Some(six) => {
                    fresh = false;
                    let (bits, count) = (bits << BITS_PER_DIGIT | six, count + BITS_PER_DIGIT);
                    if count >= BITS_PER_UNIT {
                        let count = count - BITS_PER_UNIT;
                        units.push(u16::try_from(bits >> count & 0xFFFF).unwrap_or(0));
                        open = Some((bits, count));
                    } else {
                        open = Some((bits, count));
                    }
                }
                None if byte != b'-' => units.extend(Some(u16::from(byte)).filter(|u| *u != 0)),
                None if fresh => units.push(u16::from(b'+')),
                None => {}
            },
            None if byte == b'+' => (open, fresh) = (Some((0, 0)), true),
            None => units.push(u16::from(byte)),
        }
    }
    utf16::text(&units)
}
