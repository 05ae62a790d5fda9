//! What the macros expand to compiles under the strictest lints, whatever names are in scope.
#![deny(warnings, missing_docs, clippy::pedantic)]
#![forbid(unsafe_code)]

/// Every name that generated code could pick up by mistake means something else here.
mod hostile {
    #![no_implicit_prelude]
    #![allow(non_camel_case_types, non_local_definitions, unused_macros)]

    macro_rules! hostile {
        ($($item:item)*) => { $(#[allow(dead_code)] $item)* };
    }

    hostile! {
        mod bridgehead {}
        mod core {}
        mod std {}
        mod __private {}
        struct Option;
        struct Result;
        struct Some;
        struct None;
        struct Ok;
        struct Err;
        struct Duration;
        struct Builder;
        struct Flavor;
        struct ExitCode;
        struct usize;
        struct u64;
        struct u32;
        trait Future {}
        trait ExitValue {
            fn report(&self) {}
            fn flavor(&self) {}
            fn worker_threads(&self) {}
        }
        impl<T> ExitValue for T {}
        fn run() {}
        fn entry() {}
        fn wait() {}
        fn enter() {}
        fn try_wait() {}
        fn try_enter() {}
        fn identity() {}
        fn test_within() {}
        struct Leaks;
        struct Signal;
        struct Unhandled;
        trait TestValue {
            fn report(&self) {}
        }
        impl<T> TestValue for T {}
    }

    // An item, since the compiler's own output for a test needs the name `test`.
    #[allow(unused)]
    fn test() {}

    macro_rules! compile_error {
        () => {};
    }

    async fn fetch(number: i32) -> ::core::result::Result<i32, ::std::string::String> {
        ::tokio::time::sleep(::core::time::Duration::from_millis(1)).await;
        ::core::result::Result::Ok(number)
    }

    #[::bridgehead::entry(
        flavor = "multi_thread",
        worker_threads = 1,
        max_blocking_threads = 1_usize,
        name = "hostile",
        thread_name = "hostile",
        thread_stack_size = 2 * 1024 * 1024,
        thread_keep_alive = "1m30s250ms",
        event_interval = 61,
        global_queue_interval = 31_u32,
        grace_period = "1s",
        shutdown_timeout = "1s",
        unhandled = "report",
        on_unhandled = |failure| ::core::mem::drop(::std::string::ToString::to_string(failure)),
        slow_poll_threshold = "1m",
        signals = false,
        stall_after = "2s",
        on_stall = "ignore",
        signal_status = "main",
        crate = ::bridgehead
    )]
    pub(crate) async fn main() -> ::core::result::Result<(), ::std::string::String> {
        let number = fetch(1).await?;
        ::std::assert_eq!(number, 1);
        ::core::result::Result::Ok(())
    }

    #[::bridgehead::test]
    async fn nothing() {}

    #[::bridgehead::test(
        flavor = "local",
        unhandled = "fail",
        stall_after = ::core::time::Duration::from_secs(2),
        on_stall = ::bridgehead::OnStall::Panic,
        on_unhandled = |_| (),
        signals = ["SIGHUP", "terminate", ::bridgehead::Signal::Interrupt],
        leaks = "fail",
        timeout = "1m",
        crate = ::bridgehead
    )]
    async fn everything() -> ::core::result::Result<(), ::std::string::String> {
        let number = fetch(1).await?;
        ::std::assert_eq!(number, 1);
        ::core::result::Result::Ok(())
    }

    /// With arguments, which another attribute would pass.
    #[::bridgehead::test]
    #[cold]
    pub(crate) async fn passed_on(number: i32, _: u8, mut other: i32, (left, _right): (i32, u8)) {
        other += left;
        ::std::assert_eq!(fetch(number).await, ::core::result::Result::Ok(other));
    }

    #[::bridgehead::test(timeout = "1m")]
    #[cold]
    pub(crate) async fn passed_on_elsewhere<T: ::core::marker::Send + 'static>(
        _unused: T,
        number: impl ::core::fmt::Display + ::core::marker::Send + 'static,
    ) -> ::std::process::ExitCode {
        ::std::assert_eq!(::std::string::ToString::to_string(&number), "4");
        ::std::process::ExitCode::SUCCESS
    }

    pub(crate) fn calls() -> ::core::result::Result<i32, ::std::boxed::Box<dyn ::std::error::Error>>
    {
        // If these names were not hygienic, the expressions would see others.
        let (entered, error) = (1, 2);
        let one = ::bridgehead::sync_call!(fetch(entered))?;
        let two = ::bridgehead::try_sync_call!(fetch(error))??;
        let three = ::bridgehead::try_sync_call!(fetch(entered + error), timeout = "1m")??;
        let four =
            ::bridgehead::sync_call!(fetch(entered), on_stall = "panic", stall_after = "1s")?;
        let five =
            ::bridgehead::try_sync_call!(fetch(error), on_stall = "ignore", timeout = "1m")??;
        ::core::result::Result::Ok(one + two + three + four + five)
    }
}

