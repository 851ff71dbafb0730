//! An HTTP proxy on the way to a backend, by the policy `proxy` or a backend entity.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;

use super::message::Base;

/// A proxy, ready to use. The way to it is plain HTTP (documented).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Host name or address; IPv6 addresses in brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// `Proxy-Authorization`, marked sensitive.
    pub authorization: Option<HeaderValue>,
}

impl Proxy {
    /// A proxy by its URL, with name and password where it asks for them.
    pub fn new(url: &str, credentials: Option<(&str, &str)>) -> Result<Proxy, String> {
        let base = Base::parse(url)?;
        if base.tls {
            return Err("a proxy is reached over plain http".to_owned());
        }
        if !base.path.is_empty() || !base.query.is_empty() {
            return Err("a proxy has a host and a port, and no path".to_owned());
        }
        let authorization = credentials.map(|(name, password)| {
            if name.contains(':') {
                return Err("the name of a user holds no colon".to_owned());
            }
            let text = format!("Basic {}", STANDARD.encode(format!("{name}:{password}")));
            let mut value = HeaderValue::try_from(text).map_err(|e| e.to_string())?;
            value.set_sensitive(true);
            Ok(value)
        });
        Ok(Proxy { host: base.host, port: base.port, authorization: authorization.transpose()? })
    }

    /// Host and port, for messages.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_credentials() {
        let proxy = Proxy::new("http://proxy.example:3128/", Some(("edge", "s3cret"))).unwrap();
        assert_eq!(proxy.authority(), "proxy.example:3128");
        assert_eq!(proxy.authorization.as_ref().unwrap(), "Basic ZWRnZTpzM2NyZXQ=");
        assert!(!format!("{proxy:?}").contains("ZWRnZTpzM2NyZXQ"));
        assert_eq!(Proxy::new("http://p", None).unwrap().port, 80);
        for bad in ["https://p", "p:3128", "http://p/x", "http://p?x"] {
            assert!(Proxy::new(bad, None).is_err(), "{bad}");
        }
        assert!(Proxy::new("http://p", Some(("a:b", ""))).is_err());
    }
}
