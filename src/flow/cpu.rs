//! The threads on which the pure stages run: as many at once as the machine has cores, in the order they were asked.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::task::AbortOnDropHandle;

/// A bounded share of the blocking threads of a runtime.
#[derive(Debug, Clone)]
pub struct Cpu {
    runtime: Handle,
    permits: Arc<Semaphore>,
    threads: usize,
}

impl Cpu {
    /// At most `threads` jobs at once.
    pub fn new(runtime: Handle, threads: usize) -> Cpu {
        Cpu { runtime, permits: Arc::new(Semaphore::new(threads)), threads }
    }

    /// Jobs that run at once.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The runtime the jobs belong to.
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Starts a job as soon as a thread is free. Dropping the handle takes back a job that has not started.
    pub fn start<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> AbortOnDropHandle<Option<T>> {
        let (runtime, permits) = (self.runtime.clone(), self.permits.clone());
        AbortOnDropHandle::new(self.runtime.spawn(async move {
            // The semaphore is never closed, and jobs catch their own panics: `None` means that the runtime went down.
            let permit = permits.acquire_owned().await.ok()?;
            let done = runtime.spawn_blocking(move || {
                let result = job();
                drop(permit);
                result
            });
            done.await.ok()
        }))
    }
}
