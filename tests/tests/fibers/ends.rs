//! How fibers end that are not polled to completion.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::{Mutex, mpsc};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use bridgehead::{
    Builder, Fiber, Flavor, RunError, ThreadContext, fiber, fiber_future, sync_call, try_sync_call,
};
use bridgehead_tests::contexts::{multi, single};
use bridgehead_tests::{child, message, within};
use tokio::task::{self, LocalSet, yield_now};
use tokio::time::{sleep, timeout};

const SHORT: Duration = Duration::from_millis(5);

/// Records its drop, and the order of the drops.
struct Noted<'a>(&'a RefCell<Vec<u32>>, u32);

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1);
    }
}

/// Makes a call when it is dropped.
struct Says(Rc<Cell<u32>>);
impl Drop for Says {
    fn drop(&mut self) {
        let value = sync_call!(async {
            sleep(SHORT).await;
            tokio::spawn(async { 5 }).await
        });
        self.0.set(value.expect("the task"));
    }
}

/// Nests `depth` calls, each in a frame with a value to be dropped.
fn down(depth: u32, noted: &RefCell<Vec<u32>>) {
    let _noted = Noted(noted, depth);
    sync_call!(yield_now());
    if depth > 0 {
        sync_call!(async {
            yield_now().await;
            down(depth - 1, noted);
        });
    }
    sync_call!(yield_now());
}

