//! The control side: gathers a configuration, checks it, keeps the last good one, feeds it to gateways.
//!
//! Tools use the library's face: [`load_folder`] and [`check`]. The binary joins the rest: `sources` (bytes in) -> `assemble` -> `check` ->
//! `backup` -> `feed`.

mod assemble;
mod collect;
mod load;
mod openapi;
mod overrides;
mod properties;
mod secrets;
mod sources;
mod text;
mod yaml;

pub use load::{LoadOptions, Loaded, is_configuration, load_folder};
