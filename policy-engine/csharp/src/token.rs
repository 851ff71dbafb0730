//! Tokens of a C# text: kind, place, and an index into the literal table for those that carry a value.
use crate::span::Span;

/// One token. Small on purpose (its size is tested): a text becomes a flat list of them before parsing begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
    /// For `Literal`, `InterpolatedText` and `HoleFormat`: index into [`Tokens::literals`](crate::lexer::Tokens).
    pub(crate) payload: u32,
}

macro_rules! token_kinds {
    (special { $($special:ident),* $(,)? } keywords { $($kw:ident $kw_text:literal),* $(,)? } punctuation { $($p:ident $p_text:literal),* $(,)? }) => {
        /// What a token is. `>` is always one token: the parser joins `>>` where an operator is meant. `Literal` is a number, a character or
        /// a whole string, `BadLiteral` one that could not be read (already reported); `HoleFormat` is `:` with the format text after it.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub(crate) enum TokenKind { $($special,)* $($kw,)* $($p,)* }

        impl TokenKind {
            /// The fixed spelling; empty for identifiers, literals and the like.
            pub(crate) const fn text(self) -> &'static str {
                match self {
                    $(Self::$special => "",)*
                    $(Self::$kw => $kw_text,)*
                    $(Self::$p => $p_text,)*
                }
            }

            /// The reserved word that `text` is.
            pub(crate) fn keyword(text: &str) -> Option<Self> {
                match text { $($kw_text => Some(Self::$kw),)* _ => None }
            }

            /// A reserved word.
            pub(crate) const fn is_keyword(self) -> bool {
                matches!(self, $(Self::$kw)|*)
            }
        }
    };
}

token_kinds! {
    special {
        Eof,
        Identifier,
        Literal,
        BadLiteral,
        InterpolatedStart,
        InterpolatedText,
        HoleStart,
        HoleFormat,
        HoleEnd,
        InterpolatedEnd,
    }
    keywords {
        Abstract "abstract", As "as", Base "base", Bool "bool", Break "break", Byte "byte", Case "case", Catch "catch", Char "char",
        Checked "checked", Class "class", Const "const", Continue "continue", Decimal "decimal", Default "default",
        Delegate "delegate", Do "do", Double "double", Else "else", Enum "enum", Event "event", Explicit "explicit",
        Extern "extern", False "false", Finally "finally", Fixed "fixed", Float "float", For "for", Foreach "foreach",
        Goto "goto", If "if", Implicit "implicit", In "in", Int "int", Interface "interface", Internal "internal", Is "is",
        Lock "lock", Long "long", Namespace "namespace", New "new", Null "null", Object "object", Operator "operator",
        Out "out", Override "override", Params "params", Private "private", Protected "protected", Public "public",
        Readonly "readonly", Ref "ref", Return "return", Sbyte "sbyte", Sealed "sealed", Short "short", Sizeof "sizeof",
        Stackalloc "stackalloc", Static "static", String "string", Struct "struct", Switch "switch", This "this",
        Throw "throw", True "true", Try "try", Typeof "typeof", Uint "uint", Ulong "ulong", Unchecked "unchecked",
        Unsafe "unsafe", Ushort "ushort", Using "using", Virtual "virtual", Void "void", Volatile "volatile", While "while",
    }
    punctuation {
        OpenBrace "{", CloseBrace "}", OpenParen "(", CloseParen ")", OpenBracket "[", CloseBracket "]",
        Dot ".", DotDot "..", Comma ",", Semicolon ";", Colon ":", ColonColon "::", Question "?",
        Coalesce "??", CoalesceAssign "??=", Plus "+", PlusPlus "++", PlusAssign "+=", Minus "-", MinusMinus "--",
        MinusAssign "-=", PointerArrow "->", Star "*", StarAssign "*=", Slash "/", SlashAssign "/=", Percent "%",
        PercentAssign "%=", And "&", AndAnd "&&", AndAssign "&=", Or "|", OrOr "||", OrAssign "|=", Caret "^",
        CaretAssign "^=", Not "!", NotEqual "!=", Tilde "~", Assign "=", Equal "==", FatArrow "=>", Less "<",
        LessEqual "<=", ShiftLeft "<<", ShiftLeftAssign "<<=", Greater ">", GreaterEqual ">=",
    }
}

impl TokenKind {
    /// A keyword that names a type.
    pub(crate) const fn is_predefined_type(self) -> bool {
        use TokenKind::*;
        matches!(
            self,
            Bool | Byte
                | Sbyte
                | Short
                | Ushort
                | Int
                | Uint
                | Long
                | Ulong
                | Char
                | Float
                | Double
                | Decimal
                | String
                | Object
                | Void
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stays_small() {
        assert_eq!(size_of::<Token>(), 16);
    }

    #[test]
    fn every_keyword_is_found_by_its_text() {
        for text in ["abstract", "as", "while", "ulong"] {
            assert_eq!(TokenKind::keyword(text).map(TokenKind::text), Some(text));
        }
        assert_eq!(TokenKind::keyword("var"), None);
    }
}
