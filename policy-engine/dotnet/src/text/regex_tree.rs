//! What a .NET pattern means: the tree between the reader of patterns and the program, and sets of characters.
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange, HirKind};

use super::regex_units;

/// A zero-width test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Assertion {
    /// `^` with `Multiline`
    LineStart,
    /// `$` with `Multiline`
    LineEnd,
    /// `\A`, `^`
    Start,
    /// `\z`
    End,
    /// `\Z`, `$`: the end or before a last line feed
    EndOrLastNewline,
    /// `\G`: where the search began
    SearchStart,
    /// `\b`
    Boundary,
    /// `\B`
    NotBoundary,
    /// `\b` of ECMAScript
    EcmaBoundary,
    /// `\B` of ECMAScript
    EcmaNotBoundary,
}

/// A piece of a pattern.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Empty,
    Char(char),
    Set(Set),
    Assert(Assertion),
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
    /// Pushes a capture on `group` (if any) and pops one of `pops` (balancing groups).
    Capture {
        group: Option<usize>,
        pops: Option<usize>,
        body: Box<Node>,
    },
    Loop {
        body: Box<Node>,
        min: u32,
        max: u32,
        lazy: bool,
    },
    Atomic(Box<Node>),
    Look {
        behind: bool,
        negative: bool,
        body: Box<Node>,
    },
    Backreference {
        group: usize,
        ignore_case: bool,
    },
    IfGroup {
        group: usize,
        yes: Box<Node>,
        no: Box<Node>,
    },
    IfLook {
        test: Box<Node>,
        yes: Box<Node>,
        no: Box<Node>,
    },
}

/// A set of characters: a bit map for ASCII, sorted ranges for the rest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Set {
    ascii: u128,
    ranges: Vec<(char, char)>,
}

impl Set {
    pub(super) fn new(class: &ClassUnicode) -> Set {
        let mut ascii = 0u128;
        let mut ranges = Vec::new();
        for r in class.ranges() {
            for code in u32::from(r.start())..=u32::from(r.end()).min(127) {
                ascii |= 1 << code;
            }
            if u32::from(r.end()) > 127 {
                ranges.push((r.start(), r.end()));
            }
        }
        Set { ascii, ranges }
    }

    pub(super) fn has(&self, c: char) -> bool {
        let code = u32::from(c);
        if code < 128 {
            return self.ascii >> code & 1 == 1;
        }
        let after = self.ranges.partition_point(|(_, end)| *end < c);
        self.ranges.get(after).is_some_and(|(start, _)| *start <= c)
    }

    /// Both together, for the set of first characters.
    pub(super) fn union(&self, other: &Set) -> Set {
        let all = self.ranges.iter().chain(&other.ranges).map(|(a, b)| ClassUnicodeRange::new(*a, *b));
        let merged = Set::new(&ClassUnicode::new(all));
        Set { ascii: self.ascii | other.ascii | merged.ascii, ranges: merged.ranges }
    }

    pub(super) fn single(c: char) -> Set {
        Set::new(&ClassUnicode::new([ClassUnicodeRange::new(c, c)]))
    }
}

/// Everything.
pub(super) fn any() -> ClassUnicode {
    ClassUnicode::new([ClassUnicodeRange::new('\0', char::MAX)])
}

/// One range.
pub(super) fn range(from: char, to: char) -> ClassUnicode {
    ClassUnicode::new([ClassUnicodeRange::new(from, to)])
}

/// Characters of a list of pairs.
pub(super) fn pairs(list: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(list.iter().map(|(a, b)| ClassUnicodeRange::new(*a, *b)))
}

fn parsed(pattern: &str) -> Option<ClassUnicode> {
    match regex_syntax::parse(pattern).ok()?.into_kind() {
        HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => Some(class),
        HirKind::Literal(text) => {
            let c = std::str::from_utf8(&text.0).ok()?.chars().next()?;
            Some(range(c, c))
        }
        _ => None,
    }
}

/// `\d`
pub(super) fn digit(ecma: bool) -> ClassUnicode {
    if ecma { range('0', '9') } else { parsed(r"\p{Nd}").unwrap_or_else(|| range('0', '9')) }
}

/// `\w`: letters, non-spacing marks, decimal digits and connectors (.NET, "Word character").
pub(super) fn word(ecma: bool) -> ClassUnicode {
    let ascii = pairs(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]);
    if ecma { ascii } else { parsed(r"[\p{L}\p{Mn}\p{Nd}\p{Pc}]").unwrap_or(ascii) }
}

/// `\s`
pub(super) fn space(ecma: bool) -> ClassUnicode {
    let ascii = pairs(&[('\t', '\r'), (' ', ' ')]);
    if ecma { ascii } else { parsed(r"\s").unwrap_or(ascii) }
}

/// The opposite.
pub(super) fn negate(mut class: ClassUnicode) -> ClassUnicode {
    class.negate();
    class
}

/// Adds the other case of every letter.
pub(super) fn fold(mut class: ClassUnicode) -> ClassUnicode {
    class.case_fold_simple();
    class
}

