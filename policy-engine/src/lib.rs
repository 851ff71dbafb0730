//! Policy text in, program out, program run against a host.
//!
//! The public surface: [`Engine`] compiles the documents of a snapshot (reusing what did not change) and links them to
//! [`Chain`]s; a chain runs against a [`Host`]; findings are [`Diagnostic`]s. Nothing here knows sockets, files, the
//! environment, a wall clock or an async runtime.
mod compile;
mod context;
pub mod diagnostics;
mod engine;
pub mod eval;
mod host;
mod link;
mod lint;
mod policies;
mod program;
mod reference;
mod run;
mod source;
mod types;
mod xml;

pub use compile::{AttributeSpec, ChildSpec, Content, Repeat, Spec};
pub use diagnostics::{Diagnostic, Severity};
pub use engine::{CheckOptions, Documents as PolicyDocuments, Engine, Report, check, check_file, specs};
pub use host::*;
pub use link::Chain;
pub use program::{Document, Needs, Scope, Section};
pub use reference::{errors_page, policies_page};
pub use run::{
    AfterResponse, Base, Body, BodyStream, BuiltinError, Caching, Client, Cx, Deployment, EvalState, Eventually, Facts,
    Fault, Lane, LastError, Limits, MAX_HELD_BODY, OriginalUrl, Outcome, PolicyError, Progress, Proxy, Public,
    RESPONSE_TYPE, ReplyHeader, Request, Response, Target, Ticks, Variables, is_preflight,
};
pub use source::Position;
