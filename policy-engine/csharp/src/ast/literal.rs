//! Literal values, decoded.
use std::sync::Arc;

use rust_decimal::Decimal;

use super::Name;

/// A literal's value. Its static type follows C# 6.4.5: see [`IntSuffix`] for integers.
#[derive(Clone, PartialEq, Debug)]
pub enum Literal {
    Null,
    Bool(bool),
    Int(IntLiteral),
    Float {
        value: f32,
        text: Name,
    },
    Double {
        value: f64,
        text: Name,
    },
    Decimal {
        value: Decimal,
        text: Name,
    },
    /// One UTF-16 unit; may be a lone surrogate.
    Char(u16),
    String(StringLiteral),
}

/// An integer literal. `value` is what is written; a leading minus is a unary operator around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IntLiteral {
    pub value: u64,
    pub suffix: IntSuffix,
    /// `-2147483648` and `-9223372036854775808` are `int` and `long` for decimal literals only.
    pub radix: Radix,
}

/// No suffix: the first of int, uint, long, ulong that fits. `U`: uint, ulong. `L`: long, ulong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IntSuffix {
    None,
    U,
    L,
    UL,
}

/// How an integer was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Radix {
    Binary,
    Decimal,
    Hex,
}

/// A string's value. Regular, verbatim and raw forms are not told apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StringLiteral {
    /// Lone surrogates stand as U+FFFD here; `utf16` then holds the exact value.
    pub value: Arc<str>,
    /// Present only when the string holds a lone surrogate.
    pub utf16: Option<Arc<[u16]>>,
}
