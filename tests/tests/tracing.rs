//! The feature `tracing`: which events there are, and which spans code runs in. The tests have a
//! process of their own, since they set its subscriber.

use std::env;
use std::fmt;
use std::future::{pending, poll_fn};
use std::mem;
use std::process::Command;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use bridgehead::{Builder, Flavor, cancelled, run, spawn, sync_call, to_thread, try_sync_call};
use tokio::task;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Span, Subscriber, info_span, span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry, Scope};

/// An event, and the names of its spans, from the outermost on.
#[derive(Debug)]
struct Seen {
    level: Level,
    message: String,
    spans: Vec<&'static str>,
}

/// A span of a call.
#[derive(Debug)]
struct SeenSpan {
    id: span::Id,
    level: Level,
    target: &'static str,
    parent: Option<&'static str>,
    fields: Vec<(&'static str, String)>,
    /// How often it was entered.
    entered: u32,
    is_closed: bool,
}

/// Collects the events and the spans of calls.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Seen>>>, Arc<Mutex<Vec<SeenSpan>>>);

impl Log {
    fn seen(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.0.lock().expect("no test panics under it")
    }

    fn spans(&self) -> MutexGuard<'_, Vec<SeenSpan>> {
        self.1.lock().expect("no test panics under it")
    }

    /// A closed span is left out, since its id may be used again.
    fn with_span(&self, id: &span::Id, f: impl FnOnce(&mut SeenSpan)) {
        if let Some(span) = self.spans().iter_mut().find(|span| span.id == *id && !span.is_closed) {
            f(span);
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != "bridgehead" {
            return;
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        let spans = context.event_scope(event).into_iter().flat_map(Scope::from_root);
        let spans = spans.map(|span| span.name()).collect();
        self.seen().push(Seen { level: *event.metadata().level(), message: message.0, spans });
    }

    fn on_new_span(&self, of: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        if of.metadata().name() != "sync_call" {
            return;
        }
        let mut fields = Fields(Vec::new());
        of.record(&mut fields);
        let parent = context.span(id).and_then(|span| span.parent()).map(|span| span.name());
        let (level, target) = (*of.metadata().level(), of.metadata().target());
        let (id, fields) = (id.clone(), fields.0);
        self.spans().push(SeenSpan {
            id,
            level,
            target,
            parent,
            fields,
            entered: 0,
            is_closed: false,
        });
    }

    fn on_enter(&self, id: &span::Id, _: Context<'_, S>) {
        self.with_span(id, |span| span.entered += 1);
    }

    fn on_close(&self, id: span::Id, _: Context<'_, S>) {
        self.with_span(&id, |span| span.is_closed = true);
    }
}

/// The fields of a span, as text.
struct Fields(Vec<(&'static str, String)>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.to_owned()));
    }
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

/// The only subscriber of this process. Tests find their spans by name, and their events by a word
/// that no other test uses.
fn log() -> &'static Log {
    static LOG: std::sync::OnceLock<Log> = std::sync::OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let subscriber = Registry::default().with(log.clone());
        tracing::subscriber::set_global_default(subscriber).expect("there is none yet");
        log
    })
}

fn span_here() -> Option<&'static str> {
    Span::current().metadata().map(tracing::Metadata::name)
}

