//! Counts what a piece of work reads, so that a load can be told what it cost.

use std::cell::Cell;

tokio::task_local! {
    static METER: Cell<Meter>;
}

/// What has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    pub statements: u64,
    pub rows: u64,
}

/// Runs `work` and says what it read by the read door. Work it spawns as another task is not seen.
pub async fn metered<F: Future>(work: F) -> (F::Output, Meter) {
    let (output, meter) = METER
        .scope(Cell::default(), async {
            let output = work.await;
            (output, METER.with(Cell::get))
        })
        .await;
    // Whoever measures around this measures this too.
    add(meter);
    (output, meter)
}

/// Adds to the innermost measurement, if there is one.
pub(super) fn add(more: Meter) {
    let _ = METER.try_with(|meter| {
        let Meter { statements, rows } = meter.get();
        meter.set(Meter { statements: statements + more.statements, rows: rows + more.rows });
    });
}
