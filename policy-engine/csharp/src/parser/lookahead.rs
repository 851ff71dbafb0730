//! Decides what C# leaves ambiguous: cast or parentheses, generic arguments or comparison, declaration or expression, lambda or not.
//! Only looks; nothing is read and nothing reported. Rules: C# standard 6.2.5 (generics) and 12.9.7 (casts).
use super::core::Parser;
use crate::token::TokenKind::{self, *};

/// Deepest type that is looked through; anything deeper counts as no type.
const MAX_SCAN_DEPTH: u32 = 40;

/// How certain it is that the tokens looked at are a type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// `A.B`: could be an expression as well.
    NameOnly,
    /// `A<B>`: could be an expression, though seldom.
    Generic,
    /// `int`, `A[]`, `A?`
    Sure,
}

/// A type found by looking ahead: it ends before token `end`.
#[derive(Clone, Copy)]
pub(super) struct TypeScan {
    pub(super) end: usize,
    pub(super) certainty: Certainty,
}

impl Parser<'_> {
    fn kind_of(&self, index: usize) -> TokenKind {
        self.token_at(index).kind
    }

    /// Looks for a type that begins at token `at`.
    pub(super) fn scan_type(&self, at: usize) -> Option<TypeScan> {
        self.scan_type_at(at, 0)
    }

    /// Looks for a type at the end of an expression, where a `?` before an operand belongs to `?:`.
    pub(super) fn scan_type_in_expression(&self, at: usize) -> Option<TypeScan> {
        let scan = self.scan_unsuffixed(at, 0)?;
        self.scan_suffixes(scan, true)
    }

    fn scan_type_at(&self, at: usize, depth: u32) -> Option<TypeScan> {
        if depth > MAX_SCAN_DEPTH {
            return None;
        }
        let scan = self.scan_unsuffixed(at, depth)?;
        self.scan_suffixes(scan, false)
    }

    fn scan_unsuffixed(&self, at: usize, depth: u32) -> Option<TypeScan> {
        match self.kind_of(at) {
            kind if kind.is_predefined_type() => Some(TypeScan { end: at + 1, certainty: Certainty::Sure }),
            Identifier => self.scan_name(at, depth),
            OpenParen => self.scan_tuple_type(at, depth),
            _ => None,
        }
    }

    fn scan_suffixes(&self, mut scan: TypeScan, in_expression: bool) -> Option<TypeScan> {
        loop {
            let next = (self.kind_of(scan.end), self.kind_of(scan.end + 1));
            match next {
                (Question, _) if in_expression && self.can_start_expression_at(scan.end + 1) => return Some(scan),
                (Question, _) => scan.end += 1,
                (OpenBracket, CloseBracket | Comma) => scan.end = self.scan_rank(scan.end)?,
                _ => return Some(scan),
            }
            scan.certainty = Certainty::Sure;
        }
    }

    fn scan_rank(&self, open: usize) -> Option<usize> {
        let mut at = open + 1;
        while self.kind_of(at) == Comma {
            at += 1;
        }
        (self.kind_of(at) == CloseBracket).then_some(at + 1)
    }

    fn scan_name(&self, at: usize, depth: u32) -> Option<TypeScan> {
        let mut at = if self.kind_of(at + 1) == ColonColon { at + 2 } else { at };
        let mut certainty = Certainty::NameOnly;
        loop {
            if self.kind_of(at) != Identifier {
                return None;
            }
            at += 1;
            if self.kind_of(at) == Less {
                at = self.scan_type_args(at, depth)?.end;
                certainty = Certainty::Generic;
            }
            if self.kind_of(at) != Dot {
                return Some(TypeScan { end: at, certainty });
            }
            at += 1;
        }
    }

    /// `<A, B>` from its `<`. `Sure` when an argument can only be a type.
    fn scan_type_args(&self, open: usize, depth: u32) -> Option<TypeScan> {
        let mut at = open + 1;
        let mut certainty = Certainty::Generic;
        loop {
            if !matches!(self.kind_of(at), Comma | Greater) {
                let arg = self.scan_type_at(at, depth + 1)?;
                if arg.certainty == Certainty::Sure {
                    certainty = Certainty::Sure;
                }
                at = arg.end;
            }
            match self.kind_of(at) {
                Comma => at += 1,
                Greater => return Some(TypeScan { end: at + 1, certainty }),
                _ => return None,
            }
        }
    }

    fn scan_tuple_type(&self, open: usize, depth: u32) -> Option<TypeScan> {
        let mut at = open + 1;
        let mut elements = 0_u32;
        let mut certainty = Certainty::NameOnly;
        loop {
            let element = self.scan_type_at(at, depth + 1)?;
            at = element.end;
            if element.certainty == Certainty::Sure {
                certainty = Certainty::Sure;
            }
            if self.kind_of(at) == Identifier {
                certainty = Certainty::Sure;
                at += 1;
            }
            elements += 1;
            match self.kind_of(at) {
                Comma => at += 1,
                CloseParen if elements > 1 => return Some(TypeScan { end: at + 1, certainty }),
                _ => return None,
            }
        }
    }

    // === expressions ===

    /// After a name in an expression: is the `<` here the start of generic arguments?
    pub(super) fn type_args_here(&self) -> bool {
        let Some(scan) = self.at(Less).then(|| self.scan_type_args(self.pos, 0)).flatten() else { return false };
        let follower = self.kind_of(scan.end);
        let certain = scan.certainty == Certainty::Sure;
        match follower {
            OpenParen | CloseParen | CloseBracket | CloseBrace | Colon | Semicolon | Comma | Dot | Question | Equal
            | NotEqual | Or | Caret | AndAnd | OrOr | And | OpenBracket | Less | LessEqual | GreaterEqual | Is | As
            | FatArrow | Eof | HoleEnd | HoleFormat | ColonColon | Assign | Coalesce => true,
            OpenBrace => certain,
            Identifier => certain || (self.in_query && self.is_query_word(scan.end)),
            _ => certain,
        }
    }

    /// Is the `(` here the start of a cast?
    pub(super) fn cast_here(&self) -> bool {
        let Some(scan) = self.scan_type(self.pos + 1) else { return false };
        if self.kind_of(scan.end) != CloseParen {
            return false;
        }
        let next = scan.end + 1;
        if scan.certainty == Certainty::Sure {
            // `(int)` alone is no expression either; `(a?)` and `(a[])` neither.
            return true;
        }
        match self.kind_of(next) {
            Identifier => !self.word_ends_operand(next),
            Not => self.can_start_expression_at(next + 1),
            Tilde | OpenParen | Literal | BadLiteral | InterpolatedStart => true,
            OpenBracket => false,
            kind if kind.is_predefined_type() => true,
            Base | Checked | Default | Delegate | False | New | Null | Sizeof | Static | Stackalloc | This | Throw
            | True | Typeof | Unchecked => true,
            _ => false,
        }
    }

    /// A word that cannot begin an operand here, because it continues a query, a pattern or a `with`.
    fn word_ends_operand(&self, index: usize) -> bool {
        let word = self.source(self.token_at(index));
        (self.in_query && self.is_query_word(index))
            || (self.in_pattern && matches!(word, "and" | "or" | "when"))
            || (word == "with" && self.kind_of(index + 1) == OpenBrace)
    }

    pub(super) fn is_query_word(&self, index: usize) -> bool {
        let token = self.token_at(index);
        token.kind == Identifier
            && matches!(
                self.source(token),
                "from"
                    | "where"
                    | "select"
                    | "group"
                    | "into"
                    | "orderby"
                    | "join"
                    | "let"
                    | "on"
                    | "equals"
                    | "by"
                    | "ascending"
                    | "descending"
            )
    }

    /// `from x in`, `from T x in`
    pub(super) fn query_here(&self) -> bool {
        if !self.at_word("from") {
            return false;
        }
        if self.kind_at(1) == Identifier && self.kind_at(2) == In {
            return true;
        }
        let Some(scan) = self.scan_type(self.pos + 1) else { return false };
        self.kind_of(scan.end) == Identifier && matches!(self.kind_of(scan.end + 1), In | Identifier)
    }

    /// `x =>`, `(...) =>`, `static x =>`, `async (...) =>`, `delegate`, `T (...) =>`
    pub(super) fn lambda_here(&self) -> bool {
        let mut at = self.pos;
        while self.kind_of(at) == Static || (self.is_word(at, "async") && self.async_modifier_at(at)) {
            at += 1;
        }
        match self.kind_of(at) {
            Delegate => true,
            Identifier if self.kind_of(at + 1) == FatArrow => true,
            OpenParen if self.arrow_after_parens(at) => true,
            kind if kind == Identifier || kind.is_predefined_type() || kind == OpenParen => self
                .scan_type(at)
                .is_some_and(|scan| self.kind_of(scan.end) == OpenParen && self.arrow_after_parens(scan.end)),
            _ => false,
        }
    }

    fn arrow_after_parens(&self, open: usize) -> bool {
        self.partner(open).is_some_and(|close| self.kind_of(close + 1) == FatArrow)
    }

    fn is_word(&self, index: usize, word: &str) -> bool {
        let token = self.token_at(index);
        token.kind == Identifier && self.source(token) == word
    }

    /// `async` is a modifier when a lambda or a function follows.
    fn async_modifier_at(&self, at: usize) -> bool {
        match self.kind_of(at + 1) {
            Static | Delegate => true,
            Identifier => true,
            OpenParen => self.arrow_after_parens(at + 1),
            _ => false,
        }
    }

    /// A variable declared inside an expression, as in `(int a, var b) = t` or `out T x`: a type and then a name or, after `var`, a bracket.
    pub(super) fn declaration_expression_here(&self) -> bool {
        if self.at_word("var") && self.kind_at(1) == OpenParen {
            let close = self.partner(self.pos + 1);
            return close.is_some_and(|close| {
                matches!(self.kind_of(close + 1), Assign | In | Comma | CloseParen) && self.only_names(close)
            });
        }
        let Some(scan) = self.scan_type(self.pos) else { return false };
        self.kind_of(scan.end) == Identifier
            && matches!(self.kind_of(scan.end + 1), Comma | CloseParen)
            && !(self.in_query && self.is_query_word(scan.end))
            && !self.in_pattern
    }

    /// Only names, commas and brackets stand between `var` and `close`.
    fn only_names(&self, close: usize) -> bool {
        let wanted = (self.pos + 1..close)
            .all(|index| matches!(self.kind_of(index), Identifier | Comma | OpenParen | CloseParen));
        wanted && self.kind_of(close.saturating_sub(1)) != OpenParen
    }

    pub(super) fn can_start_expression(&self, ahead: usize) -> bool {
        self.can_start_expression_at(self.pos + ahead)
    }

    fn can_start_expression_at(&self, index: usize) -> bool {
        match self.kind_of(index) {
            Identifier => !self.word_ends_operand(index),
            kind => starts_expression(kind),
        }
    }

    // === statements ===

    /// Does a declaration of local variables or a local function begin here?
    pub(super) fn declaration_here(&self) -> bool {
        if self.at_word("await") || (self.at_word("yield") && matches!(self.kind_at(1), Return | Break)) {
            return false;
        }
        if self.at(Ref) {
            return true;
        }
        let Some(scan) = self.scan_type(self.pos) else { return false };
        let next = self.kind_of(scan.end);
        match next {
            Identifier => !(self.at_word("from") && self.query_here()),
            Dot | OpenParen | Question | OpenBracket | FatArrow => false,
            // `T* p`: only to refuse it with the right words.
            Star => scan.certainty == Certainty::Sure && self.kind_of(scan.end + 1) == Identifier,
            _ => {
                // `int = 5`, `List<int> ;`: a declaration whose name is missing, or a keyword used as a name.
                let keyword_name = next.is_keyword() && matches!(self.kind_of(scan.end + 1), Assign | Semicolon);
                keyword_name || self.kind().is_predefined_type()
            }
        }
    }

    /// After a type and a name: parameters follow, so this is a local function.
    pub(super) fn local_function_follows(&self, name: usize) -> bool {
        match self.kind_of(name + 1) {
            OpenParen => true,
            Less => self.scan_type_args(name + 1, 0).is_some_and(|scan| self.kind_of(scan.end) == OpenParen),
            _ => false,
        }
    }
}

/// Tokens that can begin an expression; identifiers are looked at more closely where it matters.
pub(super) const fn starts_expression(kind: TokenKind) -> bool {
    kind.is_predefined_type() && !matches!(kind, Void)
        || matches!(
            kind,
            Identifier
                | Literal
                | BadLiteral
                | InterpolatedStart
                | OpenParen
                | OpenBracket
                | Plus
                | PlusPlus
                | Minus
                | MinusMinus
                | Not
                | Tilde
                | Caret
                | DotDot
                | And
                | Base
                | Checked
                | Default
                | Delegate
                | False
                | New
                | Null
                | Ref
                | Sizeof
                | Stackalloc
                | Static
                | This
                | Throw
                | True
                | Typeof
                | Unchecked
        )
}