/// Is pending once, and is woken on another thread, so that a call on a worker hands off the
/// worker.
async fn elsewhere() {
    let mut has_waited = false;
    poll_fn(|cx| {
        if mem::replace(&mut has_waited, true) {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        thread::spawn(move || waker.wake());
        Poll::Pending
    })
    .await;
}

fn call_sees_span() -> (Option<&'static str>, Option<&'static str>) {
    let seen = sync_call!(async {
        let before = span_here();
        elsewhere().await;
        (before, span_here())
    });
    assert_eq!(span_here(), seen.0, "after the call");
    seen
}

#[test]
fn a_call_is_in_the_span_around_it_wherever_it_stands() {
    log();
    let in_span = || info_span!("around").in_scope(call_sees_span);
    // A call that has to wait has a span of its own within the surrounding one.
    let expected = (Some("around"), Some("sync_call"));
    assert_eq!(in_span(), expected);
    for flavor in [Flavor::MultiThread, Flavor::CurrentThread] {
        Builder::new().flavor(flavor).worker_threads(1).run(async move {
            assert_eq!(in_span(), expected);
            // This call hands off its worker.
            assert_eq!(tokio::spawn(async move { in_span() }).await.expect("the task"), expected);
            assert_eq!(task::spawn_blocking(in_span).await.expect("the work"), expected);
        });
    }
}

#[test]
fn a_task_and_blocking_work_are_in_the_span_where_they_were_started() {
    log();
    run(async {
        let (task, work, outside) = info_span!("start").in_scope(|| {
            let task = spawn(async {
                let before = span_here();
                task::yield_now().await;
                // A call in a task is in the span, too.
                (before, span_here(), call_through())
            });
            (task, to_thread(span_here), tokio::spawn(async { span_here() }))
        });
        let expected = Some("start");
        assert_eq!(task.await.expect("the task"), (expected, expected, expected));
        assert_eq!(work.await.expect("the work"), expected);
        // A task that tokio spawns is not in the span.
        assert_eq!(outside.await.expect("the task"), None);
        // The worker has left the span.
        assert_eq!(spawn(async { span_here() }).await.expect("the task"), None);
    });
    assert_eq!(span_here(), None);
}

fn call_through() -> Option<&'static str> {
    sync_call!(async {
        elsewhere().await;
        outer_span_here()
    })
}

/// The span around that of a call that has waited.
fn outer_span_here() -> Option<&'static str> {
    let mut outer = None;
    Span::current().with_subscriber(|(id, subscriber)| {
        let registry = subscriber.downcast_ref::<Registry>().expect("it is the subscriber");
        let span = registry.span(id).expect("it is current");
        assert_eq!(span.name(), "sync_call");
        outer = span.parent().map(|span| span.name());
    });
    outer
}

#[test]
fn a_call_that_waits_is_a_span_with_its_place_context_and_runtime() {
    log();
    let waits = || {
        sync_call!(elsewhere());
        line!() - 1
    };
    // A call of a future that is ready has no span.
    info_span!("ready").in_scope(|| sync_call!(async {}));
    let line = info_span!("plain").in_scope(waits);
    let in_run = Builder::new().name("spans").worker_threads(1).run(async move {
        tokio::spawn(async move { info_span!("worker").in_scope(waits) }).await.expect("the task")
    });
    assert_eq!(line, in_run);
    info_span!("fiber").in_scope(|| {
        Builder::new().flavor(Flavor::CurrentThread).run(bridgehead::fiber(move || {
            waits();
        }));
    });
    let spans = log().spans();
    let of = |parent: &str| -> Vec<_> {
        spans.iter().filter(|span| span.parent == Some(parent)).collect()
    };
    assert!(of("ready").is_empty(), "{spans:?}");
    for (parent, context, runtime) in [
        ("plain", "Plain", "background runtime"),
        ("worker", "Worker", "runtime `spans` started at tests/tests/tracing.rs:"),
        ("fiber", "Fiber", "runtime started at tests/tests/tracing.rs:"),
    ] {
        let found = of(parent);
        let [span] = found.as_slice() else { panic!("{parent}: {found:?}") };
        assert_eq!((span.level, span.target), (Level::DEBUG, "bridgehead"));
        let field = |name: &str| {
            span.fields.iter().find(|(field, _)| *field == name).expect(name).1.as_str()
        };
        assert!(field("location").ends_with(&format!("tracing.rs:{line}:9")), "{span:?}");
        assert_eq!(field("context"), context, "{span:?}");
        assert!(field("runtime").starts_with(runtime), "{span:?}");
        // Entered for each poll but the first, and closed at the end of the call.
        assert_eq!((span.entered, span.is_closed), (1, true), "{span:?}");
    }
}

