//! Backend targets as Pingora peers, resolved once and kept. One table for each worker, so that nothing is shared.
//!
//! Making a peer and resolving a name for every request would cost more than the rest of the exchange; here a request costs
//! one look-up. Names are resolved again after a while in the path of the request that comes first; when that fails, the
//! addresses of last time go on.

mod tunnel;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::HeaderValue;
use parking_lot::Mutex;
use pingora::protocols::ALPN;
use pingora::upstreams::peer::HttpPeer;
use pingora::utils::tls::CertKey;
use policy_engine::Proxy;

use self::tunnel::Tunnel;

/// How long resolved addresses are used.
const ADDRESS_LIFE: Duration = Duration::from_secs(30);
/// Targets kept; a configuration with expression-made URLs could otherwise grow the table without end.
const MAX_TARGETS: usize = 4096;
/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;
/// For a connection to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What makes two connections interchangeable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PeerKey<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    pub(crate) tls: bool,
    /// Lowest and highest HTTP version.
    pub(crate) versions: (u8, u8),
    /// Whether the certificate chain of the backend is checked.
    pub(crate) check_chain: bool,
    /// Whether the name in it is.
    pub(crate) check_name: bool,
    /// The certificate to show, and a number that tells it from others.
    pub(crate) certificate: Option<(&'a ClientCertificate, u64)>,
    /// The HTTP proxy that a tunnel goes through.
    pub(crate) tunnel: Option<&'a Arc<Proxy>>,
}

/// A resolved target.
#[derive(Debug)]
pub(crate) struct Peer {
    addresses: Vec<Address>,
    next: AtomicUsize,
    resolved: Option<Instant>,
    /// Value of the `Host` header.
    pub(crate) host: HeaderValue,
    flags: Flags,
}

/// One address of a target.
#[derive(Debug, Clone)]
pub(crate) enum Address {
    /// Plain HTTP/1: nothing but the address is needed.
    Plain(SocketAddr),
    /// TLS or HTTP/2: for Pingora's connector.
    Peer(Arc<HttpPeer>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Flags {
    port: u16,
    tls: bool,
    versions: (u8, u8),
    check_chain: bool,
    check_name: bool,
    certificate: u64,
    tunnel: u64,
}

/// Why there is no peer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeerError {
    #[error("the name `{0}` cannot be resolved: {1}")]
    Unresolved(String, String),
    #[error("the name `{0}` has no address")]
    NoAddress(String),
    #[error("`{0}` is not a host name")]
    BadHost(String),
}

/// A certificate that the gateway shows to a backend, with its key.
pub(crate) type ClientCertificate = Arc<CertKey>;

/// Reads a PKCS#12 file.
pub(crate) fn client_certificate(pfx: &[u8], password: &str) -> Result<ClientCertificate, String> {
    let parsed = openssl::pkcs12::Pkcs12::from_der(pfx).and_then(|pfx| pfx.parse2(password));
    let parsed = parsed.map_err(|_| "the PKCS#12 cannot be read with this password".to_owned())?;
    let (Some(certificate), Some(key)) = (parsed.cert, parsed.pkey) else {
        return Err("the PKCS#12 holds no certificate with a key".to_owned());
    };
    let mut chain = vec![certificate];
    chain.extend(parsed.ca.into_iter().flatten());
    Ok(Arc::new(CertKey::new(chain, key)))
}

/// The targets of one worker.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    by_host: Mutex<HashMap<Box<str>, Vec<Arc<Peer>>>>,
}

impl Peers {
    /// The target of a key.
    pub(crate) async fn get(&self, key: &PeerKey<'_>) -> Result<Arc<Peer>, PeerError> {
        let flags = Flags::of(key);
        let known = {
            let table = self.by_host.lock();
            table.get(key.host).and_then(|peers| peers.iter().find(|peer| peer.flags == flags)).map(Arc::clone)
        };
        if let Some(peer) = &known
            && peer.resolved.is_none_or(|at| at.elapsed() <= ADDRESS_LIFE)
        {
            return Ok(Arc::clone(peer));
        }
        // Boxed: rare, and it would widen the future of every exchange.
        match Box::pin(Peer::resolve(key, flags)).await {
            Ok(peer) => Ok(self.keep(key.host, peer)),
            Err(error) => known.ok_or(error),
        }
    }

    fn keep(&self, host: &str, peer: Peer) -> Arc<Peer> {
        let peer = Arc::new(peer);
        let mut table = self.by_host.lock();
        if table.len() >= MAX_TARGETS {
            table.clear();
        }
        let peers = table.entry(host.into()).or_default();
        peers.retain(|old| old.flags != peer.flags);
        peers.push(Arc::clone(&peer));
        peer
    }
}

