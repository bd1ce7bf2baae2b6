//! One function over many items on all cores, results in order. Threads of the standard library serve.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Applies `work` to every item on up to `threads` threads.
pub fn map<I: Send, O: Send>(items: Vec<I>, threads: usize, work: impl Fn(I) -> O + Sync) -> Vec<O> {
    if threads <= 1 || items.len() <= 1 {
        return items.into_iter().map(work).collect();
    }
    let slots: Vec<Mutex<(Option<I>, Option<O>)>> = items.into_iter().map(|item| Mutex::new((Some(item), None))).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(slots.len()) {
            scope.spawn(|| {
                while let Some(slot) = slots.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // Each slot is touched by one thread only; the lock is never contended.
                    let Ok(mut slot) = slot.lock() else { continue };
                    slot.1 = slot.0.take().map(&work);
                }
            });
        }
    });
    slots.into_iter().filter_map(|slot| slot.into_inner().ok()?.1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        for threads in [1, 2, 7] {
            let items: Vec<u32> = (0..1000).collect();
            assert_eq!(map(items.clone(), threads, |n| n * 2), items.iter().map(|n| n * 2).collect::<Vec<_>>());
        }
        assert!(map(Vec::<u32>::new(), 4, |n| n).is_empty());
    }
}
