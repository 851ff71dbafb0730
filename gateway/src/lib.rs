//! The data plane: Pingora hooks and the host that policy programs ask. The library face exists so that tests and benches
//! can reach in; `main` only starts it.

pub mod framing;
pub mod routing;
