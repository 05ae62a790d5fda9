//! A crate that wraps this one can pass its macros on, with `crate = path`.

/// Plays the crate that users of the facade depend on.
pub mod facade {
    #[doc(hidden)]
    pub mod deep {
        pub use bridgehead::{blocking, entry, sync_call, test, try_sync_call};

        /// Counts the calls that come through this path: they would also work through
        /// `::bridgehead`.
        pub mod __private {
            use std::cell::Cell;
            use std::future::Future;

            pub use bridgehead::__private::*;

            thread_local! {
                pub static PASSED: Cell<u32> = const { Cell::new(0) };
            }

            pub fn enter() -> Entered<'static> {
                PASSED.set(PASSED.get() + 1);
                bridgehead::__private::enter()
            }

            pub fn try_enter() -> Result<Entered<'static>, CallError> {
                PASSED.set(PASSED.get() + 1);
                bridgehead::__private::try_enter()
            }

            pub fn entry<F: Future, R>(
                builder: Builder,
                future: F,
                report: impl FnOnce(F::Output) -> R,
            ) -> R {
                PASSED.set(PASSED.get() + 1);
                bridgehead::__private::entry(builder, future, report)
            }

            pub fn test<F: Future, R>(
                builder: Builder,
                leaks: Leaks,
                future: F,
                report: impl FnOnce(F::Output) -> R,
            ) -> R {
                PASSED.set(PASSED.get() + 1);
                bridgehead::__private::test(builder, leaks, future, report)
            }
        }
    }

    /// As `sync_call!`.
    #[macro_export]
    macro_rules! block {
        ($future:expr) => {
            $crate::facade::deep::sync_call!($future, crate = $crate::facade::deep)
        };
    }

    /// As `try_sync_call!`.
    #[macro_export]
    macro_rules! try_block {
        ($future:expr, $timeout:expr) => {
            $crate::facade::deep::try_sync_call!(
                $future,
                timeout = $timeout,
                crate = $crate::facade::deep
            )
        };
        ($future:expr, within $timeout:literal) => {
            $crate::facade::deep::try_sync_call!(
                $future,
                crate = $crate::facade::deep,
                timeout = $timeout
            )
        };
    }

    /// As `#[blocking]`.
    #[macro_export]
    macro_rules! twin {
        ($(#[$attribute:meta])* $visibility:vis async fn $name:ident() -> $returned:ty $body:block) => {
            #[$crate::facade::deep::blocking(timeout, crate = $crate::facade::deep)]
            $(#[$attribute])*
            $visibility async fn $name() -> $returned $body
        };
    }

    /// As `#[entry]`.
    #[macro_export]
    macro_rules! program {
        ($visibility:vis, $returned:ty $body:block, $threads:literal, $flavor:literal) => {
            #[$crate::facade::deep::entry(
                worker_threads = $threads,
                flavor = $flavor,
                crate = $crate::facade::deep,
            )]
            $visibility async fn main() -> $returned $body
        };
    }
}

mod elsewhere {
    use crate::facade;

    #[facade::deep::entry(crate = crate::facade::deep)]
    pub(crate) async fn main() {}

    pub(crate) mod text {
        #[bridgehead::entry(crate = "super::facade::deep")]
        pub(crate) async fn main() {}
    }

    pub(crate) mod by_macro {
        crate::program!(pub(crate), Result<(), String> { Ok(()) }, 1, "multi_thread");
    }
}

fn passed() -> u32 {
    facade::deep::__private::PASSED.get()
}

async fn fetch() -> u32 {
    tokio::task::yield_now().await;
    4
}

#[test]
fn calls_are_handed_on() {
    assert_eq!(block!(fetch()), 4);
    assert_eq!(try_block!(fetch(), std::time::Duration::from_secs(60)).unwrap(), 4);
    assert_eq!(try_block!(fetch(), within "1m").unwrap(), 4);
    assert_eq!(passed(), 3);
}

#[test]
fn entry_is_handed_on() {
    assert_eq!(elsewhere::main(), std::process::ExitCode::SUCCESS);
    assert_eq!(elsewhere::text::main(), std::process::ExitCode::SUCCESS);
    assert_eq!(elsewhere::by_macro::main(), std::process::ExitCode::SUCCESS);
    assert_eq!(passed(), 3);
}

#[facade::deep::test(leaks = "fail", crate = facade::deep)]
async fn test_is_handed_on() -> Result<(), String> {
    assert_eq!(passed(), 1);
    Ok(())
}

twin! {
    async fn twins() -> u32 {
        fetch().await
    }
}

struct Client;

#[facade::deep::blocking(timeout, crate = "facade::deep")]
impl Client {
    async fn get(&self) -> u32 {
        fetch().await
    }

    #[facade::deep::blocking(skip)]
    async fn set(&self) {
        fetch().await;
    }
}

#[test]
fn twins_are_handed_on() {
    let limit = std::time::Duration::MAX;
    assert_eq!((blocking_twins(), blocking_twins_timeout(limit).unwrap()), (4, 4));
    assert_eq!((Client.blocking_get(), Client.blocking_get_timeout(limit).unwrap()), (4, 4));
    block!(Client.set());
    assert_eq!(passed(), 5);
}
