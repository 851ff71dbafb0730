//! The data plane: Pingora hooks and the host that policy programs ask. The library face exists so that tests and benches
//! can reach in; `main` only starts it.

pub mod access;
mod admin;
mod backends;
pub mod cli;
mod egress;
mod feed;
pub mod framing;
mod proxy;
pub mod routing;
pub mod server;
pub mod settings;
pub mod stores;
pub mod telemetry;
mod tls;
pub mod world;