const CATEGORIES: &str =
    " L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Co Cn ";

/// `\p{name}`: a general category, or a block by .NET's name.
pub(super) fn property(name: &str) -> Option<ClassUnicode> {
    if name == "Cs" {
        return Some(regex_units::surrogates());
    }
    if !name.is_empty() && CATEGORIES.split(' ').any(|c| c == name) {
        let mut class = parsed(&format!(r"\p{{{name}}}"))?;
        // The stand-ins of surrogates are of no other category than that of surrogates.
        if name == "Co" {
            class.difference(&regex_units::surrogates());
        }
        return Some(class);
    }
    if let Some(block) = regex_units::block(name) {
        return Some(block);
    }
    let at = BLOCKS.binary_search_by_key(&name, |(n, _, _)| n).ok()?;
    let (_, from, to) = BLOCKS.get(at)?;
    Some(range(*from, *to))
}

/// Named blocks (.NET documentation, "Supported named blocks"), sorted by name.
const BLOCKS: &[(&str, char, char)] = &[
    ("IsAlphabeticPresentationForms", '\u{FB00}', '\u{FB4F}'),
    ("IsArabic", '\u{0600}', '\u{06FF}'),
    ("IsArabicPresentationForms-A", '\u{FB50}', '\u{FDFF}'),
    ("IsArabicPresentationForms-B", '\u{FE70}', '\u{FEFF}'),
    ("IsArmenian", '\u{0530}', '\u{058F}'),
    ("IsArrows", '\u{2190}', '\u{21FF}'),
    ("IsBasicLatin", '\u{0000}', '\u{007F}'),
    ("IsBengali", '\u{0980}', '\u{09FF}'),
    ("IsBlockElements", '\u{2580}', '\u{259F}'),
    ("IsBopomofo", '\u{3100}', '\u{312F}'),
    ("IsBopomofoExtended", '\u{31A0}', '\u{31BF}'),
    ("IsBoxDrawing", '\u{2500}', '\u{257F}'),
    ("IsBraillePatterns", '\u{2800}', '\u{28FF}'),
    ("IsBuhid", '\u{1740}', '\u{175F}'),
    ("IsCJKCompatibility", '\u{3300}', '\u{33FF}'),
    ("IsCJKCompatibilityForms", '\u{FE30}', '\u{FE4F}'),
    ("IsCJKCompatibilityIdeographs", '\u{F900}', '\u{FAFF}'),
    ("IsCJKRadicalsSupplement", '\u{2E80}', '\u{2EFF}'),
    ("IsCJKSymbolsandPunctuation", '\u{3000}', '\u{303F}'),
    ("IsCJKUnifiedIdeographs", '\u{4E00}', '\u{9FFF}'),
    ("IsCJKUnifiedIdeographsExtensionA", '\u{3400}', '\u{4DBF}'),
    ("IsCherokee", '\u{13A0}', '\u{13FF}'),
    ("IsCombiningDiacriticalMarks", '\u{0300}', '\u{036F}'),
    ("IsCombiningDiacriticalMarksforSymbols", '\u{20D0}', '\u{20FF}'),
    ("IsCombiningHalfMarks", '\u{FE20}', '\u{FE2F}'),
    ("IsCombiningMarksforSymbols", '\u{20D0}', '\u{20FF}'),
    ("IsControlPictures", '\u{2400}', '\u{243F}'),
    ("IsCurrencySymbols", '\u{20A0}', '\u{20CF}'),
    ("IsCyrillic", '\u{0400}', '\u{04FF}'),
    ("IsCyrillicSupplement", '\u{0500}', '\u{052F}'),
    ("IsDevanagari", '\u{0900}', '\u{097F}'),
    ("IsDingbats", '\u{2700}', '\u{27BF}'),
    ("IsEnclosedAlphanumerics", '\u{2460}', '\u{24FF}'),
    ("IsEnclosedCJKLettersandMonths", '\u{3200}', '\u{32FF}'),
    ("IsEthiopic", '\u{1200}', '\u{137F}'),
    ("IsGeneralPunctuation", '\u{2000}', '\u{206F}'),
    ("IsGeometricShapes", '\u{25A0}', '\u{25FF}'),
    ("IsGeorgian", '\u{10A0}', '\u{10FF}'),
    ("IsGreek", '\u{0370}', '\u{03FF}'),
    ("IsGreekExtended", '\u{1F00}', '\u{1FFF}'),
    ("IsGreekandCoptic", '\u{0370}', '\u{03FF}'),
    ("IsGujarati", '\u{0A80}', '\u{0AFF}'),
    ("IsGurmukhi", '\u{0A00}', '\u{0A7F}'),
    ("IsHalfwidthandFullwidthForms", '\u{FF00}', '\u{FFEF}'),
    ("IsHangulCompatibilityJamo", '\u{3130}', '\u{318F}'),
    ("IsHangulJamo", '\u{1100}', '\u{11FF}'),
    ("IsHangulSyllables", '\u{AC00}', '\u{D7AF}'),
    ("IsHanunoo", '\u{1720}', '\u{173F}'),
    ("IsHebrew", '\u{0590}', '\u{05FF}'),
    ("IsHiragana", '\u{3040}', '\u{309F}'),
    ("IsIPAExtensions", '\u{0250}', '\u{02AF}'),
    ("IsIdeographicDescriptionCharacters", '\u{2FF0}', '\u{2FFF}'),
    ("IsKanbun", '\u{3190}', '\u{319F}'),
    ("IsKangxiRadicals", '\u{2F00}', '\u{2FDF}'),
    ("IsKannada", '\u{0C80}', '\u{0CFF}'),
    ("IsKatakana", '\u{30A0}', '\u{30FF}'),
    ("IsKatakanaPhoneticExtensions", '\u{31F0}', '\u{31FF}'),
    ("IsKhmer", '\u{1780}', '\u{17FF}'),
    ("IsKhmerSymbols", '\u{19E0}', '\u{19FF}'),
    ("IsLao", '\u{0E80}', '\u{0EFF}'),
    ("IsLatin-1Supplement", '\u{0080}', '\u{00FF}'),
    ("IsLatinExtended-A", '\u{0100}', '\u{017F}'),
    ("IsLatinExtended-B", '\u{0180}', '\u{024F}'),
    ("IsLatinExtendedAdditional", '\u{1E00}', '\u{1EFF}'),
    ("IsLetterlikeSymbols", '\u{2100}', '\u{214F}'),
    ("IsLimbu", '\u{1900}', '\u{194F}'),
    ("IsMalayalam", '\u{0D00}', '\u{0D7F}'),
    ("IsMathematicalOperators", '\u{2200}', '\u{22FF}'),
    ("IsMiscellaneousMathematicalSymbols-A", '\u{27C0}', '\u{27EF}'),
    ("IsMiscellaneousMathematicalSymbols-B", '\u{2980}', '\u{29FF}'),
    ("IsMiscellaneousSymbols", '\u{2600}', '\u{26FF}'),
    ("IsMiscellaneousSymbolsandArrows", '\u{2B00}', '\u{2BFF}'),
    ("IsMiscellaneousTechnical", '\u{2300}', '\u{23FF}'),
    ("IsMongolian", '\u{1800}', '\u{18AF}'),
    ("IsMyanmar", '\u{1000}', '\u{109F}'),
    ("IsNumberForms", '\u{2150}', '\u{218F}'),
    ("IsOgham", '\u{1680}', '\u{169F}'),
    ("IsOpticalCharacterRecognition", '\u{2440}', '\u{245F}'),
    ("IsOriya", '\u{0B00}', '\u{0B7F}'),
    ("IsPhoneticExtensions", '\u{1D00}', '\u{1D7F}'),
    ("IsPrivateUse", '\u{E000}', '\u{F8FF}'),
    ("IsPrivateUseArea", '\u{E000}', '\u{F8FF}'),
    ("IsRunic", '\u{16A0}', '\u{16FF}'),
    ("IsSinhala", '\u{0D80}', '\u{0DFF}'),
    ("IsSmallFormVariants", '\u{FE50}', '\u{FE6F}'),
    ("IsSpacingModifierLetters", '\u{02B0}', '\u{02FF}'),
    ("IsSpecials", '\u{FFF0}', '\u{FFFF}'),
    ("IsSuperscriptsandSubscripts", '\u{2070}', '\u{209F}'),
    ("IsSupplementalArrows-A", '\u{27F0}', '\u{27FF}'),
    ("IsSupplementalArrows-B", '\u{2900}', '\u{297F}'),
    ("IsSupplementalMathematicalOperators", '\u{2A00}', '\u{2AFF}'),
    ("IsSyriac", '\u{0700}', '\u{074F}'),
    ("IsTagalog", '\u{1700}', '\u{171F}'),
    ("IsTagbanwa", '\u{1760}', '\u{177F}'),
    ("IsTaiLe", '\u{1950}', '\u{197F}'),
    ("IsTamil", '\u{0B80}', '\u{0BFF}'),
    ("IsTelugu", '\u{0C00}', '\u{0C7F}'),
    ("IsThaana", '\u{0780}', '\u{07BF}'),
    ("IsThai", '\u{0E00}', '\u{0E7F}'),
    ("IsTibetan", '\u{0F00}', '\u{0FFF}'),
    ("IsUnifiedCanadianAboriginalSyllabics", '\u{1400}', '\u{167F}'),
    ("IsVariationSelectors", '\u{FE00}', '\u{FE0F}'),
    ("IsYiRadicals", '\u{A490}', '\u{A4CF}'),
    ("IsYiSyllables", '\u{A000}', '\u{A48F}'),
    ("IsYijingHexagramSymbols", '\u{4DC0}', '\u{4DFF}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_sorted_for_the_search() {
        assert!(BLOCKS.windows(2).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn every_category_is_known() {
        for name in CATEGORIES.split_whitespace() {
            assert!(property(name).is_some(), "{name}");
        }
        assert!(property("Foo").is_none());
    }
}
