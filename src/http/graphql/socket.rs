//! `/graphql/ws`: operations over a WebSocket by graphql-transport-ws. Everything a client can make us keep is
//! bounded: how long it may take, what it may send, how much it may run, and how slowly it may read.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::pin::pin;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{interval, sleep, timeout};

use crate::http::errors::HttpError;
use crate::http::graphql::accept::MediaType;
use crate::http::graphql::operations::{self, Told};
use crate::http::graphql::outgoing::{Outgoing, SEND_TIME, outgoing};
use crate::http::graphql::protocol::{Close, FromClient, SUBPROTOCOL, bare};
use crate::http::serve::Permit;
use crate::http::sockets::Seat;
use crate::http::state::HttpState;

/// How long a client may take to say who it is.
const INIT_TIME: Duration = Duration::from_secs(3);
/// How long a client may take to answer a close.
const CLOSE_TIME: Duration = Duration::from_secs(2);
/// How often a silent socket shows that it lives, to the client and to proxies between.
const SIGN_OF_LIFE: Duration = Duration::from_secs(25);
/// Bytes of a message of a client.
const MAX_MESSAGE: usize = 64 * 1024;
/// Operations of one socket that run at the same time.
const MAX_OPERATIONS: usize = 50;
/// How long operations may take to end when the server ends.
const DRAIN_TIME: Duration = Duration::from_secs(10);

pub(in crate::http) async fn upgrade(
    State(state): State<HttpState>,
    permit: Option<Extension<Permit>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !is_allowed(&state, &headers) {
        let message = "Pages of this origin may not connect; see `allowed_origins` in the settings.";
        return HttpError::new(StatusCode::FORBIDDEN, "FORBIDDEN", message).answer(MediaType::Json);
    }
    let upgrade = upgrade.protocols([SUBPROTOCOL]).max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE);
    let agreed = upgrade.selected_protocol().is_some();
    upgrade
        .on_upgrade(async move |socket| {
            let (sink, mut stream) = socket.split();
            let (sender, sending) = outgoing();
            let session = async {
                let sender = sender;
                let close = match agreed {
                    true => Session::run(state, headers, &mut stream, sender.clone()).await,
                    false => Close::NO_SUBPROTOCOL,
                };
                // A client that does not read learns nothing more.
                let _ = timeout(SEND_TIME, sender.send(close.frame())).await;
            };
            tokio::join!(session, sending.run(sink));
            // Cut off before the client has answered, it might never see why.
            let _ = timeout(CLOSE_TIME, async { while let Some(Ok(_)) = stream.next().await {} }).await;
            drop(permit);
        })
        .into_response()
}

/// Browsers send cookies and addresses of pages with a socket, and ask nobody first; other clients send no origin.
fn is_allowed(state: &HttpState, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let is_own = || {
        let host = headers.get(header::HOST)?.to_str().ok()?;
        Some(origin.to_str().ok()?.split_once("://")?.1 == host)
    };
    state.settings.allowed_origins.contains(origin) || is_own().unwrap_or(false)
}

/// One client.
struct Session {
    state: HttpState,
    /// The credentials that count.
    credentials: HeaderMap,
    sender: Outgoing,
    /// Each gives the message that ends it, if there is one.
    running: JoinSet<Option<Message>>,
    operations: HashMap<String, AbortHandle>,
    /// Its place among the sockets of its token.
    _seat: Seat,
}

impl Session {
    /// Serves a client to the end; why it ends.
    async fn run(
        state: HttpState,
        headers: HeaderMap,
        stream: &mut SplitStream<WebSocket>,
        sender: Outgoing,
    ) -> Close {
        let payload = match timeout(INIT_TIME, greeting(stream, &sender)).await {
            Ok(Ok(payload)) => payload,
            Ok(Err(close)) => return close,
            Err(_) => return Close::INIT_TIMEOUT,
        };
        let credentials = credentials(payload.as_ref(), &headers);
        match state.tokens.still(&credentials).await {
            Ok(Some(_)) => {}
            Ok(None) => return Close::FORBIDDEN,
            Err(_) => return Close::INTERNAL,
        }
        let Some(seat) = state.sockets.take(credentials.get(header::AUTHORIZATION)) else {
            return Close::TOO_MANY_SOCKETS;
        };
        let _ = sender.send(bare("connection_ack")).await;
        let (running, operations) = (JoinSet::new(), HashMap::new());
        Self { state, credentials, sender, running, operations, _seat: seat }.serve(stream).await
    }

