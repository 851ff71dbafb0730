//! The control side: gathers a configuration, checks it, keeps the last good one, feeds it to gateways.
//!
//! Tools use the library's face: [`load_folder`] and [`check`]. The binary joins the rest: `sources` (bytes in) -> `assemble` -> `check` ->
//! `backup` -> `feed`; `service` holds them together and `status` decides what is served.

mod assemble;
mod backup;
mod check;
pub mod cli;
mod collect;
mod feed;
mod heartbeat;
mod load;
mod logging;
mod openapi;
mod overrides;
mod poll;
mod properties;
mod secrets;
mod service;
mod settings;
mod sources;
mod status;
mod text;
mod yaml;

pub use check::{Checked, Checker, check, finding};
pub use load::{LoadOptions, Loaded, is_configuration, load_folder};
