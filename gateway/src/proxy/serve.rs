//! A request over HTTP/1 without Pingora's flow: read, handled in the direct lane, told, and the connection given back.
//!
//! Pingora's flow would do the same around `request_filter`, but in a future of some sixty kilobytes that is made and moved
//! for each request. Requests that ask for another protocol, and all of HTTP/2, still go through it.

use pingora::ErrorType;
use pingora::apps::{HttpPersistentSettings, ReusedHttpStream};
use pingora::protocols::http::ServerSession;

use super::ctx::Ctx;
use super::{Gateway, duplex, record, worker};

impl Gateway {
    /// Serves a request whose head has come. The connection comes back when it can carry another one.
    pub(crate) async fn serve(&self, mut client: ServerSession) -> Option<ReusedHttpStream> {
        match client.read_request().await {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => {
                // The guard lets nothing through that cannot be parsed; should the two ever differ, the answer is a refusal.
                if matches!(error.etype(), ErrorType::InvalidHTTPHeader) {
                    let _ = client.respond_error(400).await;
                }
                client.shutdown().await;
                return None;
            }
        }
        let mut ctx = Ctx::new(worker::current().unwrap_or_else(|| std::sync::Arc::clone(&self.first)));
        let handled = self.handle(&mut client, &mut ctx).await;
        if let Err(error) = handled {
            let _ = duplex::fail(&mut client, &error, &mut ctx).await;
            record::record(&client, Some(&error), &mut ctx);
            return None;
        }
        record::record(&client, None, &mut ctx);
        drop(ctx);
        let settings = HttpPersistentSettings::for_session(&client);
        let finished = client.finish().await.ok().flatten();
        finished.map(|stream| ReusedHttpStream::from_reusable_stream(stream, settings))
    }
}
