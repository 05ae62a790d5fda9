//! What every call promises, in every context.

use std::cell::{Cell, RefCell};
use std::future::{IntoFuture, Ready, poll_fn, ready};
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::mpsc;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{CallError, ThreadContext, sync_call, try_sync_call};
use bridgehead_tests::contexts::everywhere;
use bridgehead_tests::message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

const SHORT: Duration = Duration::from_millis(2);

#[test]
fn the_context_is_named() {
    everywhere(|case| assert_eq!(ThreadContext::current(), case.context, "{}", case.context));
}

#[test]
fn a_ready_future_gives_its_value() {
    everywhere(|_| assert_eq!(sync_call!(ready(7)), 7));
}

/// The timer is made while the argument is evaluated, before the call polls it.
#[test]
fn a_timer_fires() {
    everywhere(|_| {
        let start = Instant::now();
        sync_call!(sleep(SHORT));
        assert!(start.elapsed() >= SHORT);
    });
}

async fn echo() -> io::Result<[u8; 4]> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let server = async {
        let (mut peer, _) = listener.accept().await?;
        let mut buffer = [0; 4];
        peer.read_exact(&mut buffer).await?;
        peer.write_all(&buffer).await
    };
    let client = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"ping").await?;
        let mut buffer = [0; 4];
        stream.read_exact(&mut buffer).await?;
        Ok::<_, io::Error>(buffer)
    };
    let ((), answer) = tokio::try_join!(server, client)?;
    Ok(answer)
}

#[test]
#[cfg_attr(miri, ignore = "Miri keeps what it runs from the network")]
fn sockets_work() {
    everywhere(|_| assert_eq!(sync_call!(echo()).expect("the echo"), *b"ping"));
}

#[test]
fn a_task_spawned_inside_runs() {
    everywhere(|_| {
        let task = sync_call!(async {
            let task = tokio::spawn(async {
                sleep(SHORT).await;
                5
            });
            task.await
        });
        assert_eq!(task.expect("the task"), 5);
    });
}

#[test]
fn blocking_work_spawned_inside_runs() {
    everywhere(|_| {
        let value = sync_call!(tokio::task::spawn_blocking(|| 5));
        assert_eq!(value.expect("the work"), 5);
    });
}

