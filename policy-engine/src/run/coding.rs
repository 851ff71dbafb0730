//! Content codings (RFC 9110, 8.4): a held body is decoded when something reads it, and not before. A body that nobody reads
//! stays as it came, byte for byte.
//!
//! Reading decodes it in place: `Content-Encoding` goes, and what stood there is gone. A coding that is not known leaves the
//! whole body as it is, as does `Content-Range`: a part of a coded body cannot be decoded.
use std::io::{BufReader, ErrorKind, Read};

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, header};

/// Codings of one body that are undone; more of them are taken as unknown.
const MAX_CODINGS: usize = 4;
/// What is decoded at a time.
const PIECE: usize = 64 * 1024;

/// A coding that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
}

/// Why a body could not be decoded.
#[derive(Debug)]
pub(crate) enum Undecodable<E> {
    /// The bytes are not what `Content-Encoding` says.
    Malformed(&'static str),
    /// The decoded body was refused.
    Refused(E),
}

/// Was it the last word on a body's coding? With it the coding's name.
pub(crate) fn malformed(coding: &str) -> String {
    format!("The message body is not valid {coding}, as its Content-Encoding says.")
}

/// The body without its codings; `None` where it has none that can be undone. `grow` is asked before each piece is kept.
pub(crate) fn decoded<E>(
    headers: &HeaderMap,
    body: &Bytes,
    grow: &mut dyn FnMut(usize) -> Result<(), E>,
) -> Result<Option<Bytes>, Undecodable<E>> {
    let Some(codings) = codings(headers) else { return Ok(None) };
    let mut plain: Option<Vec<u8>> = None;
    // The last one named was applied last.
    for coding in codings.into_iter().rev() {
        plain = Some(undo(coding, plain.as_deref().unwrap_or(body), grow)?);
    }
    Ok(plain.map(Bytes::from))
}

/// The codings in the order in which they were applied; `None` where there is nothing that can be undone.
fn codings(headers: &HeaderMap) -> Option<Vec<Coding>> {
    if !headers.contains_key(header::CONTENT_ENCODING) || headers.contains_key(header::CONTENT_RANGE) {
        return None;
    }
    let mut found = Vec::new();
    for line in headers.get_all(header::CONTENT_ENCODING) {
        for name in line.to_str().ok()?.split(',').map(str::trim) {
            match name.to_ascii_lowercase().as_str() {
                "" | "identity" => {}
                "gzip" | "x-gzip" => found.push(Coding::Gzip),
                "deflate" => found.push(Coding::Deflate),
                "br" => found.push(Coding::Brotli),
                _ => return None,
            }
        }
    }
    (1..=MAX_CODINGS).contains(&found.len()).then_some(found)
}

fn undo<E>(
    coding: Coding,
    bytes: &[u8],
    grow: &mut dyn FnMut(usize) -> Result<(), E>,
) -> Result<Vec<u8>, Undecodable<E>> {
    let (name, mut reader): (_, Box<dyn Read + '_>) = match coding {
        Coding::Gzip => ("gzip", Box::new(MultiGzDecoder::new(bytes))),
        // The name stands for the zlib format; some senders leave its frame out.
        Coding::Deflate if has_zlib_head(bytes) => ("deflate", Box::new(ZlibDecoder::new(bytes))),
        Coding::Deflate => ("deflate", Box::new(DeflateDecoder::new(bytes))),
        Coding::Brotli => ("br", Box::new(brotli_decompressor::Decompressor::new(BufReader::new(bytes), PIECE))),
    };
    let mut out = Vec::new();
    let mut piece = vec![0; PIECE];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(out),
            Ok(count) => {
                grow(count).map_err(Undecodable::Refused)?;
                out.extend_from_slice(piece.get(..count).unwrap_or_default());
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return Err(Undecodable::Malformed(name)),
        }
    }
}

/// The head of the zlib format (RFC 1950, 2.2): method 8, and a check sum of two bytes.
fn has_zlib_head(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..] if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use http::HeaderValue;

    use super::*;

    fn headers(lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (header::CONTENT_ENCODING, HeaderValue::from_static(line))).collect()
    }

    fn decode(lines: &[&'static str], body: &[u8]) -> Result<Option<Bytes>, Undecodable<usize>> {
        let mut total = 0;
        decoded(&headers(lines), &Bytes::copy_from_slice(body), &mut |count| {
            total += count;
            if total > 1 << 20 { Err(total) } else { Ok(()) }
        })
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn brotli(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        brotli::BrotliCompress(&mut &*bytes, &mut out, &brotli::enc::BrotliEncoderParams::default()).unwrap();
        out
    }

    #[test]
    fn codings_are_undone_last_first() {
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::fast());
        deflated.write_all(b"raw").unwrap();
        let mut framed = ZlibEncoder::new(Vec::new(), Compression::fast());
        framed.write_all(b"framed").unwrap();
        assert_eq!(decode(&["gzip"], &gzip(b"a")).unwrap().unwrap(), "a");
        assert_eq!(decode(&["X-GZip"], &gzip(b"a")).unwrap().unwrap(), "a");
        assert_eq!(decode(&["deflate"], &deflated.finish().unwrap()).unwrap().unwrap(), "raw");
        let framed = framed.finish().unwrap();
        assert_eq!(decode(&["deflate"], &framed).unwrap().unwrap(), "framed");
        assert_eq!(decode(&["deflate, identity", "gzip"], &gzip(&framed)).unwrap().unwrap(), "framed");
        assert_eq!(decode(&["br"], &brotli(b"small")).unwrap().unwrap(), "small");
        assert_eq!(decode(&["gzip, br"], &brotli(&gzip(b"both"))).unwrap().unwrap(), "both");
        let members = [gzip(b"a"), gzip(b"b")].concat();
        assert_eq!(decode(&["gzip"], &members).unwrap().unwrap(), "ab");
    }

    #[test]
    fn what_is_not_known_stays() {
        for lines in [&[][..], &["identity"], &["zstd"], &["gzip, zstd"], &["gzip, gzip, gzip, gzip, gzip"]] {
            assert!(decode(lines, b"x").unwrap().is_none(), "{lines:?}");
        }
        let mut part = headers(&["gzip"]);
        part.insert(header::CONTENT_RANGE, HeaderValue::from_static("bytes 0-1/9"));
        assert!(decoded::<()>(&part, &Bytes::from_static(b"\x1f\x8b"), &mut |_| Ok(())).unwrap().is_none());
    }

    #[test]
    fn malformed_bytes_are_told() {
        let whole = gzip(b"some text that is long enough");
        let short = brotli(b"some text that is long enough");
        for (lines, body) in [
            (["gzip"], &b"plain text"[..]),
            (["gzip"], &whole[..whole.len() - 9]),
            (["gzip"], &whole[..whole.len() - 1]),
            (["deflate"], b"\xff\xff\xff\xff"),
            (["br"], b"\xff\xff\xff\xff"),
            (["br"], &short[..short.len() - 3]),
        ] {
            assert!(matches!(decode(&lines, body), Err(Undecodable::Malformed(_))), "{lines:?} {body:?}");
        }
    }

    #[test]
    fn growth_is_asked_for() {
        let bomb = gzip(&vec![0; 4 << 20]);
        assert!(matches!(decode(&["gzip"], &bomb), Err(Undecodable::Refused(total)) if total <= (1 << 20) + PIECE));
        assert!(matches!(decode(&["gzip, gzip"], &gzip(&bomb)), Err(Undecodable::Refused(_))));
    }
}