#[test]
fn names_in_scope_do_not_matter() {
    assert_eq!(hostile::main(), std::process::ExitCode::SUCCESS);
    assert_eq!(hostile::calls().unwrap(), 9);
    hostile::passed_on(4, 0, 3, (1, 2));
    assert_eq!(hostile::passed_on_elsewhere(vec![1], 4), std::process::ExitCode::SUCCESS);
}

#[test]
fn every_return_type_of_main_is_kept() {
    use std::process::{ExitCode, Termination};

    mod unit {
        #[bridgehead::entry]
        pub(crate) async fn main() {}
    }
    mod unit_written {
        #[bridgehead::entry()]
        pub(crate) async fn main() -> () {}
    }
    mod code {
        #[bridgehead::entry]
        pub(crate) async fn main() -> std::process::ExitCode {
            std::process::ExitCode::from(3)
        }
    }
    mod failure {
        #[bridgehead::entry]
        pub(crate) async fn main() -> Result<(), Box<dyn std::error::Error>> {
            Err("on purpose")?;
            Ok(())
        }
    }
    mod nameless {
        #[bridgehead::entry(flavor = "local")]
        pub(crate) async fn main() -> impl std::process::Termination {
            std::process::ExitCode::from(4)
        }
    }
    mod never {
        #[bridgehead::entry(flavor = bridgehead::Flavor::CurrentThread)]
        pub(crate) async fn main() -> ! {
            std::panic::resume_unwind(Box::new("never"))
        }
    }

    mod raw {
        #[bridgehead::entry]
        pub(crate) async fn r#main() {}
    }

    assert_eq!(unit::main(), ExitCode::SUCCESS);
    assert_eq!(raw::main(), ExitCode::SUCCESS);
    assert_eq!(unit_written::main(), ExitCode::SUCCESS);
    assert_eq!(code::main(), ExitCode::from(3));
    assert_eq!(failure::main().report(), ExitCode::FAILURE);
    assert_eq!(nameless::main(), ExitCode::from(4));
    assert!(std::panic::catch_unwind(|| -> () { never::main() }).is_err());
}

#[bridgehead::test]
async fn a_test_may_return_a_type_without_name() -> impl std::process::Termination {
    std::process::ExitCode::SUCCESS
}

#[test]
fn main_may_be_in_a_function() {
    #![allow(clippy::items_after_statements)]
    /// Its attributes and inner attributes are kept.
    #[bridgehead::entry(worker_threads = threads::<u8, u16>())]
    #[inline(never)]
    async fn main() -> Result<(), String> {
        #![allow(unused_variables)]
        let unused = 4;
        // `main` is this function, not the one of the crate.
        if std::env::args().count() == 0 {
            Box::pin(main()).await?;
        }
        Ok(())
    }
    fn threads<A, B>() -> usize {
        size_of::<A>() + size_of::<B>()
    }
    assert_eq!(main(), std::process::ExitCode::SUCCESS);
}
