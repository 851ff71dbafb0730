//! What is known about one request while it runs, and what is told about it afterwards.

use std::sync::Arc;
use std::time::Instant;

use config_model::{Product, Subscription};
use parking_lot::Mutex;
use policy_engine::{Chain, EvalState, LastError};

use super::direct::Exchanged;
use super::worker::Worker;
use crate::world::World;

/// The context of a request. It takes one world, however long it lives.
pub(crate) struct Ctx {
    pub(crate) worker: Arc<Worker>,
    pub(crate) world: Option<Arc<World>>,
    pub(crate) started: Instant,
    pub(crate) request_id: [u8; 16],
    /// Index of the API, and of the operation.
    pub(crate) api: Option<usize>,
    pub(crate) operation: Option<usize>,
    pub(crate) product: Option<Arc<Product>>,
    pub(crate) subscription: Option<Arc<Subscription>>,
    pub(crate) exchanged: Exchanged,
    /// Status sent; 0 while nothing was.
    pub(crate) status: u16,
    pub(crate) fault: Option<LastError>,
    /// Further detail for the log.
    pub(crate) detail: String,
    /// Not worth a line: probes.
    pub(crate) quiet: bool,
    /// A request whose exchange Pingora's flow drives.
    pub(crate) duplex: Option<Box<Duplex>>,
    /// Totals that get the bytes of the exchange when it is over.
    pub(crate) meters: Vec<policy_engine::Total>,
}

/// The program of a request in the duplex lane, between its halves.
pub(crate) struct Duplex {
    pub(crate) chain: Arc<Chain>,
    /// Only ever taken by `get_mut`: hooks run one after the other.
    pub(crate) state: Mutex<EvalState>,
    /// The response has been through the program.
    pub(crate) answered: bool,
    /// Ties the caller to the member of a pool.
    pub(crate) cookie: Option<http::HeaderValue>,
}

impl Ctx {
    pub(crate) fn new(worker: Arc<Worker>) -> Self {
        worker.shared.metrics.begin();
        Self {
            world: worker.shared.world.load_full(),
            worker,
            started: Instant::now(),
            request_id: [0; 16],
            api: None,
            operation: None,
            product: None,
            subscription: None,
            exchanged: Exchanged::default(),
            status: 0,
            fault: None,
            detail: String::new(),
            quiet: false,
            duplex: None,
            meters: Vec::new(),
        }
    }

    /// A fresh random identifier (RFC 9562, version 4).
    pub(crate) fn make_request_id(&mut self) {
        let mut bytes = fastrand::u128(..).to_be_bytes();
        if let Some(byte) = bytes.get_mut(6) {
            *byte = (*byte & 0x0f) | 0x40;
        }
        if let Some(byte) = bytes.get_mut(8) {
            *byte = (*byte & 0x3f) | 0x80;
        }
        self.request_id = bytes;
    }
}

impl Drop for Ctx {
    fn drop(&mut self) {
        self.worker.shared.metrics.end();
    }
}

/// The canonical text of an identifier.
pub(crate) fn id_text(id: &[u8; 16]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
    let mut text = [b'-'; 36];
    // The pairs of digits between the dashes.
    let groups = [0..8, 9..13, 14..18, 19..23, 24..36];
    let mut bytes = id.iter();
    for group in groups {
        let places = text.get_mut(group).unwrap_or_default();
        for (pair, byte) in places.chunks_exact_mut(2).zip(&mut bytes) {
            if let [high, low] = pair {
                (*high, *low) = (digit(byte >> 4), digit(byte & 15));
            }
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_canonical() {
        let id = [0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0x4d, 0xef, 0x80, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(id_text(&id), "12345678-9abc-4def-8001-020304050607");
    }
}
