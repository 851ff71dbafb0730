//! `System.Text`, regular expressions and `System.IO` text readers.
pub(crate) mod encoding;
mod encoding_more;
pub(crate) mod io;
mod io_more;
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
mod string_builder_more;
mod utf7;

use crate::table::Builder;

/// Adds the types of this folder.
pub(crate) fn define(b: &mut Builder) {
    encoding::define(b);
    encoding_more::define(b);
    string_builder::define(b);
    string_builder_more::define(b);
    regex::define(b);
    io::define(b);
    io_more::define(b);
}
