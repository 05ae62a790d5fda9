//! `interrupt = …`: a function of the caller's ends a call.

use std::cell::Cell;
use std::future;
use std::panic;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{CallError, sync_call, try_sync_call};
use bridgehead_tests::contexts::{everywhere, everywhere_at_once};
use bridgehead_tests::message;
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(2);

struct SetsOnDrop<'a>(&'a Cell<bool>);

impl Drop for SetsOnDrop<'_> {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn a_call_ends_when_the_function_returns_true_and_its_future_is_dropped() {
    everywhere_at_once(|case| {
        let (begun, is_dropped) = (Instant::now(), Cell::new(false));
        let here = thread::current().id();
        let mut asked = 0;
        let result = try_sync_call!(
            async {
                let _sets = SetsOnDrop(&is_dropped);
                future::pending::<()>().await;
            },
            interrupt = || {
                assert_eq!(thread::current().id(), here);
                asked += 1;
                asked == 2
            }
        );
        let Err(CallError::Interrupted { location, .. }) = result else { panic!("{result:?}") };
        assert!(location.file().ends_with("interrupts.rs"));
        assert!(is_dropped.get(), "{}", case.name);
        assert_eq!(asked, 2);
        // It takes far less than a second; the limit is for a busy machine.
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", case.name);
    });
}

#[test]
fn a_call_that_is_ready_asks_nobody() {
    everywhere(|_| {
        let never = || -> bool { unreachable!("asked") };
        assert_eq!(try_sync_call!(future::ready(7), interrupt = never).unwrap(), 7);
        try_sync_call!(sleep(Duration::from_micros(1)), interrupt = || false).unwrap();
    });
}

#[test]
fn the_function_may_make_calls_itself() {
    everywhere_at_once(|_| {
        let asks = Rc::new(Cell::new(0));
        let result = try_sync_call!(
            future::pending::<()>(),
            on = "background",
            interrupt = || {
                sync_call!(sleep(SHORT));
                asks.set(asks.get() + 1);
                asks.get() == 2
            }
        );
        assert!(matches!(result, Err(CallError::Interrupted { .. })), "{result:?}");
    });
}

#[test]
fn the_timeout_comes_first_if_it_is_shorter() {
    everywhere_at_once(|_| {
        let result =
            try_sync_call!(future::pending::<()>(), timeout = "20ms", interrupt = || false);
        assert!(result.is_err_and(|error| error.is_timeout()));
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_panic_of_the_function_is_passed_on() {
    everywhere_at_once(|_| {
        let call =
            || try_sync_call!(future::pending::<()>(), interrupt = || panic!("of the function"));
        let payload = panic::catch_unwind(call).expect_err("the panic");
        assert_eq!(message(payload.as_ref()), "of the function");
    });
}
