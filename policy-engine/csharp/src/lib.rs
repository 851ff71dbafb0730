//! C# text and a type table in, a callable program out.

pub mod answer;
pub mod ast;
mod binder;
mod cursor;
pub mod diagnostic;
mod fold;
mod lexer;
pub mod limits;
mod lower;
mod nearest;
mod numeric;
pub mod parser;
pub mod print;
mod program;
pub mod span;
mod token;
mod typing;

pub use diagnostic::{Diagnostic, Severity};
pub use limits::{Limits, Meter};
pub use program::{Compilation, Facts, Kind, MemberUse, Options, Place, Program, compile};
