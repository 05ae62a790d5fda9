//! Ways to wait for a future in a synchronous function: this crate's, and, as controls, the two
//! that people write by hand. A case that all of them pass proves little.

use std::future::Future;
use std::thread;

use tokio::runtime::{self, Handle, RuntimeFlavor};
use tokio::task;

/// A way to wait. The future is made inside the call, where the right runtime is current.
pub trait Bridge: Copy + Send + Sync + 'static {
    /// Its name in messages.
    const NAME: &'static str;

    /// Makes the future and waits for its output.
    fn call<F: Future<Output: Send> + Send>(make: impl FnOnce() -> F + Send) -> F::Output;
}

/// `sync_call!`.
#[derive(Debug, Clone, Copy)]
pub struct Bridgehead;

impl Bridge for Bridgehead {
    const NAME: &'static str = "sync_call!";

    fn call<F: Future<Output: Send> + Send>(make: impl FnOnce() -> F + Send) -> F::Output {
        bridgehead::sync_call!(make())
    }
}

/// The bridge of most answers on the web.
#[derive(Debug, Clone, Copy)]
pub struct InPlace;

impl Bridge for InPlace {
    const NAME: &'static str = "block_in_place + Handle::block_on";

    fn call<F: Future<Output: Send> + Send>(make: impl FnOnce() -> F + Send) -> F::Output {
        task::block_in_place(|| Handle::current().block_on(async { make().await }))
    }
}

/// The bridge of the better answers: `InPlace`, but on a thread with a runtime of its own where
/// `block_in_place` would panic.
#[derive(Debug, Clone, Copy)]
pub struct InPlaceOrThread;

impl Bridge for InPlaceOrThread {
    const NAME: &'static str = "block_in_place, or a fresh thread";

    fn call<F: Future<Output: Send> + Send>(make: impl FnOnce() -> F + Send) -> F::Output {
        match Handle::try_current() {
            Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::MultiThread => {
                task::block_in_place(|| handle.block_on(async { make().await }))
            }
            _ => thread::scope(|scope| {
                let fresh = || {
                    let runtime = runtime::Builder::new_current_thread().enable_all().build();
                    runtime.expect("a runtime").block_on(async { make().await })
                };
                scope
                    .spawn(fresh)
                    .join()
                    .unwrap_or_else(|payload| std::panic::resume_unwind(payload))
            }),
        }
    }
}
