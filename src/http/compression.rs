//! Answers compressed for those who take them so. The library's body has room for each of its encoders and is copied
//! from layer to layer: small answers, which are not compressed, are let past it.

use std::convert::Infallible;
use std::future::ready;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};

/// Smaller answers fit a packet anyway.
const COMPRESS_ABOVE: u64 = 1024;
/// Higher levels cost more time than the bytes they save take on the wire.
const LEVEL: CompressionLevel = CompressionLevel::Precise(4);

/// Compresses the answers of a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct CompressLayer;

#[derive(Clone, Debug)]
pub(super) struct Compress<S>(S);

impl<S> Layer<S> for CompressLayer {
    type Service = Compress<S>;

    fn layer(&self, inner: S) -> Compress<S> {
        Compress(inner)
    }
}

impl<S> Service<Request> for Compress<S>
where
    S: Service<Request, Response: IntoResponse, Future: Send + 'static>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let accepted = request.headers().get_all(header::ACCEPT_ENCODING).iter().cloned().collect();
        let answer = self.0.call(request);
        Box::pin(async move {
            let answer = answer.await?.into_response();
            match answer.size_hint().exact() {
                Some(bytes) if bytes < COMPRESS_ABOVE => Ok(answer),
                _ => Ok(Box::pin(compress(answer, accepted)).await),
            }
        })
    }
}

/// The answer in the best form that the request accepts.
async fn compress(answer: Response, accepted: Vec<HeaderValue>) -> Response {
    let mut asked = Request::new(Body::empty());
    for value in accepted {
        asked.headers_mut().append(header::ACCEPT_ENCODING, value);
    }
    let mut answer = Some(answer);
    let answered =
        service_fn(move |_: Request| ready(Ok::<_, Infallible>(answer.take().unwrap_or_default())));
    let predicate = SizeAbove::new(COMPRESS_ABOVE).and(DefaultPredicate::new());
    let layer = CompressionLayer::new().quality(LEVEL).compress_when(predicate);
    let Ok(response) = layer.layer(answered).oneshot(asked).await;
    response.map(Body::new)
}
