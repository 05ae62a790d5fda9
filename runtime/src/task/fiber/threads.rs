//! The threads of a run for its fibers. A fiber stays on the thread where it has begun.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, oneshot};
use tokio::task::LocalSet;

use crate::error::RunError;
use crate::task::join::{Joined, Joining, NotJoined};
use crate::task::token::Token;

/// Begins a fiber, on the thread that it will stay on.
type Job = Box<dyn FnOnce(&LocalSet) + Send>;
type Jobs = UnboundedSender<Job>;

/// The threads for the fibers of a run.
#[derive(Debug, Default)]
pub(crate) struct FiberThreads {
    threads: Mutex<Threads>,
}

#[derive(Debug, Default)]
struct Threads {
    threads: Vec<Thread>,
    closed: bool,
}

#[derive(Debug)]
struct Thread {
    jobs: Jobs,
    load: Arc<Count>,
    handle: JoinHandle<()>,
    /// Disconnected when the thread has run its last fiber, and has dropped all other local tasks.
    ended: mpsc::Receiver<Infallible>,
}

/// The number of fibers on a thread.
#[derive(Debug, Default)]
struct Count {
    fibers: AtomicUsize,
    fell: Notify,
}

impl Count {
    fn get(&self) -> usize {
        self.fibers.load(Ordering::Acquire)
    }

    /// Waits until the thread has no fiber.
    async fn is_none(&self) {
        while self.get() > 0 {
            self.fell.notified().await;
        }
    }
}

impl FiberThreads {
    fn threads(&self) -> MutexGuard<'_, Threads> {
        // Nothing that can panic runs under this lock, so a poisoned one is sound.
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the fiber that `make` creates, on the thread with the fewest fibers. If no thread is
    /// idle, and there are fewer than `most`, it is started on a new thread.
    ///
    /// # Errors
    ///
    /// If there is no thread, and the system has none.
    pub(crate) fn start<F, T>(
        &self,
        handle: &Handle,
        most: usize,
        make: impl FnOnce() -> Result<F, RunError> + Send + 'static,
    ) -> io::Result<Joining<T>>
    where
        F: Future<Output = Option<T>> + 'static,
        T: Send + 'static,
    {
        let abort = Arc::new(Token::default());
        let (sender, receiver) = oneshot::channel();
        let answer = Answer(Some(sender));
        let joining = Joining { receiver, abort: Arc::clone(&abort) };
        let Some((jobs, load)) = self.threads().choose(handle, most)? else { return Ok(joining) };
        let job = Box::new(move |set: &LocalSet| {
            set.spawn_local(async move {
                let _load = load;
                answer.give(run(make, &abort).await);
            });
        });
        // The receiver is gone if the thread has panicked. The job is then dropped, and its
        // `Answer` sends an outcome.
        let _ = jobs.send(job);
        Ok(joining)
    }

    /// The number of threads.
    pub(crate) fn count(&self) -> usize {
        self.threads().threads.len()
    }

    /// Makes each thread end when its fibers have ended.
    pub(crate) fn close(&self) {
        let mut threads = self.threads();
        threads.closed = true;
        for thread in &mut threads.threads {
            // Drops the sender that the thread waits for. Other clones live only while a job is
            // sent.
            thread.jobs = unbounded_channel().0;
        }
    }

    /// Waits for the threads whose fibers have ended, but no longer than `limit`. These threads
    /// still drop other local tasks that the user's code has spawned there.
    pub(crate) fn join(&self, limit: Duration) {
        let begun = Instant::now();
        let threads = std::mem::take(&mut self.threads().threads);
        for Thread { handle, load, ended, .. } in threads {
            let left = limit.saturating_sub(begun.elapsed());
            if load.get() == 0 && ended.recv_timeout(left) == Err(RecvTimeoutError::Disconnected) {
                // A panic of the thread has been reported before.
                let _ = handle.join();
            }
        }
    }
}

impl Threads {
    /// Returns the thread for the next fiber. `None` if the threads are closed.
    fn choose(&mut self, handle: &Handle, most: usize) -> io::Result<Option<(Jobs, Load)>> {
        if self.closed {
            return Ok(None);
        }
        let loads = self.threads.iter().map(|thread| thread.load.get()).enumerate();
        let least = loads.min_by_key(|(_, load)| *load);
        let chosen = match least {
            Some((index, load)) if load == 0 || self.threads.len() >= most => index,
            _ => match (Thread::start(handle), least) {
                (Ok(thread), _) => {
                    self.threads.push(thread);
                    self.threads.len() - 1
                }
                // The fiber runs on one of the other threads instead.
                (Err(_), Some((index, _))) => index,
                (Err(error), None) => return Err(error),
            },
        };
        let Thread { jobs, load, .. } = &self.threads[chosen];
        Ok(Some((jobs.clone(), Load::new(load))))
    }
}

impl Thread {
    fn start(runtime: &Handle) -> io::Result<Self> {
        let (jobs, received) = unbounded_channel();
        let (ends, ended) = mpsc::channel();
        let load = Arc::<Count>::default();
        let (runtime, count) = (runtime.clone(), Arc::clone(&load));
        let work = move || {
            let _ends = ends;
            runtime.block_on(serve(received, &count));
        };
        let handle = thread::Builder::new().name("bridgehead-fibers".to_owned()).spawn(work)?;
        Ok(Self { jobs, load, handle, ended })
    }
}

/// Runs a thread's fibers until no more can be started and all have ended. Other local tasks of the
/// thread are then dropped, as tokio's tasks are when a run closes.
async fn serve(mut jobs: UnboundedReceiver<Job>, count: &Count) {
    let set = LocalSet::new();
    set.run_until(async {
        while let Some(job) = jobs.recv().await {
            job(&set);
        }
        count.is_none().await;
    })
    .await;
}

/// Counts a fiber on a thread for as long as this lives.
struct Load(Arc<Count>);

impl Load {
    fn new(count: &Arc<Count>) -> Self {
        count.fibers.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.fibers.fetch_sub(1, Ordering::Release);
        // The notification is stored if the thread isn't waiting yet.
        self.0.fell.notify_one();
    }
}

/// Polls the fiber that `make` creates, until it has ended or is aborted.
async fn run<F, T>(make: impl FnOnce() -> Result<F, RunError>, aborted: &Token) -> Joined<T>
where
    F: Future<Output = Option<T>>,
{
    let mut aborted = pin!(aborted.cancelled());
    let mut future = Box::pin(make()?);
    let mut poll = |cx: &mut Context<'_>| {
        if aborted.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        future.as_mut().poll(cx)
    };
    let mut ended = poll_fn(|cx| match panic::catch_unwind(AssertUnwindSafe(|| poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(payload) => Poll::Ready(Err(NotJoined::Panicked(payload))),
    })
    .await;
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| drop(future))) {
        ended = Err(NotJoined::Panicked(payload));
    }
    ended
}

/// Sends the outcome of the fiber to its awaiter, also if the fiber was never begun.
struct Answer<T>(Option<oneshot::Sender<Joined<T>>>);

impl<T> Answer<T> {
    fn give(mut self, joined: Joined<T>) {
        if let Some(sender) = self.0.take() {
            // The receiver is gone if no code awaits the fiber.
            let _ = sender.send(joined);
        }
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            let _ = sender.send(Ok(None));
        }
    }
}
