//! A tunnel through an HTTP proxy (`CONNECT`, RFC 9110 9.3.6), in the form that Pingora's connector takes.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pingora::connectors::L4Connect;
use pingora::protocols::l4::socket::SocketAddr;
use pingora::protocols::l4::stream::Stream;
use pingora::time::timeout;
use pingora::{Error, ErrorType};
use policy_engine::Proxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest answer of a proxy.
const MAX_ANSWER: usize = 16 * 1024;
/// Until the tunnel is open.
const OPEN_TIME: Duration = Duration::from_secs(10);
/// Bytes looked at in one go.
const CHUNK: usize = 1024;
/// The end of a head.
const BLANK_LINE: &[u8] = b"\r\n\r\n";

/// The way to one target through one proxy.
#[derive(Debug)]
pub(super) struct Tunnel {
    proxy: Arc<Proxy>,
    /// Host and port.
    target: String,
}

impl Tunnel {
    pub(super) fn new(proxy: &Arc<Proxy>, host: &str, port: u16) -> Self {
        Self { proxy: Arc::clone(proxy), target: format!("{host}:{port}") }
    }

    async fn open(&self, address: std::net::SocketAddr) -> Result<TcpStream, Box<Error>> {
        let because = |what: &str, error: io::Error| {
            let text = format!("{what} the proxy `{}`", self.proxy.authority());
            Error::because(ErrorType::ConnectError, text, error).into_up()
        };
        let mut stream = TcpStream::connect(address).await.map_err(|error| because("no connection to", error))?;
        let _ = stream.set_nodelay(true);
        stream.write_all(&self.question()).await.map_err(|error| because("no tunnel through", error))?;
        let answer = read_answer(&mut stream).await.map_err(|error| because("no tunnel through", error))?;
        match status(&answer) {
            Some(200..=299) => Ok(stream),
            Some(status) => Err(self.refused(&format!("answered with status {status}"))),
            None => Err(self.refused("does not speak HTTP/1")),
        }
    }

    fn question(&self) -> Vec<u8> {
        let mut out = format!("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", self.target).into_bytes();
        if let Some(authorization) = &self.proxy.authorization {
            out.extend_from_slice(b"Proxy-Authorization: ");
            out.extend_from_slice(authorization.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out
    }

    fn refused(&self, what: &str) -> Box<Error> {
        let text = format!("the proxy `{}` {what} when asked for a tunnel", self.proxy.authority());
        Error::explain(ErrorType::ConnectProxyFailure, text).into_up()
    }
}

#[async_trait]
impl L4Connect for Tunnel {
    async fn connect(&self, address: &SocketAddr) -> Result<Stream, Box<Error>> {
        let Some(address) = address.as_inet() else { return Err(self.refused("has no address")) };
        match timeout(OPEN_TIME, self.open(*address)).await {
            Ok(opened) => Ok(opened?.into()),
            Err(_) => {
                let text = format!("no tunnel through the proxy `{}` in time", self.proxy.authority());
                Err(Error::explain(ErrorType::ConnectTimedout, text).into_up())
            }
        }
    }
}

/// Reads a head and nothing behind it: what follows belongs to whoever uses the tunnel.
async fn read_answer(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut answer: Vec<u8> = Vec::new();
    let mut chunk = [0; CHUNK];
    loop {
        let count = stream.peek(&mut chunk).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let before = answer.len();
        answer.extend_from_slice(chunk.get(..count).unwrap_or_default());
        // The blank line may have begun in the piece before.
        let from = before.saturating_sub(BLANK_LINE.len() - 1);
        let found = memchr::memmem::find(answer.get(from..).unwrap_or_default(), BLANK_LINE);
        let end = found.map(|at| from + at + BLANK_LINE.len());
        answer.truncate(end.unwrap_or(answer.len()));
        let taken = answer.len() - before;
        stream.read_exact(chunk.get_mut(..taken).unwrap_or_default()).await?;
        if end.is_some() {
            return Ok(answer);
        }
        if answer.len() > MAX_ANSWER {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its answer is too long"));
        }
    }
}

fn status(answer: &[u8]) -> Option<u16> {
    let rest = answer.strip_prefix(b"HTTP/1.")?;
    std::str::from_utf8(rest.get(2..5)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered(pieces: &'static [&'static [u8]]) -> (io::Result<Vec<u8>>, Vec<u8>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = tokio::spawn(async move {
            let mut stream = listener.accept().await.unwrap().0;
            stream.set_nodelay(true).unwrap();
            for piece in pieces {
                stream.write_all(piece).await.unwrap();
                // So that pieces arrive apart. Were they to arrive together all the same, the answer would be no other.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        let mut stream = TcpStream::connect(address).await.unwrap();
        let answer = read_answer(&mut stream).await;
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        proxy.await.unwrap();
        (answer, rest)
    }

    #[tokio::test]
    async fn what_follows_the_answer_is_left_alone() {
        let head = b"HTTP/1.1 200 Connection established\r\nVia: p\r\n\r\n".to_vec();
        let (answer, rest) = answered(&[b"HTTP/1.1 200 Connection established\r\nVia: p\r\n\r\nfirst"]).await;
        assert_eq!((answer.unwrap(), rest.as_slice()), (head.clone(), b"first".as_slice()));
        let (answer, rest) =
            answered(&[b"HTTP/1.1 200 Connection established\r\nVia: p\r", b"\n\r", b"\nfirst", b" second"]).await;
        assert_eq!((answer.unwrap(), rest.as_slice()), (head, b"first second".as_slice()));
        assert!(answered(&[b"HTTP/1.1 200 OK\r\n"]).await.0.is_err());
        let endless: &[&[u8]] = &[&[b'x'; MAX_ANSWER], &[b'x'; CHUNK + 1]];
        assert_eq!(answered(endless).await.0.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn statuses() {
        assert_eq!(status(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), Some(407));
        assert_eq!(status(b"HTTP/1.0 200\r\n\r\n"), Some(200));
        assert_eq!((status(b"SSH-2.0-x\r\n\r\n"), status(b"HTTP/1.1 \r\n\r\n")), (None, None));
    }

    #[test]
    fn the_question_names_the_target_twice() {
        let proxy = Arc::new(Proxy::new("http://p:3128", Some(("u", "p"))).unwrap());
        let question = String::from_utf8(Tunnel::new(&proxy, "[::1]", 443).question()).unwrap();
        assert_eq!(
            question,
            "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nProxy-Authorization: Basic dTpw\r\n\r\n"
        );
    }
}
