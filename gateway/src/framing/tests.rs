//! Each refusal by example, and properties: cutting the input anywhere changes nothing.

use proptest::prelude::*;

use super::*;

fn scan(text: &[u8]) -> Result<Scan, Refusal> {
    Scanner::new(Limits::default()).scan(text)
}

fn body(text: &str) -> Body {
    match scan(text.as_bytes()) {
        Ok(Scan::Complete(head)) => {
            assert_eq!(head.length, text.len());
            head.body
        }
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn good_heads() {
    assert_eq!(body("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Body::Length(0));
    assert_eq!(body("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), Body::Length(0));
    assert_eq!(body("GET / HTTP/1.0\r\n\r\n"), Body::Length(0));
    assert_eq!(
        body("POST /a?b={c|d} HTTP/1.1\r\nhost:a\r\nContent-Length: 12 \r\nX: \u{e9}\r\n\r\n"),
        Body::Length(12)
    );
    assert_eq!(body("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"), Body::Chunked);
    assert_eq!(body("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"), Body::Upgrade);
    assert_eq!(body("PROPFIND http://a/b HTTP/1.1\r\nHost: a\r\nEmpty:\r\n\r\n"), Body::Length(0));
}

#[test]
fn bad_heads() {
    let cases: &[(&str, Refusal)] = &[
        ("GET /\r\n\r\n", Refusal::RequestLine),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLine),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", Refusal::RequestLine),
        (" / HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLine),
        ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLine),
        ("G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLineCharacter),
        ("GET /\t HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLineCharacter),
        ("GET /a\"b HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLineCharacter),
        ("GET /a{b HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLineCharacter),
        ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLineCharacter),
        ("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLineCharacter),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", Refusal::Version),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", Refusal::Version),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::Connect),
        ("GET / HTTP/1.1\nHost: a\r\n\r\n", Refusal::BareLineEnd),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", Refusal::BareLineEnd),
        ("GET / HTTP/1.1\r\nHo\rst: a\r\n\r\n", Refusal::BareLineEnd),
        ("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", Refusal::ObsoleteFold),
        ("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", Refusal::ObsoleteFold),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", Refusal::SpaceBeforeColon),
        ("GET / HTTP/1.1\r\nHost\r\n\r\n", Refusal::HeaderLine),
        ("GET / HTTP/1.1\r\nHo st: a\r\n\r\n", Refusal::HeaderLine),
        ("GET / HTTP/1.1\r\n: a\r\n\r\n", Refusal::HeaderLine),
        ("GET / HTTP/1.1\r\nHost: a\x00\r\n\r\n", Refusal::HeaderValue),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            Refusal::LengthAndEncoding,
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", Refusal::SeveralLengths),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", Refusal::SeveralLengths),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", Refusal::Length),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", Refusal::Length),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n", Refusal::Length),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Refusal::Encoding),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", Refusal::Encoding),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            Refusal::Encoding,
        ),
        ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", Refusal::EncodingOnOldVersion),
        ("GET / HTTP/1.1\r\n\r\n", Refusal::Host),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Refusal::Host),
    ];
    for (text, want) in cases {
        assert_eq!(scan(text.as_bytes()), Err(*want), "{text:?}");
    }
}

#[test]
fn limits_hold_even_before_the_head_is_complete() {
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(MAX_TARGET));
    assert_eq!(scan(long.as_bytes()), Err(Refusal::TargetTooLong));
    assert_eq!(scan(&[b'a'; MAX_TARGET + 200]), Err(Refusal::TargetTooLong));
    let exact = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(MAX_TARGET - 1));
    assert!(scan(exact.as_bytes()).is_ok());
    let many: String = (0..MAX_FIELDS).map(|n| format!("x{n}: 1\r\n")).collect();
    assert_eq!(scan(format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n").as_bytes()), Err(Refusal::TooManyFields));
    let large = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "b".repeat(MAX_HEADER_BLOCK));
    assert_eq!(scan(large.as_bytes()), Err(Refusal::HeadersTooLarge));
}

#[test]
fn chunked_bodies_end_where_they_end() {
    let mut chunked = Chunked::default();
    let text = b"5\r\nhello\r\n1;ext=\"a\"\r\n!\r\n0\r\nTrailer: x\r\n\r\nGET /";
    assert_eq!(chunked.feed(text), Ok(Progress { taken: text.len() - 5, done: true }));
    for bad in [
        "\r\n",
        "g\r\n",
        "5\nhello",
        "5\r\nhello!",
        "5\r\nhello\n",
        "0\r\nT: x\n",
        "1000000000000000\r\n",
        "-1\r\n",
        " 5\r\n",
    ] {
        assert_eq!(Chunked::default().feed(bad.as_bytes()), Err(Refusal::Chunk), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn cutting_a_head_changes_nothing(
        text in "(GET|POST|G T) /[a-z ?]{0,9} HTTP/1.[01]\r?\n(Host: a\r\n)?([A-Za-z-]{1,6} ?: ?[a-z]{0,5}\r\n){0,3}(Content-Length: [0-9,]{0,3}\r\n){0,2}\r\n",
        cuts in proptest::collection::vec(0_usize..120, 0..5),
    ) {
        let whole = scan(text.as_bytes());
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.sort_unstable();
        cuts.push(text.len());
        let mut scanner = Scanner::new(Limits::default());
        let mut last = Ok(Scan::Partial);
        for cut in cuts {
            last = scanner.scan(&text.as_bytes()[..cut]);
            if last != Ok(Scan::Partial) {
                break;
            }
        }
        prop_assert_eq!(last, whole);
    }

    #[test]
    fn cutting_a_chunked_body_changes_nothing(
        sizes in proptest::collection::vec(1_usize..40, 0..5), step in 1_usize..17, tail in "[a-z]{0,6}",
    ) {
        let mut text: String = sizes.iter().map(|size| format!("{size:X}\r\n{}\r\n", "d".repeat(*size))).collect();
        text.push_str("0\r\n\r\n");
        let length = text.len();
        text.push_str(&tail);
        let (mut chunked, mut total, mut done) = (Chunked::default(), 0, false);
        for piece in text.as_bytes().chunks(step) {
            if done { break; }
            let progress = chunked.feed(piece).unwrap();
            total += progress.taken;
            done = progress.done;
        }
        prop_assert!(done);
        prop_assert_eq!(total, length);
    }

    #[test]
    fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = scan(&bytes);
        let _ = Chunked::default().feed(&bytes);
    }
}
