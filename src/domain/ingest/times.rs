//! When something was done, by the clocks of senders that may be wrong.

use entities::timestamp::Timestamp;

/// How far ahead of us a sender's clock may be and is still believed.
const AHEAD: i64 = 5 * 60 * 1_000;

/// When it was done: what the sender says, but not in the future. Late is late, however much: devices are offline
/// for months.
pub fn occurred(said: Timestamp, received_at: Timestamp) -> Timestamp {
    if said.millis() > received_at.millis() + AHEAD { received_at } else { said }
}

/// The same by a clock whose error the sender lets us see: it says when it sent, and we know when that arrived.
pub fn corrected(said: Timestamp, sent_at: Option<Timestamp>, received_at: Timestamp) -> Timestamp {
    let error = sent_at.map_or(0, |sent_at| received_at.millis() - sent_at.millis());
    occurred(Timestamp(said.millis().saturating_add(error)), received_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_future_is_now_and_a_clock_that_is_wrong_is_set_right() {
        let now = Timestamp(1_000_000_000);
        assert_eq!(occurred(Timestamp(now.0 + AHEAD + 1), now), now);
        assert_eq!(occurred(Timestamp(now.0 + AHEAD), now), Timestamp(now.0 + AHEAD));
        assert_eq!(occurred(Timestamp(5), now), Timestamp(5));
        // An hour fast: it says it was done ten seconds before it was sent.
        let sent = Timestamp(now.0 + 3_600_000);
        assert_eq!(corrected(Timestamp(sent.0 - 10_000), Some(sent), now), Timestamp(now.0 - 10_000));
    }
}