#[test]
fn the_span_goes_with_a_runners_tasks_too() {
    log();
    let runner = bridgehead::Runner::new();
    let (task, work, main) = info_span!("caller").in_scope(|| {
        let main = runner.run(async { span_here() });
        (runner.spawn(async { span_here() }), runner.to_thread(span_here), main)
    });
    assert_eq!(main, Some("caller"));
    assert_eq!(
        runner.run(async { (task.await.expect("the task"), work.await.expect("the work")) }),
        (Some("caller"), Some("caller"))
    );
    assert!(runner.close().is_clean());
}

/// A task that its run drops is dropped in its span, with its values.
#[test]
fn what_a_closing_run_drops_is_dropped_in_its_span() {
    struct Reports(mpsc::Sender<Option<&'static str>>);

    impl Drop for Reports {
        fn drop(&mut self) {
            self.0.send(span_here()).expect("the test");
        }
    }

    log();
    let (send, receive) = mpsc::channel();
    let runner = bridgehead::Runner::new();
    runner.run(async {
        info_span!("dropped").in_scope(|| {
            spawn(async move {
                let _reports = Reports(send);
                pending::<()>().await;
            })
            .detach();
        });
        spawn(async {}).await.expect("the task");
    });
    let _ = runner.close();
    assert_eq!(receive.recv().expect("the drop"), Some("dropped"));
}

#[test]
fn a_failure_is_a_warning_in_the_span_of_its_task() {
    run(async {
        log();
        info_span!("failing")
            .in_scope(|| spawn(async { Err::<(), _>("a word of its own: plover") }).detach());
        while !log().seen().iter().any(|seen| seen.message.contains("plover")) {
            task::yield_now().await;
        }
    });
    let seen = log().seen();
    let event = seen.iter().find(|seen| seen.message.contains("plover")).expect("the event");
    assert_eq!(
        (event.level, event.spans.as_slice()),
        (Level::WARN, ["failing"].as_slice()),
        "{event:?}"
    );
    assert!(event.message.contains("tracing.rs"), "{event:?}");
}

#[test]
fn a_slow_poll_is_a_warning() {
    log();
    Builder::new().slow_poll_threshold(Duration::from_millis(20)).run(async {
        let slow = info_span!("xyzzy")
            .in_scope(|| spawn(async { thread::sleep(Duration::from_millis(40)) }));
        slow.await.expect("the task");
    });
    let seen = log().seen();
    let event = seen.iter().find(|seen| seen.spans == ["xyzzy"]).expect("the event");
    assert_eq!(event.level, Level::WARN);
    assert!(event.message.contains("was polled for"), "{event:?}");
}

#[test]
fn a_call_that_stalls_is_a_warning_in_its_own_span() {
    log();
    Builder::new().flavor(Flavor::CurrentThread).stall_after(Duration::from_millis(50)).run(
        async {
            let sibling = tokio::spawn(async {});
            // This thread would have to run the task, but waits in the call.
            let waits = || try_sync_call!(sibling, timeout = "1s");
            assert!(info_span!("stalls").in_scope(waits).expect_err("the timeout").is_timeout());
        },
    );
    let seen = log().seen();
    let events: Vec<_> = seen.iter().filter(|seen| seen.spans == ["stalls"]).collect();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(event.level, Level::WARN);
    assert!(
        event.message.contains("tracing.rs:") && event.message.contains("make no progress"),
        "{event:?}"
    );
}

#[test]
fn what_is_abandoned_is_a_warning() {
    log();
    let (finish, wait) = mpsc::channel::<()>();
    let (begun, begins) = mpsc::channel();
    let runner = Builder::new().shutdown_timeout(Duration::from_millis(10)).build();
    let line = line!() + 1;
    let work = runner.to_thread(move || {
        begun.send(()).expect("the test");
        let _ = wait.recv();
    });
    work.detach();
    begins.recv().expect("the work");
    drop(runner);
    drop(finish);
    let place = format!("tracing.rs:{line}");
    let seen = log().seen();
    let event = seen.iter().find(|seen| seen.message.contains(&place)).expect("the event");
    assert_eq!(event.level, Level::WARN);
    assert!(event.message.contains("abandoned"), "{event:?}");
}

#[test]
fn the_phases_of_closing_are_reported_in_order() {
    log();
    let phases = info_span!("closing").in_scope(|| {
        let runner = bridgehead::Runner::new();
        runner.run(async {
            spawn(async { cancelled().await }).detach();
        });
        let _ = runner.close();
        let seen = log().seen();
        seen.iter()
            .filter(|seen| seen.spans == ["closing"] && seen.level == Level::DEBUG)
            .map(|seen| seen.message.clone())
            .collect::<Vec<_>>()
    });
    assert_eq!(phases, ["the run begins to close", "the run is drained", "the run is joined"]);
}

/// A dependency may have turned the feature on.
#[test]
fn without_a_subscriber_it_is_reported_on_standard_error() {
    const NAME: &str = "without_a_subscriber_it_is_reported_on_standard_error";
    if env::var_os("WITHOUT_A_SUBSCRIBER").is_some() {
        return fail_a_task();
    }
    let mut child = Command::new(env::current_exe().expect("the test executable"));
    let output =
        child.args(["--exact", NAME, "--nocapture"]).env("WITHOUT_A_SUBSCRIBER", "").output();
    let output = output.expect("the child");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("bridgehead: task started at"), "{text}");
}

