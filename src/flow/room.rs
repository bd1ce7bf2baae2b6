//! Room for what records become in memory: a packed message of 500 bytes may hold a text of five megabytes.
//!
//! The driver bounds the messages taken in; this bounds what is made of them, from their being read until they enter the
//! transaction. How large that is shows only when a record is read, so none is refused: a few may go over the bound, and the
//! next one waits at the entrance. Who has passed it must never wait there again, or for anybody who has not: a copy may
//! wait for its story, and stories print in the order in which they entered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Mutex, Notify, OwnedSemaphorePermit, Semaphore};

/// The room of a worker, and its entrance. Clones share it.
#[derive(Debug, Clone)]
pub struct Room(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bytes: usize,
    used: AtomicUsize,
    /// Something left.
    left: Notify,
    /// One at a time, in the order they came.
    entrance: Mutex<()>,
    /// Who has entered and whose size is not known yet.
    unread: Arc<Semaphore>,
}

impl Room {
    /// Room for `bytes`, which at most `unread` records of unknown size may go over.
    pub fn new(bytes: usize, unread: usize) -> Room {
        let unread = Arc::new(Semaphore::new(unread));
        Room(Arc::new(Inner {
            bytes,
            used: AtomicUsize::new(0),
            left: Notify::new(),
            entrance: Mutex::new(()),
            unread,
        }))
    }

    /// Waits until there is room, behind everybody who waits already.
    pub async fn enter(self) -> Held {
        let _turn = self.0.entrance.lock().await;
        while self.used() >= self.0.bytes {
            self.0.left.notified().await;
        }
        // The semaphore is never closed.
        let unread = self.0.unread.clone().acquire_owned().await.ok();
        Held { room: Some(self.0.clone()), bytes: 0, unread }
    }

    /// Bytes in use.
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Acquire)
    }
}

/// The room that one record takes; free when dropped.
#[derive(Debug, Default)]
pub struct Held {
    room: Option<Arc<Inner>>,
    bytes: usize,
    unread: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// What was made of the record has so many bytes now.
    pub fn takes(&mut self, bytes: usize) {
        let Some(room) = &self.room else { return };
        room.used.fetch_add(bytes, Ordering::AcqRel);
        room.used.fetch_sub(std::mem::replace(&mut self.bytes, bytes), Ordering::AcqRel);
        self.unread = None;
        room.left.notify_one();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.takes(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// Whether it ends at once.
    fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Some(done),
            Poll::Pending => None,
        }
    }

    #[test]
    fn as_many_as_are_unread_may_go_over_the_bound_and_the_next_waits() {
        let room = Room::new(100, 2);
        let (mut one, mut two) = (at_once(room.clone().enter()).unwrap(), at_once(room.clone().enter()).unwrap());
        assert!(at_once(room.clone().enter()).is_none(), "two are unread");
        one.takes(1000);
        assert!(at_once(room.clone().enter()).is_none(), "one is too large");
        two.takes(1000);
        assert_eq!(room.used(), 2000);
        one.takes(10);
        drop(two);
        assert_eq!(room.used(), 10);
        assert!(at_once(room.clone().enter()).is_some());
        drop(one);
        assert_eq!(room.used(), 0);
    }

    #[tokio::test]
    async fn who_waits_enters_in_order_once_there_is_room() {
        let room = Room::new(1, 8);
        let mut large = room.clone().enter().await;
        large.takes(50);
        let (entered, mut order) = tokio::sync::mpsc::unbounded_channel();
        for n in 0..5 {
            let (room, entered) = (room.clone(), entered.clone());
            let mut waiting = Box::pin(async move {
                let mut held = room.clone().enter().await;
                entered.send(n).unwrap();
                held.takes(1);
            });
            assert!(at_once(waiting.as_mut()).is_none());
            tokio::spawn(waiting);
        }
        drop((large, entered));
        for n in 0..5 {
            assert_eq!(order.recv().await, Some(n));
        }
    }

    #[test]
    fn a_lane_that_is_ended_at_the_entrance_blocks_nobody() {
        let room = Room::new(1, 1);
        let mut large = at_once(room.clone().enter()).unwrap();
        large.takes(50);
        let mut waiting = Box::pin(room.clone().enter());
        assert!(at_once(waiting.as_mut()).is_none());
        drop(waiting);
        drop(large);
        assert!(at_once(room.clone().enter()).is_some());
    }
}
