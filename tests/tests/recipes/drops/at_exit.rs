use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Container;

/// The container that all tests of the process share.
static SHARED: Mutex<Option<Container>> = Mutex::new(None);

/// Pass this function to `libc::atexit`, since a static is never dropped.
extern "C" fn drop_shared() {
    let container = SHARED.lock().unwrap_or_else(PoisonError::into_inner).take();
    // Drop it on a new thread, because tokio's thread-locals may be gone on this one.
    let _ = thread::spawn(|| drop(container)).join();
}

#[cfg(test)]
mod tests {
    use std::process;
    use std::sync::atomic::Ordering;

    use bridgehead::sync_call;
    use bridgehead_tests::child;

    use super::*;
    use crate::servers::{daemon, of_parent, run_beside};

    #[test]
    #[cfg_attr(panic = "abort", ignore = "its process ends in a way of its own")]
    fn a_container_of_a_static_is_stopped_at_exit() {
        const NAME: &str = "drops::at_exit::tests::a_container_of_a_static_is_stopped_at_exit";
        if child::is_child(NAME) {
            let container = sync_call!(Container::start(of_parent())).expect("a container");
            *SHARED.lock().expect("no panic") = Some(container);
            // SAFETY: the function doesn't unwind, and needs no thread-local state.
            assert_eq!(unsafe { libc::atexit(drop_shared) }, 0);
            // On this thread tokio's thread-local state is dropped before the handler is called.
            process::exit(0);
        }
        let (address, running) = daemon();
        let output = run_beside(address, NAME, "");
        child::assert_success(NAME, &output);
        assert_eq!(running.load(Ordering::SeqCst), 0, "{}", child::stderr(&output));
        assert!(!child::stderr(&output).contains("left behind"), "{}", child::stderr(&output));
    }
}
