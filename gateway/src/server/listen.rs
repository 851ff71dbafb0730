//! Binding and accepting.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use super::StartError;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// Pause after a failure to accept, for instance when there are no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Binds an address. A port in use is an error, never shared.
pub(super) fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    let bind = || {
        // Tokio's socket needs no runtime until it listens; the standard library cannot set the backlog.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let _entered = runtime.enter();
        let socket =
            if address.is_ipv4() { tokio::net::TcpSocket::new_v4()? } else { tokio::net::TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)?.into_std()
    };
    bind().map_err(|error| StartError::Bind(address, error))
}

/// Accepts for ever and hands over what comes.
pub(super) async fn accept(listener: TcpListener, mut take: impl FnMut(std::net::TcpStream, SocketAddr)) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                if let Ok(stream) = stream.into_std() {
                    take(stream, peer);
                }
            }
            Err(error) => {
                log::warn!(error = error.to_string(); "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