#[test]
fn a_wake_up_from_another_thread_arrives() {
    everywhere(|_| {
        let (send, receive) = tokio::sync::oneshot::channel();
        let sender = thread::spawn(move || {
            thread::sleep(SHORT);
            send.send(3).expect("somebody waits");
        });
        assert_eq!(sync_call!(receive), Ok(3));
        sender.join().expect("the sender");
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn the_thread_is_as_before_afterwards() {
    everywhere(|case| {
        sync_call!(sleep(SHORT));
        assert_eq!(ThreadContext::current(), case.context, "after a wait");
        let _ = panic::catch_unwind(|| sync_call!(async { panic!("of the test") }));
        assert_eq!(ThreadContext::current(), case.context, "after a panic");
        let early = || -> Result<(), ()> { sync_call!(ready(Err(())?)) };
        assert_eq!(early(), Err(()));
        assert_eq!(ThreadContext::current(), case.context, "after an early return");
    });
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_panic_keeps_its_payload_and_the_bridge_works_at_once() {
    everywhere(|_| {
        for wait in [Duration::ZERO, SHORT] {
            let call = || {
                sync_call!(async {
                    sleep(wait).await;
                    panic::panic_any(String::from("of the test"));
                });
            };
            let payload = panic::catch_unwind(AssertUnwindSafe(call)).expect_err("the panic");
            assert_eq!(message(payload.as_ref()), "of the test");
            sync_call!(sleep(SHORT));
        }
    });
}

#[test]
fn nothing_need_be_send_or_static() {
    everywhere(|_| {
        let shared = Rc::new(Cell::new(1));
        let mut text = String::from("a");
        let borrowed = &mut text;
        sync_call!(async {
            let shared = Rc::clone(&shared);
            sleep(SHORT).await;
            shared.set(shared.get() + 1);
            borrowed.push('b');
        });
        assert_eq!((shared.get(), text.as_str()), (2, "ab"));
    });
}

thread_local! {
    static LOCAL: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

tokio::task_local! {
    static TASK: usize;
}

#[test]
fn thread_and_task_locals_stay_visible() {
    everywhere(|_| {
        LOCAL.with_borrow_mut(|numbers| numbers.push(1));
        let id = thread::current().id();
        let seen = TASK.sync_scope(9, || {
            sync_call!(async {
                sleep(SHORT).await;
                assert_eq!(thread::current().id(), id);
                LOCAL.with_borrow(Vec::len) + TASK.get()
            })
        });
        assert_eq!(seen, 10);
        LOCAL.with_borrow_mut(Vec::clear);
    });
}

struct Request(u32);

impl IntoFuture for Request {
    type Output = u32;
    type IntoFuture = Ready<u32>;

    fn into_future(self) -> Ready<u32> {
        ready(self.0)
    }
}

async fn double(number: u32) -> u32 {
    sleep(SHORT).await;
    2 * number
}

#[test]
fn the_expression_behaves_as_any_argument_does() {
    fn question_mark() -> Result<u32, String> {
        let number: Result<u32, String> = Err("no".into());
        Ok(sync_call!(double(number?)))
    }
    fn temporary() -> usize {
        async fn length(text: &str) -> usize {
            sleep(SHORT).await;
            text.len()
        }
        sync_call!(length(&String::from("four")))
    }
    everywhere(|_| {
        assert_eq!(question_mark(), Err("no".into()));
        assert_eq!(temporary(), 4);
        assert_eq!(sync_call!(Request(3)), 3);
        assert_eq!(sync_call!(double(sync_call!(double(sync_call!(ready(1)))))), 4);
        let broken = loop {
            sync_call!(double(if LOCAL.with_borrow(Vec::is_empty) { break 5 } else { 1 }));
        };
        assert_eq!(broken, 5);
        let given_up = 'outer: {
            let value: u32 = sync_call!(async { sync_call!(double(2), allow_async) + 1 });
            if value == 5 {
                break 'outer "left";
            }
            "stayed"
        };
        assert_eq!(given_up, "left");
    });
}

#[test]
fn a_timeout_ends_the_wait_and_drops_the_future() {
    everywhere(|_| {
        let (guard, dropped) = mpsc::channel::<()>();
        let start = Instant::now();
        let error = try_sync_call!(
            async move {
                let _guard = guard;
                std::future::pending::<()>().await;
            },
            timeout = SHORT
        )
        .expect_err("the timeout");
        assert!(start.elapsed() >= SHORT);
        assert!(matches!(error, CallError::Timeout { timeout: SHORT, .. }), "{error:?}");
        assert!(error.to_string().contains("contexts.rs"), "{error}");
        dropped.recv().expect_err("the future has been dropped");
        sync_call!(sleep(SHORT));
    });
}

#[test]
fn a_timeout_is_no_hindrance_where_it_does_not_pass() {
    everywhere(|_| {
        for timeout in [Duration::from_secs(20), Duration::MAX] {
            let answer = try_sync_call!(double(4), timeout = timeout);
            assert_eq!(answer.expect("in time"), 8);
        }
        // The future is polled once, even if the timeout has passed.
        assert_eq!(try_sync_call!(ready(1), timeout = Duration::ZERO).expect("ready"), 1);
        let mut polls = 0;
        let ready_the_second_time = poll_fn(|cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls == 1 { Poll::Pending } else { Poll::Ready(()) }
        });
        let result = try_sync_call!(ready_the_second_time, timeout = Duration::ZERO);
        assert!(result.is_err_and(|error| error.is_timeout()) && polls == 1, "{polls} polls");
        assert_eq!(try_sync_call!(double(4)).expect("no timeout"), 8);
    });
}

#[test]
fn calls_nest_64_deep() {
    fn down(depth: u32) -> u32 {
        if depth == 0 {
            sync_call!(sleep(SHORT));
            return 0;
        }
        1 + sync_call!(async {
            if depth.is_multiple_of(2) {
                tokio::task::yield_now().await;
            }
            down(depth - 1)
        })
    }
    everywhere(|_| assert_eq!(down(64), 64));
}

/// A synchronous function that is called where another runtime already runs, as in a test or a
/// notebook.
fn legacy() -> u32 {
    sync_call!(double(2))
}

#[tokio::test]
async fn a_tokio_test_may_call() {
    assert_eq!(legacy(), 4);
    assert_eq!(tokio::spawn(async { legacy() }).await.expect("the task"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_multi_thread_tokio_test_may_call() {
    assert_eq!(legacy(), 4);
    assert_eq!(tokio::spawn(async { legacy() }).await.expect("the task"), 4);
}

#[test]
fn to_ask_where_one_is_takes_nothing_of_the_budget() {
    let ready = tokio::sync::Semaphore::new(1);
    bridgehead::run(async {
        let _ = ThreadContext::current();
        let all = async {
            for _ in 0..100 {
                drop(ready.acquire().await);
            }
        };
        assert!(futures::poll!(std::pin::pin!(all)).is_ready());
    });
}
