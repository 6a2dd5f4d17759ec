//! Bodies that are too large, too slow, too deep, wrongly encoded.

use std::io::Write;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use encircle::http::state::RequestLimits;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use serde_json::json;

use super::harness::{Server, operation};

const LIMIT: usize = 256 * 1024;

/// `{"query":"{hello}"}`, compressed.
const BROTLI: &[u8] =
    &[27, 18, 0, 248, 165, 69, 246, 116, 250, 230, 36, 154, 140, 82, 179, 40, 35, 178, 41, 236, 14];

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// A good request padded with white space to a size.
fn padded(size: usize) -> String {
    let body = operation("{hello}");
    " ".repeat(size - body.len()) + &body
}

/// The same without a Content-Length.
fn chunked(body: &str) -> Body {
    let chunks: Vec<_> = body
        .as_bytes()
        .chunks(10_000)
        .map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk)))
        .collect();
    Body::from_stream(stream::iter(chunks))
}

#[tokio::test]
async fn the_limit_holds_however_a_body_is_sent() {
    let server = Server::new();
    assert_eq!(server.post(padded(LIMIT), &[]).await.status, 200);
    assert_eq!(server.post(chunked(&padded(LIMIT)), &[]).await.status, 200);
    let gzipped = [("content-encoding", "gzip")];
    assert_eq!(server.post(gzip(padded(LIMIT).as_bytes()), &gzipped).await.status, 200);

    let large = padded(LIMIT + 1);
    let length = [("content-length", "1073741824")];
    for (body, headers) in [
        (Body::from(large.clone()), &[][..]),
        (Body::from(large.clone()), &[("content-length", "262145")]),
        (chunked(&large), &[]),
        (Body::from(gzip(large.as_bytes())), &gzipped),
        (Body::from(gzip(&vec![b' '; 64 * 1024 * 1024])), &gzipped),
        (Body::from(operation("{hello}")), &length),
    ] {
        let answered = server.post(body, headers).await;
        assert_eq!((answered.status.as_u16(), &*answered.code()), (413, "LIMIT_EXCEEDED"), "{headers:?}");
    }
}

#[tokio::test]
async fn a_compressed_flood_that_decompresses_to_nothing_ends() {
    // A gzip header whose comment has no end.
    let header = Bytes::from_static(&[0x1f, 0x8b, 8, 0x10, 0, 0, 0, 0, 0, 3]);
    let comment = (0..1_000).map(|_| Bytes::from(vec![b'a'; 100_000]));
    let flood =
        Body::from_stream(stream::iter(std::iter::once(header).chain(comment).map(Ok::<_, std::io::Error>)));
    let answered = Server::new().post(flood, &[("content-encoding", "gzip")]).await;
    assert_eq!(answered.status, 413);
}

#[tokio::test]
async fn encodings_are_understood_or_refused() {
    let server = Server::new();
    let body = operation("{hello}");
    assert_eq!(server.post(body.clone(), &[("content-encoding", "identity")]).await.status, 200);
    let compressed = server.post(BROTLI, &[("content-encoding", "br")]).await;
    assert_eq!(compressed.json()["data"]["hello"], "hello ");
    for (encoding, bytes) in [("gzip", body.as_bytes().to_vec()), ("br", vec![0xFF; 20])] {
        let answered = server.post(bytes, &[("content-encoding", encoding)]).await;
        assert_eq!((answered.status.as_u16(), &*answered.code()), (400, "BAD_USER_INPUT"), "{encoding}");
    }
    let cut = gzip(body.as_bytes());
    assert_eq!(
        server.post(cut[..cut.len() - 12].to_vec(), &[("content-encoding", "gzip")]).await.status,
        400
    );
    for encoding in ["zstd", "deflate", "compress", "gzip, gzip"] {
        let answered = server.post(body.clone(), &[("content-encoding", encoding)]).await;
        assert_eq!(
            (answered.status.as_u16(), answered.header("accept-encoding")),
            (415, "gzip, br"),
            "{encoding}"
        );
    }
}

#[tokio::test]
async fn a_slow_body_is_given_up() {
    let server = Server::with_limits(RequestLimits {
        body_time: Duration::from_millis(50),
        ..RequestLimits::default()
    });
    let answered =
        server.post(Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>()), &[]).await;
    assert_eq!((answered.status.as_u16(), &*answered.code()), (408, "REQUEST_TIMEOUT"));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_the_callers_error() {
    let chunks = [Ok(Bytes::from_static(b"{\"query\"")), Err(std::io::Error::other("gone"))];
    assert_eq!(Server::new().post(Body::from_stream(stream::iter(chunks)), &[]).await.status, 400);
}

#[tokio::test]
async fn hostile_json_is_refused_with_a_reason() {
    let server = Server::new();
    let nested = |depth: usize| {
        format!(
            "{{\"query\":\"{{hello}}\",\"variables\":{{\"a\":{}{}}}}}",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    assert_eq!(server.post(nested(60), &[]).await.status, 200);
    let keys: serde_json::Map<_, _> = (0..20_001).map(|n| (n.to_string(), json!(0))).collect();
    for (body, reason) in [
        (nested(65).into_bytes(), "more than 64 deep"),
        (nested(100_000).into_bytes(), "more than 64 deep"),
        (json!({ "query": "{hello}", "variables": keys }).to_string().into_bytes(), "more than 20000 values"),
        (json!({ "query": "{hello}", "variables": { "a": "x\0" } }).to_string().into_bytes(), "NUL"),
        (json!({ "query": "{hello}", "variables": { "a\0": 1 } }).to_string().into_bytes(), "NUL"),
        (json!({ "query": "{hello}\0" }).to_string().into_bytes(), "NUL"),
        (b"{\"query\":\"\xff\"}".to_vec(), "UTF-8"),
        (b"{\"query\":\"\\ud800\"}".to_vec(), "not valid JSON"),
        (b"{\"query\":\"{hello}\",\"variables\":{\"a\":1e999}}".to_vec(), "not valid JSON"),
        (b"{\"query\":\"{hello}\"} x".to_vec(), "not valid JSON"),
    ] {
        let answered = server.post(body, &[]).await;
        assert_eq!((answered.status.as_u16(), &*answered.code()), (400, "BAD_USER_INPUT"));
        assert!(answered.message().contains(reason), "{}", answered.message());
    }
}
