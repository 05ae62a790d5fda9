//! Running a future to its end on the thread that calls.

use std::future::Future;

use tokio::runtime::{Runtime, RuntimeFlavor};

use crate::call::park;
use crate::runtimes::build::Built;
use crate::thread_exit;

/// What a future can be run on to its end, on the thread that calls.
pub(crate) trait BlockOn {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output;
}

impl BlockOn for Runtime {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        if self.handle().runtime_flavor() == RuntimeFlavor::MultiThread && !thread_exit::tokio_can_park() {
            let _context = self.enter();
            return park::block_on(future, None).expect("it has no deadline");
        }
        self.block_on(future)
    }
}

impl BlockOn for Built {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self {
            Self::Shared(runtime) => BlockOn::block_on(runtime, future),
            Self::Local(runtime) => runtime.block_on(future),
        }
    }
}
