//! Criterion benches; see the bench targets beside this file.
