//! Running a future to completion on the calling thread.

use std::future::Future;
use std::pin::{Pin, pin};

use tokio::runtime::{Runtime, RuntimeFlavor};

use crate::call::park;
use crate::runtimes::build::Built;
use crate::thread_exit;

/// A runtime on which the calling thread can run a future to completion.
pub(crate) trait BlockOn {
    /// Runs the future to completion. This isn't generic, so that tokio's three loops are compiled
    /// once, and not for each future.
    #[track_caller]
    fn drive(&self, future: Pin<&mut dyn Future<Output = ()>>);

    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut output = None;
        self.drive(pin!(async { output = Some(future.await) }));
        output.expect("the future has ended")
    }
}

impl BlockOn for Runtime {
    fn drive(&self, future: Pin<&mut dyn Future<Output = ()>>) {
        if self.handle().runtime_flavor() == RuntimeFlavor::MultiThread
            && !thread_exit::tokio_can_park()
        {
            let _context = self.enter();
            return park::block_on(future, None).expect("it has no deadline");
        }
        self.block_on(future);
    }
}

impl BlockOn for Built {
    fn drive(&self, future: Pin<&mut dyn Future<Output = ()>>) {
        match self {
            Self::Shared(runtime) => BlockOn::drive(runtime, future),
            Self::Local(runtime) => runtime.block_on(future),
        }
    }
}
