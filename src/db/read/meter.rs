//! Counts what a piece of work reads, so that a load can be told what it cost.

use std::cell::Cell;

tokio::task_local! {
    static METER: Cell<Running>;
}

/// What has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    pub statements: u64,
    pub rows: u64,
    /// How often the database was waited for: statements that are sent before any of them is answered wait together.
    pub round_trips: u64,
}

/// A measurement, while it goes on.
#[derive(Clone, Copy, Debug, Default)]
struct Running {
    meter: Meter,
    /// Statements were sent, and none of them is answered yet.
    is_waiting: bool,
}

/// Runs `work` and says what it read by the read door. Work it spawns as another task is not seen.
pub async fn metered<F: Future>(work: F) -> (F::Output, Meter) {
    let (output, Running { meter, .. }) = METER
        .scope(Cell::default(), async {
            let output = work.await;
            (output, METER.with(Cell::get))
        })
        .await;
    // Whoever measures around this measures this too.
    change(|around| {
        around.meter.statements += meter.statements;
        around.meter.rows += meter.rows;
        around.meter.round_trips += meter.round_trips;
    });
    (output, meter)
}

/// A statement is sent.
pub(super) fn sent() {
    change(|running| {
        running.meter.statements += 1;
        running.meter.round_trips += u64::from(!running.is_waiting);
        running.is_waiting = true;
    });
}

/// A statement is answered with so many rows.
pub(super) fn answered(rows: usize) {
    change(|running| {
        running.meter.rows += rows as u64;
        running.is_waiting = false;
    });
}

/// Changes the innermost measurement, if there is one.
fn change(change: impl FnOnce(&mut Running)) {
    let _ = METER.try_with(|running| {
        let mut now = running.get();
        change(&mut now);
        running.set(now);
    });
}
