//! Many who do something at once.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Requests under way at the same time.
pub const AT_ONCE: usize = 64;

/// Does it for each number below `count`, so many at once, in their order; what each who did it gives in the end.
/// `begin` makes what one of them works with.
pub fn each<S: Send>(
    next: &AtomicUsize,
    count: usize,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) + Sync,
) -> Vec<S> {
    std::thread::scope(|scope| {
        let one = || {
            let mut state = begin();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return state;
                }
                work(&mut state, number);
            }
        };
        let all: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|one| one.join().expect("no panic")).collect()
    })
}
