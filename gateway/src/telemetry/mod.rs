//! What the gateway tells about itself: metrics, the access log, the program log. Told facts by others, asks nobody.

mod access_log;
mod custom;
mod log;
mod metrics;

pub use self::access_log::{AccessLog, Line, LogFormat};
pub use self::custom::CustomMetrics;
pub use self::log::{Level, install, writer};
pub use self::metrics::{ApiMeters, Metrics};
