//! `/graphql/ws` as clients of graphql-transport-ws use and misuse it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use encircle::http::serve::{ServeSettings, serve};
use encircle::http::state::HttpSettings;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::harness::{AWAY_TOKEN, CUSTOMER_TOKEN, STAFF_TOKEN, Server};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(10);

struct Address(SocketAddr);

async fn start(settings: HttpSettings) -> Address {
    serving(settings, ServeSettings::default()).await
}

async fn serving(settings: HttpSettings, serving: ServeSettings) -> Address {
    let server = Server::with(settings, || async { Ok(()) });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        serve(listener, server.router, &server.readiness, &serving, std::future::pending()).await;
    });
    Address(address)
}

impl Address {
    async fn dial(&self, headers: &[(&'static str, &str)]) -> Result<Socket, Error> {
        let mut request = format!("ws://{}/graphql/ws", self.0).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value)?);
        }
        Ok(Socket(connect_async(request).await?.0))
    }

    /// A socket on which nothing was said yet.
    async fn connect(&self) -> Socket {
        self.dial(&[PROTOCOL]).await.expect("it connects")
    }

    /// A socket that was greeted with a token.
    async fn greeted(&self, token: &str) -> Socket {
        let mut socket = self.connect().await;
        let payload = json!({ "Authorization": format!("Bearer {token}") });
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.heard().await, json!({ "type": "connection_ack" }));
        socket
    }
}

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

struct Socket(WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>);

impl Socket {
    async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    async fn send(&mut self, message: Message) {
        self.0.send(message).await.expect("it is sent");
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
    }

    async fn next(&mut self) -> Message {
        let next = timeout(LONG, self.0.next()).await.expect("something comes");
        next.expect("the socket is open").expect("a message")
    }

    async fn heard(&mut self) -> Value {
        match self.next().await {
            Message::Text(text) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("a text, not {other:?}"),
        }
    }

