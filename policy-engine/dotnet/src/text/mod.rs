//! `System.Text`, regular expressions and `System.IO` text readers.
pub(crate) mod encoding;
pub(crate) mod io;
pub mod regex;
mod regex_automaton;
mod regex_escape;
mod regex_machine;
mod regex_match;
mod regex_parse;
mod regex_prepare;
mod regex_program;
mod regex_replace;
#[cfg(test)]
mod regex_tests;
mod regex_tree;
mod regex_units;
mod string_builder;

use crate::table::Builder;

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    encoding::define(b);
    string_builder::define(b);
    regex::define(b);
    io::define(b);
}
