//! The background runtime, which the first call that needs it starts, once.

use std::sync::{Arc, Barrier};
use std::thread;

use bridgehead::{BackgroundError, Builder, Flavor, configure_background, sync_call};
use bridgehead_tests::{child, within};
use tokio::runtime::Handle;

#[test]
fn it_is_configured_once_before_the_first_call() {
    const NAME: &str = "it_is_configured_once_before_the_first_call";
    if child::is_child(NAME) {
        let wrong = configure_background(Builder::new().flavor(Flavor::CurrentThread));
        assert_eq!(wrong, Err(BackgroundError::Flavor));
        let builder = Builder::new().worker_threads(3).thread_name("sized");
        assert_eq!(configure_background(builder.clone()), Ok(()));
        assert_eq!(configure_background(builder.clone()), Err(BackgroundError::Configured));
        sync_call!(async {
            assert_eq!(Handle::current().metrics().num_workers(), 3);
            let name = tokio::spawn(async { thread::current().name().map(str::to_owned) });
            assert_eq!(name.await.expect("the task").as_deref(), Some("sized"));
        });
        assert_eq!(configure_background(builder), Err(BackgroundError::Started));
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}

#[test]
fn sixty_four_threads_first_use_at_once_starts_it_once() {
    const NAME: &str = "sixty_four_threads_first_use_at_once_starts_it_once";
    if child::is_child(NAME) {
        within("first use", || {
            let barrier = Arc::new(Barrier::new(64));
            let threads: Vec<_> = (0..64)
                .map(|_| Arc::clone(&barrier))
                .map(|barrier| {
                    thread::spawn(move || {
                        barrier.wait();
                        sync_call!(async { Handle::current().id() })
                    })
                })
                .collect();
            let ids: Vec<_> =
                threads.into_iter().map(|thread| thread.join().expect("the thread")).collect();
            assert!(ids.iter().all(|id| *id == ids[0]));
        });
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}

#[test]
fn a_program_may_end_with_calls_pending() {
    const NAME: &str = "a_program_may_end_with_calls_pending";
    if child::is_child(NAME) {
        for _ in 0..4 {
            thread::spawn(|| sync_call!(std::future::pending::<()>()));
        }
        sync_call!(tokio::task::yield_now());
        return;
    }
    child::assert_success(NAME, &child::run(NAME));
}
