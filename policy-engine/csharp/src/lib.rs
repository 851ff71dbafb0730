//! C# text and a type table in, a callable program out.

pub mod ast;
pub mod diagnostic;
pub mod parser;
pub mod span;
