//! The executor: one path for both lanes. Knows statements and state, neither XML nor the compiler.
//!
//! Order and error flow follow the reference: sections inbound, backend, outbound; a fault ends them all, puts its default
//! response in place and runs on-error once; a fault inside on-error gives the general 500.
mod attr;
pub(crate) mod coding;
pub(crate) mod cx;
pub(crate) mod error;
mod execute;
mod flow;
mod fork;
mod held;
pub(crate) mod message;
mod preflight;
mod proxy;
pub(crate) mod state;

pub(crate) use attr::{Seconds, StatusCode, keywords, text_of};
pub(crate) use cx::Evaluation;
pub use cx::{AfterResponse, Cx, Limits};
pub use error::{BuiltinError, Fault, LastError, PolicyError, Public};
pub(crate) use execute::io_fault;
pub use execute::{Outcome, Progress};
pub use flow::Eventually;
pub(crate) use flow::{Flow, StepResult};
pub(crate) use fork::branch;
pub(crate) use held::response_fault;
pub(crate) use message::written_name;
pub use message::{Base, Body, BodyStream, MAX_HELD_BODY, Request, Response, Target};
pub(crate) use preflight::CROSS_DOMAIN_PATH;
pub use preflight::is_preflight;
pub use proxy::Proxy;
pub use state::{
    Caching, Client, Deployment, EvalState, Facts, Lane, OriginalUrl, RESPONSE_TYPE, ReplyHeader, Ticks, Variables,
};
