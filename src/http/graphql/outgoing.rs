//! What waits to be sent over a WebSocket, bounded by messages and by bytes: who does not read makes us keep no more.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

/// How long a message may take to be sent: who does not read is not waited for.
pub(super) const SEND_TIME: Duration = Duration::from_secs(10);
/// Messages that wait to be sent.
const MAX_WAITING: usize = 16;
/// Their bytes together; one that is longer waits alone.
const MAX_WAITING_BYTES: u32 = 1024 * 1024;

/// Nobody hears any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

/// A message with the room that it takes, which is free when it is sent.
struct Waiting {
    message: Message,
    _room: OwnedSemaphorePermit,
}

/// The end at which messages go in. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    sender: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

/// The end at which they are sent.
pub(super) struct Sending {
    waiting: mpsc::Receiver<Waiting>,
    room: Arc<Semaphore>,
}

/// Both ends.
pub(super) fn outgoing() -> (Outgoing, Sending) {
    let (sender, waiting) = mpsc::channel(MAX_WAITING);
    let room = Arc::new(Semaphore::new(MAX_WAITING_BYTES as usize));
    (Outgoing { sender, room: Arc::clone(&room) }, Sending { waiting, room })
}

impl Outgoing {
    /// Has a message sent; waits until there is room for it.
    pub async fn send(&self, message: Message) -> Result<(), Gone> {
        let room = Arc::clone(&self.room).acquire_many_owned(bytes(&message)).await.map_err(|_| Gone)?;
        self.sender.send(Waiting { message, _room: room }).await.map_err(|_| Gone)
    }

    /// Returns when nobody hears any more.
    pub async fn closed(&self) {
        self.sender.closed().await;
    }
}

fn bytes(message: &Message) -> u32 {
    let bytes = match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Close(_) => 0,
    };
    u32::try_from(bytes).unwrap_or(u32::MAX).clamp(1, MAX_WAITING_BYTES)
}

impl Sending {
    /// Sends what waits until a close is sent, or the client does not read.
    pub async fn run(mut self, mut sink: SplitSink<WebSocket, Message>) {
        while let Some(Waiting { message, _room }) = self.waiting.recv().await {
            let is_last = matches!(message, Message::Close(_));
            match timeout(SEND_TIME, sink.send(message)).await {
                Ok(Ok(())) if !is_last => {}
                _ => break,
            }
        }
    }
}

impl Drop for Sending {
    /// Who waits for room, or to be heard, waits in vain.
    fn drop(&mut self) {
        self.waiting.close();
        self.room.close();
    }
}
