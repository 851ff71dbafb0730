//! Requests of policies' own: `send-request`, key sets, discovery documents.

mod client;

pub(crate) use client::{send, send_and_forget};
