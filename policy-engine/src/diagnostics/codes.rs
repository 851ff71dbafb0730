//! Numbers of findings, grouped by hundreds. A number is never used again for something else.

macro_rules! codes {
    ($(#[doc = $doc:literal] $name:ident = $number:literal;)*) => {
        $(#[doc = $doc] pub const $name: u16 = $number;)*
        /// Every number with its name and meaning, for `docs/errors.md` and the test of uniqueness.
        pub const ALL: &[(u16, &str, &str)] = &[$(($number, stringify!($name), $doc)),*];
    };
}

codes! {
    // 01xx: the XML as such
    /// The text is not well-formed.
    MALFORMED_XML = 101;
    /// An end tag does not match its start tag.
    TAG_MISMATCH = 102;
    /// An element is never closed.
    UNCLOSED = 103;
    /// An attribute stands twice.
    DUPLICATE_ATTRIBUTE = 104;
    /// An entity is unknown.
    BAD_ENTITY = 105;
    /// An expression has no end.
    EXPRESSION_NEVER_ENDS = 106;
    /// Elements are nested too deeply.
    TOO_DEEP = 107;
    /// The text is too large.
    TOO_LARGE = 108;
    // 02xx: the document
    /// The root element is not the expected one.
    WRONG_ROOT = 201;
    /// A child of `policies` is not a section.
    UNKNOWN_SECTION = 202;
    /// A section stands twice.
    DUPLICATE_SECTION = 203;
    /// More than one `base` in a section.
    DUPLICATE_BASE = 204;
    /// `base` inside a fragment.
    BASE_IN_FRAGMENT = 205;
    /// A section element inside a fragment.
    SECTION_IN_FRAGMENT = 206;
    /// A fragment includes another.
    NESTED_FRAGMENT = 207;
    /// Text between policies.
    STRAY_TEXT = 208;
    // 03xx: policies
    /// No such policy.
    UNKNOWN_POLICY = 301;
    /// A known policy that this version does not run.
    UNSUPPORTED_POLICY = 302;
    /// Not allowed in this section.
    WRONG_SECTION = 303;
    /// Not allowed at this scope.
    WRONG_SCOPE = 304;
    /// Stands more often than allowed.
    REPEATED_POLICY = 305;
    /// A policy was left out on request.
    SKIPPED_POLICY = 306;
    /// No such attribute.
    UNKNOWN_ATTRIBUTE = 310;
    /// A required attribute is missing.
    MISSING_ATTRIBUTE = 311;
    /// The value cannot be read as what the attribute holds.
    BAD_VALUE = 312;
    /// An expression where only a literal may stand.
    EXPRESSION_NOT_ALLOWED = 313;
    /// Attributes that exclude each other.
    CONFLICTING_ATTRIBUTES = 314;
    /// No such child element.
    UNKNOWN_CHILD = 320;
    /// A required child is missing.
    MISSING_CHILD = 321;
    /// A child stands too often.
    REPEATED_CHILD = 322;
    /// Text where none is expected.
    UNEXPECTED_TEXT = 323;
    /// A form of a known policy that this version does not run.
    UNSUPPORTED_FORM = 324;
    /// The policy has no effect as written.
    NO_EFFECT = 330;
    // 04xx: references
    /// No named value of that name, or none that has a value.
    UNKNOWN_NAMED_VALUE = 401;
    /// No fragment of that id.
    UNKNOWN_FRAGMENT = 402;
    /// No backend of that id.
    UNKNOWN_BACKEND = 403;
    /// No certificate of that id or thumbprint.
    UNKNOWN_CERTIFICATE = 404;
    /// No logger of that id that events can be sent to (warning).
    UNKNOWN_LOGGER = 405;
    // 05xx: expressions
    /// The C# does not compile; `csharp_code` says more.
    EXPRESSION = 501;
    /// The expression's type does not fit.
    EXPRESSION_TYPE = 502;
    /// Text stands before or behind an expression, so that the whole is a literal.
    TEXT_AFTER_EXPRESSION = 503;
    /// The C# is legal but rarely meant.
    EXPRESSION_LINT = 504;
    /// A literal that looks like an expression without its `@(`.
    LOOKS_LIKE_EXPRESSION = 505;
    // 06xx: chains
    /// A policy that reads bodies where bodies only stream.
    BODY_IN_STREAM = 601;
    /// A variable is read that no policy of the chain sets, or none before (warning).
    VARIABLE_NEVER_SET = 602;
    /// A body is read that was read before without `preserveContent` (warning).
    BODY_READ_TWICE = 603;
    /// A body is to be sent that was read before without `preserveContent` (warning).
    BODY_LOST = 604;
}

/// Warnings of the C# compiler, for `docs/errors.md`.
pub const LINTS: &[(u16, &str)] = &[
    (3901, "An `object` compared with a text: references are compared, not texts (CS0252)."),
    (3902, "A text compared with an `object`: references are compared, not texts (CS0253)."),
    (
        3903,
        "A date or a fraction is read by the culture of the machine. The gateway's is always the invariant one, so the sender's form may be taken for another: `03/04` is March.",
    ),
    (
        3904,
        "A date or a number is written by the culture of the machine: month first, `,` between thousands, `¤` as currency.",
    ),
    (
        3905,
        "`string.Format` with a format that asks for more values than are passed, or that cannot be read: it throws when it is reached.",
    ),
];

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_unique() {
        let mut numbers: Vec<u16> = super::ALL.iter().map(|(n, ..)| *n).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), super::ALL.len());
    }
}