impl Peer {
    async fn resolve(key: &PeerKey<'_>, flags: Flags) -> Result<Self, PeerError> {
        let bare = without_brackets(key.host);
        // Behind a proxy the name is the proxy's to resolve.
        let (next, port) = key.tunnel.map_or((bare, key.port), |proxy| (without_brackets(&proxy.host), proxy.port));
        let (addresses, resolved) = match next.parse::<IpAddr>() {
            Ok(address) => (vec![SocketAddr::new(address, port)], None),
            Err(_) => {
                let found = tokio::net::lookup_host((next, port)).await;
                let found = found.map_err(|error| PeerError::Unresolved(next.to_owned(), error.to_string()))?;
                (found.take(MAX_ADDRESSES).collect(), Some(Instant::now()))
            }
        };
        if addresses.is_empty() {
            return Err(PeerError::NoAddress(next.to_owned()));
        }
        let authority = match (key.tls, key.port) {
            (true, 443) | (false, 80) => key.host.to_owned(),
            _ => format!("{}:{}", key.host, key.port),
        };
        let host = HeaderValue::from_str(&authority).map_err(|_| PeerError::BadHost(authority))?;
        let addresses = addresses.into_iter().map(|address| Address::of(key, bare, address)).collect();
        Ok(Self { addresses, next: AtomicUsize::new(0), resolved, host, flags })
    }

    /// The address whose turn it is, and then the others.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Address> {
        let first = match self.addresses.len() {
            0 | 1 => 0,
            count => self.next.fetch_add(1, Ordering::Relaxed) % count,
        };
        let (before, after) = self.addresses.split_at_checked(first).unwrap_or((&[], &self.addresses));
        after.iter().chain(before)
    }
}

impl Address {
    fn of(key: &PeerKey<'_>, name: &str, address: SocketAddr) -> Self {
        // `2or1` on cleartext is HTTP/1.1: nothing can be negotiated there.
        if !key.tls && key.versions.0 == 1 && key.tunnel.is_none() {
            return Self::Plain(address);
        }
        Self::Peer(Arc::new(peer(key, name, address)))
    }

    /// As Pingora's flow needs it.
    pub(crate) fn to_peer(&self) -> HttpPeer {
        match self {
            Self::Plain(address) => HttpPeer::new(*address, false, String::new()),
            Self::Peer(peer) => HttpPeer::clone(peer),
        }
    }
}

fn peer(key: &PeerKey<'_>, name: &str, address: SocketAddr) -> HttpPeer {
    // Pingora checks nothing without a name. Certificates that name an address only in an IP entry do not pass; such a backend is told by
    // name, or has `validateCertificateName` off.
    let named = key.check_chain || name.parse::<IpAddr>().is_err();
    let sni = if key.tls && named { name.to_owned() } else { String::new() };
    let mut peer = HttpPeer::new(address, key.tls, sni);
    let options = &mut peer.options;
    options.connection_timeout = Some(CONNECT_TIMEOUT);
    options.total_connection_timeout = Some(CONNECT_TIMEOUT);
    options.verify_cert = key.check_chain;
    options.verify_hostname = key.check_name && key.check_chain;
    options.alpn = match key.versions {
        (_, 1) => ALPN::H1,
        (2, _) => ALPN::H2,
        // Over cleartext nothing can be negotiated.
        _ if !key.tls => ALPN::H1,
        _ => ALPN::H2H1,
    };
    options.max_h2_streams = 100;
    if let Some((certificate, number)) = key.certificate {
        peer.client_cert_key = Some(Arc::clone(certificate));
        peer.group_key = number;
    }
    if let Some(proxy) = key.tunnel {
        options_of_tunnel(&mut peer, key, proxy);
    }
    peer
}

/// The address is the proxy's and says nothing about the target, so the target goes into what tells connections apart.
fn options_of_tunnel(peer: &mut HttpPeer, key: &PeerKey<'_>, proxy: &Arc<Proxy>) {
    let mut hasher = DefaultHasher::new();
    (peer.group_key, number_of(proxy), key.host, key.port).hash(&mut hasher);
    peer.group_key = hasher.finish();
    peer.options.custom_l4 = Some(Arc::new(Tunnel::new(proxy, key.host, key.port)));
}

fn number_of(proxy: &Proxy) -> u64 {
    let mut hasher = DefaultHasher::new();
    let authorization = proxy.authorization.as_ref().map(HeaderValue::as_bytes);
    (&proxy.host, proxy.port, authorization).hash(&mut hasher);
    hasher.finish() | 1
}

fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

impl Flags {
    fn of(key: &PeerKey<'_>) -> Self {
        Self {
            port: key.port,
            tls: key.tls,
            versions: key.versions,
            check_chain: key.check_chain,
            check_name: key.check_name,
            certificate: key.certificate.map_or(0, |(_, number)| number),
            tunnel: key.tunnel.map_or(0, |proxy| number_of(proxy)),
        }
    }
}
