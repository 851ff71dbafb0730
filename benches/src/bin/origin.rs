//! A backend for load tests: answers every request on a kept-alive connection with the same small reply, as cheaply as it can.
//! `origin PORT`. Requests without bodies only; that is what the scenarios send.
use std::process::ExitCode;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const REPLY: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 28\r\n\r\n{\"id\":\"42\",\"name\":\"an item\"}";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(port) = std::env::args().nth(1).and_then(|p| p.parse::<u16>().ok()) else {
        eprintln!("usage: origin PORT");
        return ExitCode::from(2);
    };
    let listener = match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => listener,
        Err(e) => {
            eprintln!("cannot listen on 127.0.0.1:{port}: {e}");
            return ExitCode::FAILURE;
        }
    };
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    }
}

async fn answer(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let (mut buffer, mut used) = ([0_u8; 8192], 0_usize);
    loop {
        let Some(room) = buffer.get_mut(used..) else { return };
        match stream.read(room).await {
            Ok(n) if n > 0 => used = used.saturating_add(n),
            _ => return,
        }
        let Some(seen) = buffer.get(..used) else { return };
        if seen.ends_with(b"\r\n\r\n") {
            used = 0;
            if stream.write_all(REPLY).await.is_err() {
                return;
            }
        } else if used == buffer.len() {
            return;
        }
    }
}