    /// The code and the reason with which the server closes.
    async fn closed(mut self) -> (u16, String) {
        loop {
            match self.next().await {
                Message::Close(Some(CloseFrame { code, reason })) => {
                    return (code.into(), reason.to_string());
                }
                Message::Text(_) | Message::Ping(_) => {}
                other => panic!("a close with a code, not {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn queries_mutations_and_subscriptions_share_a_socket() {
    let address = start(HttpSettings::default()).await;
    let mut socket = address.greeted(CUSTOMER_TOKEN).await;
    socket.subscribe("1", "{ viewer }").await;
    assert_eq!(
        socket.heard().await,
        json!({ "id": "1", "type": "next", "payload": { "data": { "viewer": "customer" } } })
    );
    assert_eq!(socket.heard().await, json!({ "id": "1", "type": "complete" }));
    // An id may be used again when its operation has ended.
    socket.subscribe("1", "mutation { bump }").await;
    assert_eq!(socket.heard().await["payload"], json!({ "data": { "bump": 1 } }));
    assert_eq!(socket.heard().await["type"], "complete");
    socket.subscribe("t", "subscription { ticks }").await;
    for tick in 1..=3 {
        let expected = json!({ "id": "t", "type": "next", "payload": { "data": { "ticks": tick } } });
        assert_eq!(socket.heard().await, expected);
    }
    assert_eq!(socket.heard().await, json!({ "id": "t", "type": "complete" }));
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.heard().await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn an_operation_that_is_refused_or_fails_ends_alone() {
    let address = start(HttpSettings::default()).await;
    let mut socket = address.greeted(CUSTOMER_TOKEN).await;
    let table = [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { ticks again: ticks }", "GRAPHQL_VALIDATION_FAILED"),
    ];
    for (query, code) in table {
        socket.subscribe("a", query).await;
        let heard = socket.heard().await;
        assert_eq!((&heard["id"], &heard["type"]), (&json!("a"), &json!("error")), "{heard}");
        assert_eq!(heard["payload"][0]["extensions"]["code"], code, "{heard}");
    }
    socket.subscribe("f", "subscription Failing { ticks }").await;
    for _ in 1..=3 {
        assert_eq!(socket.heard().await["type"], "next");
    }
    let heard = socket.heard().await;
    assert_eq!((&heard["id"], &heard["type"]), (&json!("f"), &json!("error")), "{heard}");
    assert_eq!(heard["payload"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    assert!(!heard.to_string().contains("secret"), "{heard}");
    socket.subscribe("f", "{ hello }").await;
    assert_eq!(socket.heard().await["payload"]["data"]["hello"], "hello ");
}

#[tokio::test]
async fn an_operation_that_the_client_completes_says_nothing_more() {
    let address = start(HttpSettings::default()).await;
    let mut socket = address.greeted(CUSTOMER_TOKEN).await;
    socket.subscribe("e", "subscription Endless { ticks }").await;
    for _ in 1..=3 {
        assert_eq!(socket.heard().await["type"], "next");
    }
    socket.say(json!({ "type": "complete", "id": "e" })).await;
    // Neither one that is not known any more, nor one that never was, is an offence: messages cross on their way.
    socket.say(json!({ "type": "complete", "id": "e" })).await;
    socket.subscribe("e", "{ hello }").await;
    assert_eq!(socket.heard().await["payload"]["data"]["hello"], "hello ");
}

#[tokio::test]
async fn an_operation_begun_anew_under_a_name_can_be_ended_too() {
    let address = start(HttpSettings::default()).await;
    let mut socket = address.greeted(CUSTOMER_TOKEN).await;
    for _ in 0..100 {
        socket.subscribe("x", "{ hello }").await;
        socket.say(json!({ "type": "complete", "id": "x" })).await;
        socket.subscribe("x", "subscription Endless { ticks }").await;
        while socket.heard().await["payload"]["data"]["ticks"] != 3 {}
        socket.say(json!({ "type": "complete", "id": "x" })).await;
    }
    // None of them goes on: there is room for as many as a socket may run.
    socket.subscribe("q", "{ hello }").await;
    while socket.heard().await["id"] != "q" {}
    for number in 0..49 {
        socket.subscribe(&number.to_string(), "subscription Endless { ticks }").await;
        while socket.heard().await["payload"]["data"]["ticks"] != 3 {}
    }
}

#[tokio::test]
async fn what_breaks_the_protocol_closes_the_socket_with_its_code() {
    let address = start(HttpSettings::default()).await;
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": "{hello}" } });
    let init = json!({ "type": "connection_init" });
    let endless =
        json!({ "type": "subscribe", "id": "1", "payload": { "query": "subscription Endless { ticks }" } });
    let text = |value: &Value| Message::text(value.to_string());
    let table: [(Vec<Message>, u16, &str); 11] = [
        (vec![text(&subscribe)], 4401, "Unauthorized"),
        (vec![text(&init), text(&init)], 4429, "Too many initialisation requests"),
        (vec![text(&init), text(&endless), text(&endless)], 4409, "Subscriber for 1 already exists"),
        (vec![Message::text("{")], 4400, "JSON"),
        (vec![text(&json!({ "type": "start" }))], 4400, "type"),
        (vec![text(&init), text(&json!({ "type": "connection_ack" }))], 4400, "type"),
        (vec![text(&init), text(&json!({ "type": "subscribe", "payload": {} }))], 4400, "id"),
        (vec![text(&init), text(&json!({ "type": "subscribe", "id": "1" }))], 4400, "payload"),
        (
            vec![text(&init), text(&json!({ "type": "subscribe", "id": "é".repeat(200), "payload": {} }))],
            4400,
            "128",
        ),
        (vec![Message::binary(vec![1])], 4400, "text"),
        (
            vec![text(
                &json!({ "type": "connection_init", "payload": { "Authorization": "Bearer guessed" } }),
            )],
            4403,
            "Forbidden",
        ),
    ];
    for (messages, code, words) in table {
        let mut socket = address.connect().await;
        let said = format!("{messages:?}");
        for message in messages {
            socket.send(message).await;
        }
        let (found, reason) = socket.closed().await;
        assert_eq!(found, code, "{said}: {reason}");
        assert!(reason.contains(words), "{said}: {reason}");
    }
}

#[tokio::test]
async fn a_token_that_is_over_closes_the_socket_in_the_midst_of_it() {
    let address = start(HttpSettings::default()).await;
    let mut socket = address.greeted(CUSTOMER_TOKEN).await;
    socket.subscribe("s", "subscription SignedOut { ticks }").await;
    for tick in 1..=3 {
        assert_eq!(socket.heard().await["payload"]["data"]["ticks"], tick);
    }
    assert_eq!(socket.closed().await, (4401, "Unauthorized".to_owned()));
}

#[tokio::test]
async fn a_client_that_does_not_greet_is_closed() {
    let address = start(HttpSettings::default()).await;
    let mut socket = address.connect().await;
    // A sign of life is no greeting.
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.heard().await, json!({ "type": "pong" }));
    assert_eq!(socket.closed().await, (4408, "Connection initialisation timeout".to_owned()));
}

#[tokio::test]
async fn another_subprotocol_is_refused() {
    let address = start(HttpSettings::default()).await;
    let old = [("sec-websocket-protocol", "graphql-ws")];
    for headers in [&[][..], &old[..]] {
        match address.dial(headers).await {
            Ok(socket) => assert_eq!(socket.closed().await.0, 4406),
            // The client itself may see that none was agreed upon.
            Err(Error::Protocol(_)) => assert!(!headers.is_empty()),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn the_token_may_come_in_the_header_or_the_greeting() {
    let address = start(HttpSettings::default()).await;
    let staff = format!("Bearer {STAFF_TOKEN}");
    let table = [
        (vec![PROTOCOL, ("authorization", &*staff)], json!(null), "staff"),
        (vec![PROTOCOL], json!({ "authorization": staff }), "staff"),
        (vec![PROTOCOL], json!({ "headers": { "Authorization": staff } }), "staff"),
        (vec![PROTOCOL, ("authorization", "Bearer guessed")], json!({ "Authorization": staff }), "staff"),
        (vec![PROTOCOL], json!({}), "anonymous"),
    ];
    for (headers, payload, viewer) in table {
        let mut socket = address.dial(&headers).await.expect("it connects");
        socket.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(socket.heard().await["type"], "connection_ack");
        socket.subscribe("1", "{ viewer }").await;
        assert_eq!(socket.heard().await["payload"]["data"]["viewer"], viewer, "{payload}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_not_connect() {
    let settings = HttpSettings {
        allowed_origins: vec![HeaderValue::from_static("https://shop.example")],
        ..HttpSettings::default()
    };
    let address = start(settings).await;
    let own = format!("http://{}", address.0);
    for origin in ["https://shop.example", &*own] {
        address.dial(&[PROTOCOL, ("origin", origin)]).await.expect(origin);
    }
    for origin in ["https://shop.example.evil.example", "null", "https://other.example"] {
        match address.dial(&[PROTOCOL, ("origin", origin)]).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{origin}"),
            other => panic!("{origin}: {:?}", other.map(|_| "connected")),
        }
    }
}

#[tokio::test]
async fn what_a_client_may_have_open_is_bounded() {
    let address = start(HttpSettings::default()).await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(address.greeted(CUSTOMER_TOKEN).await);
    }
    let mut one_more = address.connect().await;
    let payload = json!({ "Authorization": format!("Bearer {CUSTOMER_TOKEN}") });
    one_more.say(json!({ "type": "connection_init", "payload": payload })).await;
    let (code, reason) = one_more.closed().await;
    assert_eq!(code, 1013, "clients connect again: {reason}");
    assert!(reason.starts_with("Too many connections with this token"), "{reason}");
    let mut others = address.greeted(STAFF_TOKEN).await;
    others.subscribe("1", "{ hello }").await;
    assert_eq!(others.heard().await["type"], "next");
    // Its place is free as soon as one has left.
    sockets.pop().expect("a socket").0.close(None).await.expect("it closes");
    let again = async {
        loop {
            let mut socket = address.connect().await;
            socket.say(json!({ "type": "connection_init", "payload": payload })).await;
            if let Message::Text(_) = socket.next().await {
                return socket;
            }
        }
    };
    let mut socket = timeout(LONG, again).await.expect("there is room");
    for number in 0..51 {
        socket.subscribe(&number.to_string(), "subscription Endless { ticks }").await;
    }
    let (code, reason) = socket.closed().await;
    assert_eq!((code, &*reason), (4400, "A socket runs 50 operations at a time."));
}

#[tokio::test]
async fn a_message_that_is_too_long_closes_the_socket() {
    let address = start(HttpSettings::default()).await;
    let mut socket = address.greeted(CUSTOMER_TOKEN).await;
    let long = json!({ "type": "ping", "payload": { "a": "a".repeat(70_000) } });
    socket.say(long).await;
    loop {
        match timeout(LONG, socket.0.next()).await.expect("it is closed") {
            Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            Some(Ok(_)) => {}
        }
    }
    address.greeted(CUSTOMER_TOKEN).await;
}

#[tokio::test]
async fn when_the_server_ends_clients_are_told_to_connect_again() {
    let server = Server::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = Address(listener.local_addr().expect("it is bound"));
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(async move {
        let stopped = async { stopped.await.unwrap_or_default() };
        serve(listener, server.router, &server.readiness, &ServeSettings::default(), stopped).await;
    });
    let idle = address.greeted(CUSTOMER_TOKEN).await;
    let mut busy = address.greeted(STAFF_TOKEN).await;
    busy.subscribe("e", "subscription Endless { ticks }").await;
    assert_eq!(busy.heard().await["type"], "next");
    stop.send(()).expect("it runs");
    // Sockets are connections: the server waits for them.
    let mut ended = ended;
    assert!(timeout(Duration::from_millis(100), &mut ended).await.is_err(), "clients have not answered yet");
    for socket in [idle, busy] {
        assert_eq!(socket.closed().await, (1001, "The server ends; connect again.".to_owned()));
    }
    timeout(LONG, ended).await.expect("it ends").expect("in order");
}

#[tokio::test]
async fn what_is_being_done_when_the_server_ends_is_answered() {
    let server = Server::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = Address(listener.local_addr().expect("it is bound"));
    let (readiness, router) = (Arc::clone(&server.readiness), server.router.clone());
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(async move {
        let stopped = async { stopped.await.unwrap_or_default() };
        serve(listener, router, &readiness, &ServeSettings::default(), stopped).await;
    });
    let mut socket = address.greeted(CUSTOMER_TOKEN).await;
    socket.subscribe("watched", "subscription Endless { ticks }").await;
    while socket.heard().await["payload"]["data"]["ticks"] != 3 {}
    socket.subscribe("done", "mutation { bumpSlowly(ms: 300) }").await;
    socket.subscribe("read", "query { sleep(ms: 200) }").await;
    // An answer to it shows that both have been heard.
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.heard().await["type"], "pong");
    stop.send(()).expect("it runs");
    server.readiness.drained().await;
    // The client has not noticed yet: it is neither heard nor refused, and asks again elsewhere.
    socket.subscribe("late", "mutation { bump }").await;
    let mut heard = Vec::new();
    let close = loop {
        match socket.next().await {
            Message::Text(text) => heard.push(serde_json::from_str::<Value>(&text).expect("JSON")),
            Message::Close(Some(CloseFrame { code, .. })) => break u16::from(code),
            other => panic!("{other:?}"),
        }
    };
    let answers = [
        json!({ "id": "read", "type": "next", "payload": { "data": { "sleep": true } } }),
        json!({ "id": "read", "type": "complete" }),
        json!({ "id": "done", "type": "next", "payload": { "data": { "bumpSlowly": 1 } } }),
        json!({ "id": "done", "type": "complete" }),
    ];
    assert_eq!((heard.as_slice(), close, server.bumps()), (&answers[..], 1001, 1));
    drop(socket);
    timeout(LONG, ended).await.expect("it ends").expect("in order");
}

#[tokio::test]
async fn what_passes_by_itself_does_not_keep_clients_from_connecting_again() {
    let address = start(HttpSettings::default()).await;
    let mut socket = address.connect().await;
    let payload = json!({ "Authorization": format!("Bearer {AWAY_TOKEN}") });
    socket.say(json!({ "type": "connection_init", "payload": payload })).await;
    assert_eq!(socket.closed().await.0, 1013);
}

#[tokio::test]
async fn a_client_that_does_not_read_loses_its_socket() {
    let quick = ServeSettings { write_time: Duration::from_millis(300), ..ServeSettings::default() };
    let address = serving(HttpSettings::default(), quick).await;
    let mut stuck = Vec::new();
    for _ in 0..10 {
        let mut socket = address.greeted(CUSTOMER_TOKEN).await;
        socket.subscribe("f", "subscription Flood { ticks }").await;
        stuck.push(socket);
    }
    let payload = json!({ "Authorization": format!("Bearer {CUSTOMER_TOKEN}") });
    let again = async {
        loop {
            let mut socket = address.connect().await;
            socket.say(json!({ "type": "connection_init", "payload": payload })).await;
            if let Message::Text(_) = socket.next().await {
                return;
            }
        }
    };
    timeout(LONG, again).await.expect("their places are free");
}
