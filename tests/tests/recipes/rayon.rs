use bridgehead::sync_call;
use futures::stream::{self, StreamExt};
use rayon::prelude::*;

/// Makes one call per key. Each waiting call blocks a thread of rayon's pool, so the size of the
/// pool limits how many calls wait at the same time.
fn sum(keys: &[u32]) -> u32 {
    keys.par_iter().map(|key| compute(sync_call!(fetch(*key), on = "background"))).sum()
}

/// Makes one call, with up to 64 requests at the same time. The pool only computes.
fn faster_sum(keys: &[u32]) -> u32 {
    let fetched = stream::iter(keys).map(|key| fetch(*key)).buffer_unordered(64);
    let values: Vec<u32> = sync_call!(fetched.collect(), on = "background");
    values.into_par_iter().map(compute).sum()
}

async fn fetch(key: u32) -> u32 {
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    tokio::spawn(async move { 2 * key }).await.expect("the task")
}

fn compute(value: u32) -> u32 {
    value + 1
}

#[cfg(test)]
mod tests {
    use std::process;
    use std::time::Duration;

    use bridgehead::{Builder, background, configure_background, to_thread};
    use bridgehead_tests::contexts::everywhere;
    use bridgehead_tests::{Outcome, child, outcome};

    use super::*;

    const KEYS: [u32; 4] = [1, 2, 3, 4];

    #[test]
    fn calls_of_a_pool_work_wherever_it_is_used() {
        everywhere(|_| {
            assert_eq!(sum(&KEYS), 24);
            assert_eq!(faster_sum(&KEYS), 24);
        });
    }

    /// Calls in the pool, and in the call that waits for the pool.
    #[test]
    fn calls_nest_through_a_pool() {
        everywhere(|_| {
            let nested = sync_call!(async { KEYS.par_iter().map(|key| sum(&[*key])).sum::<u32>() });
            assert_eq!(nested, 24);
        });
    }

    /// Spawns `job` on the only worker of the background runtime, in a process of its own.
    fn on_the_only_worker<T: Send + 'static>(
        job: impl Future<Output = T> + Send + 'static,
    ) -> Outcome<T> {
        configure_background(Builder::new().worker_threads(1)).expect("nobody else does");
        let task = background().expect("the runtime").spawn(job);
        outcome(Duration::from_secs(3), || sync_call!(task, on_stall = "ignore").expect("the task"))
    }

    /// The deadlock that the page warns of: the worker waits for the pool, and the pool for the
    /// worker.
    #[test]
    fn a_worker_that_waits_for_a_pool_deadlocks_with_it() {
        const NAME: &str = "a_worker_that_waits_for_a_pool_deadlocks_with_it";
        if child::is_child(NAME) {
            let outcome = on_the_only_worker(async { sum(&KEYS) });
            assert!(matches!(outcome, Outcome::Hung), "{outcome:?}");
            process::exit(0);
        }
        child::assert_success(NAME, &child::run(NAME));
    }

    #[test]
    fn to_thread_leaves_the_worker_to_the_runtime() {
        const NAME: &str = "to_thread_leaves_the_worker_to_the_runtime";
        if child::is_child(NAME) {
            let outcome =
                on_the_only_worker(async { to_thread(|| sum(&KEYS)).await.expect("the work") });
            assert!(matches!(outcome, Outcome::Done(24)), "{outcome:?}");
            process::exit(0);
        }
        child::assert_success(NAME, &child::run(NAME));
    }
}