    async fn serve(mut self, stream: &mut SplitStream<WebSocket>) -> Close {
        let (readiness, sender) = (self.state.readiness.clone(), self.sender.clone());
        let (told, mut closing) = mpsc::channel(1);
        let ending = async {
            readiness.drained().await;
            sleep(DRAIN_TIME).await;
        };
        let mut ending = pin!(ending);
        let mut signs = interval(SIGN_OF_LIFE);
        signs.reset();
        loop {
            let is_draining = readiness.is_draining();
            if is_draining && self.running.is_empty() {
                return Close::GOING_AWAY;
            }
            tokio::select! {
                message = stream.next() => match self.heard(message, &told).await {
                    ControlFlow::Continue(()) => {}
                    ControlFlow::Break(close) => return close,
                },
                Some(ended) = self.running.join_next_with_id() => {
                    // Its id is free before the client hears that it has ended.
                    if let Some(last) = self.ended(ended) {
                        let _ = self.sender.send(last).await;
                    }
                }
                Some(close) = closing.recv() => return close,
                () = sender.closed() => return Close::GOING_AWAY,
                // What is only watched ends by itself now; what is being done may take its time.
                () = readiness.drained(), if !is_draining => {}
                () = &mut ending => return Close::GOING_AWAY,
                _ = signs.tick() => {
                    // Those that watch nothing are not looked at otherwise. A database that is away says nothing.
                    if matches!(self.state.tokens.still(&self.credentials).await, Ok(None)) {
                        return Close::UNAUTHORIZED;
                    }
                    let _ = self.sender.send(bare("ping")).await;
                }
            }
        }
    }

    /// Forgets an operation that has ended; what is to be said of it.
    fn ended(&mut self, ended: Result<(Id, Option<Message>), JoinError>) -> Option<Message> {
        let (task, last) = match ended {
            Ok(ended) => ended,
            Err(error) => (error.id(), None),
        };
        // The client may have ended it, and begun another of the same name.
        self.operations.retain(|_, operation| operation.id() != task);
        last
    }

    async fn heard(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
        told: &mpsc::Sender<Close>,
    ) -> ControlFlow<Close> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return ControlFlow::Continue(()),
            Some(Ok(Message::Binary(_))) => return ControlFlow::Break(Close::invalid("Messages are text.")),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return ControlFlow::Break(Close::GOING_AWAY),
        };
        match FromClient::read(&text) {
            Err(close) => ControlFlow::Break(close),
            Ok(FromClient::ConnectionInit(_)) => ControlFlow::Break(Close::TOO_MANY_INITS),
            Ok(FromClient::Ping) => self.say(bare("pong")).await,
            Ok(FromClient::Pong) => ControlFlow::Continue(()),
            Ok(FromClient::Complete { id }) => {
                if let Some(operation) = self.operations.remove(&id) {
                    operation.abort();
                }
                ControlFlow::Continue(())
            }
            Ok(FromClient::Subscribe { id, payload }) => self.subscribe(id, &payload, told),
        }
    }

    async fn say(&self, message: Message) -> ControlFlow<Close> {
        match self.sender.send(message).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(Close::GOING_AWAY),
        }
    }

    fn subscribe(
        &mut self,
        id: String,
        payload: &serde_json::value::RawValue,
        told: &mpsc::Sender<Close>,
    ) -> ControlFlow<Close> {
        if self.state.readiness.is_draining() {
            // The client asks again where it connects next.
            return ControlFlow::Continue(());
        }
        if self.operations.contains_key(&id) {
            return ControlFlow::Break(Close::duplicate(&id));
        }
        if self.running.len() >= MAX_OPERATIONS {
            let reason = format!("A socket runs {MAX_OPERATIONS} operations at a time.");
            return ControlFlow::Break(Close::invalid(reason));
        }
        let told = Told { id: id.clone(), sender: self.sender.clone(), close: told.clone() };
        let work =
            operations::run(self.state.clone(), self.credentials.clone(), payload.get().to_owned(), told);
        let operation = self.running.spawn(work);
        self.operations.insert(id, operation);
        ControlFlow::Continue(())
    }
}

/// Waits for `connection_init`, which comes first; its payload.
async fn greeting(stream: &mut SplitStream<WebSocket>, sender: &Outgoing) -> Result<Option<Value>, Close> {
    loop {
        let text = match stream.next().await {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Ok(Message::Binary(_))) => return Err(Close::invalid("Messages are text.")),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Close::GOING_AWAY),
        };
        match FromClient::read(&text)? {
            FromClient::ConnectionInit(payload) => return Ok(payload),
            FromClient::Ping => {
                let _ = sender.send(bare("pong")).await;
            }
            FromClient::Pong | FromClient::Complete { .. } => {}
            FromClient::Subscribe { .. } => return Err(Close::UNAUTHORIZED),
        }
    }
}

/// What the payload of `connection_init` says, since browsers cannot add headers to a socket; else the headers.
fn credentials(payload: Option<&Value>, headers: &HeaderMap) -> HeaderMap {
    let named = |value: &Value| {
        let object = value.as_object()?;
        let found = object.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
        HeaderValue::from_str(found.1.as_str()?).ok()
    };
    let said = payload.and_then(|payload| named(payload).or_else(|| named(payload.get("headers")?)));
    let mut credentials = HeaderMap::new();
    if let Some(said) = said {
        credentials.insert(header::AUTHORIZATION, said);
        return credentials;
    }
    for value in headers.get_all(header::AUTHORIZATION) {
        credentials.append(header::AUTHORIZATION, value.clone());
    }
    credentials
}
