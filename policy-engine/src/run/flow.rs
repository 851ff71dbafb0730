//! What a step answers, and answers that may take time.
use crate::host::BoxFuture;

use super::error::PolicyError;

/// What happens after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The next step runs.
    Continue,
    /// `context.Response` is the answer; nothing else runs.
    Respond,
    /// `context.Response` came from the cache: outbound goes on after `cache-store`.
    Cached,
    /// Duplex lane: the proxy flow takes over; the rest runs when the response head is there.
    Detach,
}

/// Result of a step.
pub(crate) type StepResult = Result<Flow, PolicyError>;

/// An answer that is there at once or takes time. Stores in memory answer at once, so that no future is allocated for them.
pub enum Eventually<'a, T> {
    /// Here it is.
    Ready(T),
    /// It will come.
    Pending(BoxFuture<'a, T>),
}

impl<'a, T> Eventually<'a, T> {
    /// Boxes a future.
    pub fn pending(future: impl Future<Output = T> + Send + 'a) -> Self {
        Eventually::Pending(Box::pin(future))
    }

    /// The answer if it is there already; one that would take time is dropped before it starts.
    pub fn now(self) -> Option<T> {
        match self {
            Eventually::Ready(value) => Some(value),
            Eventually::Pending(_) => None,
        }
    }

    /// Waits for it.
    pub async fn get(self) -> T {
        match self {
            Eventually::Ready(value) => value,
            Eventually::Pending(future) => future.await,
        }
    }
}
