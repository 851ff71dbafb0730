//! C# text in, tree and findings out. Never aborts, never panics, never hangs; knows no types and no names.
use crate::diagnostic::Diagnostic;

/// Deepest nesting of brackets, blocks and operands that is read.
pub const MAX_DEPTH: u32 = 200;
/// Longest path from the root of a tree; long chains (`a + b + ...`, `a.b.c`) count too.
pub const MAX_HEIGHT: u32 = 500;
/// Largest source in bytes.
pub const MAX_SOURCE_BYTES: usize = 1 << 20;

/// A tree and everything found wrong while reading it.
#[derive(Clone, PartialEq, Debug)]
pub struct Parsed<T> {
    pub tree: T,
    pub diagnostics: Vec<Diagnostic>,
}
