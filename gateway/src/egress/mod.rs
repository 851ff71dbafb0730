//! Requests of policies' own: `send-request`, key sets, discovery documents.

mod client;

pub(crate) use client::{UnderWay, send, send_and_forget};
