//! C# text and a type table in, a callable program out.

pub mod ast;
mod cursor;
pub mod diagnostic;
mod lexer;
pub mod parser;
pub mod span;
mod token;
