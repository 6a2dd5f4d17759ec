//! The bounds of what waits to be sent.

use std::time::Duration;

use axum::extract::ws::Message;
use tokio::time::timeout;

use super::outgoing::{Gone, outgoing};

fn message(bytes: usize) -> Message {
    Message::text("a".repeat(bytes))
}

/// How many of these messages find room while nobody sends them.
async fn fitting(bytes: usize) -> usize {
    let (sender, _sending) = outgoing();
    let mut sent = 0;
    while timeout(Duration::from_millis(20), sender.send(message(bytes))).await.is_ok() {
        sent += 1;
    }
    sent
}

#[tokio::test]
async fn what_waits_is_bounded_by_messages_and_by_bytes() {
    assert_eq!(fitting(10).await, 16);
    assert_eq!(fitting(300 * 1024).await, 3);
    // One that is longer than all that may wait goes through alone.
    assert_eq!(fitting(5 << 20).await, 1);
}

#[tokio::test]
async fn who_waits_for_room_learns_that_nobody_hears_any_more() {
    let (sender, sending) = outgoing();
    let first = sender.send(message(1 << 20)).await;
    let waiting = tokio::spawn({
        let sender = sender.clone();
        async move { sender.send(message(1 << 20)).await }
    });
    tokio::task::yield_now().await;
    drop(sending);
    assert_eq!((first, waiting.await.expect("it ends")), (Ok(()), Err(Gone)));
}
