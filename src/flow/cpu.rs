//! The threads on which the pure stages run: as many as the machine has cores, and no more of them however long the worker runs.
//!
//! Jobs begin in the order they were asked. The blocking threads of tokio would not do: a job that is asked for while another
//! one is just ending gets a thread of its own there, and a busy pool never gives one back.

use std::future::Future;
use std::io;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::Stop;
use crate::settings::Run;
use crate::stage::panic_text;

/// Threads for the stages: as many as are set, else one for each core.
pub fn threads(run: &Run) -> usize {
    run.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZero::get))
}

type Job = Box<dyn FnOnce() + Send>;

/// The threads, and the queue before them. They end with the last of its clones.
#[derive(Debug, Clone)]
pub struct Cpu {
    runtime: Handle,
    queue: Sender<Job>,
    threads: usize,
}

impl Cpu {
    /// So many threads; `runtime` is where whoever asks for jobs lives.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn new(runtime: Handle, threads: usize) -> io::Result<Cpu> {
        let (queue, jobs) = mpsc::channel();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..threads {
            let jobs = jobs.clone();
            std::thread::Builder::new().name("line".into()).spawn(move || work(&jobs))?;
        }
        Ok(Cpu { runtime, queue, threads })
    }

    /// Jobs that run at once.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The runtime of those who ask.
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Asks for a job; the future gives its result. Dropping the future takes back a job that has not begun.
    ///
    /// # Errors
    /// [`Stop::Panicked`] where the job did, with what it said: its thread goes on. [`Stop::Broken`] where no thread is left.
    pub fn start<T, J>(&self, job: J) -> impl Future<Output = Result<T, Stop>> + Send + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce() -> T + Send + 'static,
    {
        let (done, result) = oneshot::channel();
        let job = move || {
            if !done.is_closed() {
                let _ = done.send(catch_unwind(AssertUnwindSafe(job))); // nobody waits any more
            }
        };
        // Without a thread the job is dropped here, and whoever waits hears of it.
        let _ = self.queue.send(Box::new(job));
        async move {
            let Ok(result) = result.await else {
                return Err(Stop::Broken("the worker's runtime is shutting down".into()));
            };
            result.map_err(|panic| Stop::Panicked(format!("work on a record panicked: {}", panic_text(&*panic))))
        }
    }
}

/// One thread: job after job, until nobody can ask any more.
fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        job();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Barrier;

    use super::*;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
    }

    #[test]
    fn so_many_at_once_on_so_many_threads() {
        block_on(async {
            let cpu = Cpu::new(Handle::current(), 3).unwrap();
            let mut seen = HashSet::new();
            for _ in 0..100 {
                // Passed only by three that run at once.
                let barrier = Arc::new(Barrier::new(3));
                let job = || {
                    let barrier = barrier.clone();
                    cpu.start(move || {
                        barrier.wait();
                        std::thread::current().id()
                    })
                };
                for result in [job(), job(), job()] {
                    seen.insert(result.await.unwrap());
                }
            }
            assert_eq!(seen.len(), 3);
        });
    }

    #[test]
    fn a_job_that_nobody_waits_for_is_not_begun() {
        block_on(async {
            let cpu = Cpu::new(Handle::current(), 1).unwrap();
            let (go, wait) = mpsc::channel::<()>();
            let first = cpu.start(move || wait.recv().is_ok());
            let (begun, heard) = mpsc::channel();
            drop(cpu.start(move || begun.send(())));
            go.send(()).unwrap();
            assert!(first.await.unwrap());
            assert_eq!(cpu.start(|| 7).await.unwrap(), 7);
            assert!(heard.try_recv().is_err());
        });
    }

    #[test]
    fn whoever_waits_hears_that_a_job_panicked_and_the_thread_goes_on() {
        block_on(async {
            let cpu = Cpu::new(Handle::current(), 1).unwrap();
            let ended = cpu.start(|| -> u8 { panic!("a job that panics") }).await;
            let Err(Stop::Panicked(text)) = ended else { unreachable!("{ended:?}") };
            assert!(text.contains("a job that panics"), "{text}");
            assert_eq!(cpu.start(|| 7).await.unwrap(), 7);
        });
    }
}