#[test]
fn a_subscriber_that_panics_harms_nobody() {
    struct Broken;

    impl<S: Subscriber> Layer<S> for Broken {
        fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
            panic!("a broken subscriber");
        }
    }

    tracing::subscriber::with_default(Registry::default().with(Broken), fail_a_task);
}

/// Runs only on this thread, which may have a subscriber of its own.
fn fail_a_task() {
    Builder::new().flavor(Flavor::CurrentThread).run(async {
        spawn(async { Err::<(), _>("of the test") }).detach();
        task::yield_now().await;
    });
}

/// A suspended fiber leaves its spans, so that other fibers of its thread are not in them.
#[test]
fn a_suspended_fiber_takes_its_spans_along() {
    let _log = log();
    let names = || {
        let mut names = Vec::new();
        Span::current().with_subscriber(|(id, subscriber)| {
            let registry = subscriber.downcast_ref::<Registry>().expect("it is the subscriber");
            let scope = registry.span(id).expect("it is current").scope().from_root();
            names.extend(scope.map(|span| span.name()));
        });
        names
    };
    let on_fiber = |outer: &'static str, polls: u32| {
        bridgehead::fiber(move || {
            let span = if outer == "first" { info_span!("first") } else { info_span!("second") };
            let _span = span.entered();
            for _ in 0..polls {
                let _inner = info_span!("inner").entered();
                sync_call!(task::yield_now());
                assert_eq!(names(), ["outside", outer, "inner"]);
            }
            sync_call!(pending::<()>());
        })
    };
    let _outside = info_span!("outside").entered();
    Builder::new().flavor(Flavor::CurrentThread).run(async {
        let mut first = Box::pin(on_fiber("first", 3));
        let mut second = Box::pin(on_fiber("second", 5));
        for _ in 0..8 {
            for fiber in [&mut first, &mut second] {
                let polled = fiber
                    .as_mut()
                    .poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
                assert!(polled.is_pending());
                assert_eq!(names(), ["outside"]);
            }
        }
        drop(first);
        assert_eq!(names(), ["outside"]);
    });
    assert_eq!(names(), ["outside"]);
}
