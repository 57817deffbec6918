//! Spreading independent pieces of work over all processors.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Does pieces `0..count` and returns their results in that order. Whoever is
/// free takes the next piece, so a busy processor holds nothing up. Each thread
/// keeps one `State`, so that buffers are reused from piece to piece.
pub(super) fn in_order<State: Default, T: Send>(
    count: u64,
    work: impl Fn(&mut State, u64) -> T + Sync,
) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get) as u64;
    let next = AtomicU64::new(0);
    let take_and_do = || {
        let (mut state, mut done) = (State::default(), Vec::new());
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= count {
                return done;
            }
            done.push((piece, work(&mut state, piece)));
        }
    };
    let mut done = thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads.min(count))
            .map(|_| scope.spawn(take_and_do))
            .collect();
        let mut done = take_and_do();
        for helper in helpers {
            match helper.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(piece, _)| *piece);
    done.into_iter().map(|(_, result)| result).collect()
}