fn poll<T>(fiber: &mut Fiber<T>) -> bool {
    Pin::new(fiber).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
fn it_may_be_dropped_at_every_point() {
    within("the drops", || {
        let runtime = single();
        let _context = runtime.enter();
        let (mut polls, mut has_ended) = (0, false);
        while !has_ended {
            let noted = Rc::new(RefCell::new(Vec::new()));
            let on_fiber = Rc::clone(&noted);
            let mut waits = fiber(move || down(5, &on_fiber));
            has_ended = (0..polls).any(|_| poll(&mut waits));
            polls += 1;
            drop(waits);
            // The frames are dropped from the inside out, as far as the fiber has got.
            let noted = Rc::into_inner(noted).expect("nobody else has it").into_inner();
            assert!(noted.is_sorted(), "{noted:?}");
            assert_eq!(noted.last(), (polls > 1).then_some(&5), "{polls}");
        }
        assert_eq!(polls, 5 * 3 + 2 + 2);
        assert_eq!(ThreadContext::current(), ThreadContext::EnteredCurrentThread);
    });
}

/// Everything that ends a future ends a fiber.
#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
fn it_ends_with_its_future() {
    fn waits(ended: &Rc<Cell<u32>>) -> Fiber<()> {
        struct Ended(Rc<Cell<u32>>);
        impl Drop for Ended {
            fn drop(&mut self) {
                self.0.set(self.0.get() + 1);
            }
        }
        let ended = Ended(Rc::clone(ended));
        fiber(move || {
            let _ended = ended;
            sync_call!(pending::<()>());
        })
    }
    within("the ends", || {
        let ended = Rc::new(Cell::new(0));
        single().block_on(LocalSet::new().run_until(async {
            timeout(SHORT, waits(&ended)).await.expect_err("the timeout");
            assert_eq!(ended.get(), 1);
            tokio::select! {
                () = waits(&ended) => unreachable!("it waits for ever"),
                () = sleep(SHORT) => {}
            }
            assert_eq!(ended.get(), 2);
            let task = task::spawn_local(waits(&ended));
            yield_now().await;
            task.abort();
            assert!(task.await.expect_err("it was aborted").is_cancelled());
            assert_eq!(ended.get(), 3);
        }));
        let set = LocalSet::new();
        let task = set.spawn_local(waits(&ended));
        single().block_on(set.run_until(yield_now()));
        drop(set);
        assert_eq!(ended.get(), 4);
        drop(task);
        for make in [single as fn() -> _, || multi(1)] {
            let before = ended.get();
            make().block_on(async {
                let mut waits = pin!(waits(&ended));
                assert!(futures::poll!(waits.as_mut()).is_pending());
            });
            assert_eq!(ended.get(), before + 1);
        }
        let local = bridgehead::Builder::new().flavor(bridgehead::Flavor::Local);
        let before = ended.get();
        local.run(async {
            task::spawn_local(waits(&ended));
            yield_now().await;
        });
        assert_eq!(ended.get(), before + 1);
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
fn one_within_another_ends_with_it() {
    within("the drop", || {
        let noted = Rc::new(RefCell::new(Vec::new()));
        let on_fiber = Rc::clone(&noted);
        let mut outer = fiber(move || {
            let _noted = Noted(&on_fiber, 2);
            let inner = Rc::clone(&on_fiber);
            sync_call!(fiber(move || {
                let _noted = Noted(&inner, 1);
                sync_call!(pending::<()>());
            }));
        });
        assert!(!poll(&mut outer));
        drop(outer);
        assert_eq!(*noted.borrow(), [1, 2]);
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
fn what_is_dropped_with_it_may_call() {
    within("the drop", || {
        let said = Rc::new(Cell::new(0));
        let says = Says(Rc::clone(&said));
        single().block_on(async move {
            let mut waits = fiber(move || {
                let _says = says;
                sync_call!(pending::<()>());
            });
            assert!(!poll(&mut waits));
        });
        assert_eq!(said.get(), 5);
    });
}

#[test]
fn what_is_dropped_with_a_future_on_a_fiber_may_call() {
    within("the drop", || {
        let said = Rc::new(Cell::new(0));
        let dropped = |says: Says| {
            fiber_future(async move {
                let _says = says;
                pending::<()>().await;
            })
        };
        single().block_on(async {
            assert!(!poll(&mut dropped(Says(Rc::clone(&said)))));
        });
        assert_eq!(said.take(), 5);
        assert!(!poll(&mut dropped(Says(Rc::clone(&said)))));
        assert_eq!(said.take(), 5);
        let runner = Builder::new().flavor(Flavor::CurrentThread).fiber(true).build();
        let (begins, begun) = mpsc::channel();
        thread::scope(|scope| {
            let closing = &runner;
            scope.spawn(move || {
                begun.recv().expect("it begins");
                let _ = closing.close();
            });
            let result = runner.try_run(async {
                let _says = Says(Rc::clone(&said));
                begins.send(()).expect("it listens");
                pending::<()>().await;
            });
            assert!(matches!(result, Err(RunError::Interrupted { .. })), "{result:?}");
        });
        assert_eq!(said.take(), 5);
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
fn a_future_on_a_fiber_is_dropped_as_any_other() {
    within("the drop", || {
        let mutex = Rc::new(Mutex::new(0));
        for in_call in [false, true] {
            let locked = Rc::clone(&mutex);
            let mut waits = fiber_future(async move {
                let _guard = locked.lock();
                if in_call {
                    sync_call!(pending::<()>(), allow_async);
                }
                pending::<()>().await;
            });
            assert!(!poll(&mut waits));
            drop(waits);
            // A mutex is poisoned if a panic drops its guard, and only the call is ended by
            // unwinding.
            assert_eq!(mutex.is_poisoned(), in_call);
        }
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
fn the_panic_that_ends_it_may_be_caught() {
    within("the drop", || {
        let calls = Rc::new(Cell::new(0));
        let counted = Rc::clone(&calls);
        let mut waits = fiber(move || {
            for _ in 0..10 {
                let _ = panic::catch_unwind(AssertUnwindSafe(|| {
                    counted.set(counted.get() + 1);
                    let _ = try_sync_call!(pending::<()>());
                }));
            }
        });
        assert!(!poll(&mut waits));
        drop(waits);
        assert_eq!(calls.get(), 10);
        let mut waits = fiber(|| {
            let _ = panic::catch_unwind(|| sync_call!(pending::<()>()));
            panic!("of the test");
        });
        assert!(!poll(&mut waits));
        let payload = panic::catch_unwind(AssertUnwindSafe(|| drop(waits))).expect_err("the panic");
        assert_eq!(message(payload.as_ref()), "of the test");
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something unwinds")]
fn code_that_will_not_end_is_reported() {
    const NAME: &str = "code_that_will_not_end_is_reported";
    if child::is_child(NAME) {
        let mut waits = fiber(|| {
            let mut left = 1000;
            while left > 0 {
                left -= 1;
                let _ = panic::catch_unwind(|| sync_call!(pending::<()>()));
            }
        });
        assert!(!poll(&mut waits));
        return;
    }
    let output = child::run(NAME);
    child::assert_success(NAME, &output);
    let reported = child::stderr(&output);
    assert_eq!(reported.matches("catches the panic that ends it").count(), 1, "{reported}");
    assert!(reported.contains("fibers/ends.rs"), "{reported}");
}
