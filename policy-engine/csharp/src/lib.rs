//! C# text and a type table in, a callable program out.

pub mod ast;
mod binder;
mod cursor;
pub mod diagnostic;
mod fold;
mod lexer;
mod numeric;
pub mod parser;
pub mod print;
pub mod span;
mod token;
mod typing;
