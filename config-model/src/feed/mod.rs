//! The boundary between the configuration service and the gateway: messages, the frames around them, and the receiving end as a state machine.
//! Everything is synchronous and works on bytes; sockets are the business of the two programs.

pub mod frame;
pub mod message;
pub mod receive;
