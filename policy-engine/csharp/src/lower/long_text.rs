//! Lengths of texts and units at positions of them. A loop over the characters of a text asks for one after the other, and each answer
//! would walk the text: a frame keeps the long texts it was asked about last, with what it takes to answer at once.
use dotnet::{Ambient, Exception, Result, Str, Value, utf16};
use smallvec::SmallVec;

use super::frame::Frame;
use super::ready::pay_for;

/// Texts from this length on, in bytes, are kept; shorter ones are walked about as fast.
pub(super) const LONG: usize = 256;
/// How many: enough to compare two with each other.
const KEPT: usize = 2;

/// Texts asked about; the one replaced longest ago goes first.
#[derive(Default)]
pub(super) struct LongTexts {
    known: SmallVec<[Known; KEPT]>,
    next: usize,
}

struct Known {
    text: Str,
    units: Units,
}

enum Units {
    /// A unit is a byte.
    Ascii,
    /// Asked about once: that may be all.
    Asked,
    Listed(Vec<u16>),
}

impl Known {
    fn len(&self) -> usize {
        match &self.units {
            Units::Ascii => self.text.len(),
            Units::Asked => utf16::len(&self.text),
            Units::Listed(units) => units.len(),
        }
    }

    fn unit(&self, at: usize) -> Option<u16> {
        match &self.units {
            Units::Ascii => self.text.as_bytes().get(at).map(|b| u16::from(*b)),
            Units::Asked => utf16::unit(&self.text, at),
            Units::Listed(units) => units.get(at).copied(),
        }
    }
}

impl LongTexts {
    fn known(&mut self, cx: &mut dyn Ambient, text: &Str) -> Result<Option<&Known>> {
        let at = match self.known.iter().position(|k| Str::ptr_eq(&k.text, text)) {
            Some(at) => at,
            None => {
                pay_for(cx, text)?;
                let units = if text.is_ascii() { Units::Ascii } else { Units::Asked };
                return Ok(self.keep(Known { text: text.clone(), units }));
            }
        };
        let Some(known) = self.known.get_mut(at) else { return Ok(None) };
        if let Units::Asked = known.units {
            pay_for(cx, text)?;
            cx.charge_bytes(text.len().saturating_mul(size_of::<u16>()))?;
            known.units = Units::Listed(utf16::units(text));
        }
        Ok(Some(known))
    }

    fn keep(&mut self, known: Known) -> Option<&Known> {
        let at = self.next;
        self.next = (at + 1) % KEPT;
        match self.known.get_mut(at) {
            Some(old) => *old = known,
            None => self.known.push(known),
        }
        self.known.get(at)
    }
}

impl Frame<'_> {
    /// `text.Length`
    pub(super) fn text_length(&mut self, text: &Value) -> Result<usize> {
        match text {
            Value::Str(s) if s.len() < LONG => Ok(utf16::len(s)),
            Value::Str(s) => {
                let (cx, texts) = self.long_texts();
                Ok(texts.known(cx, s)?.map_or(0, Known::len))
            }
            _ => Err(Exception::null_reference()),
        }
    }

    /// `text[at]`; `None` past its end.
    pub(super) fn text_unit(&mut self, text: &Str, at: usize) -> Result<Option<u16>> {
        if text.len() < LONG {
            return Ok(utf16::unit(text, at));
        }
        let (cx, texts) = self.long_texts();
        Ok(texts.known(cx, text)?.and_then(|known| known.unit(at)))
    }
}
