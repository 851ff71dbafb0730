//! Numbers from text.
