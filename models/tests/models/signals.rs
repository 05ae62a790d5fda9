//! The pipe of the signal handlers is only closed when no handler uses it.

use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use loom::thread;

use crate::model;
use crate::run_signals::line::{Line, NONE};

struct Process {
    line: Line,
    is_open: AtomicBool,
    written: AtomicUsize,
}

impl Process {
    fn new() -> Arc<Self> {
        let line = Line {
            pipe: AtomicI32::new(3),
            busy: AtomicUsize::new(0),
            first: AtomicI32::new(NONE),
        };
        Arc::new(Self { line, is_open: AtomicBool::new(true), written: AtomicUsize::new(0) })
    }

    /// As a handler does.
    fn signal(&self, number: i32) {
        self.line.with_pipe(|pipe| {
            if pipe != NONE && self.line.is_first(number) {
                assert!(self.is_open.load(Ordering::Relaxed), "written to a pipe that was closed");
                self.written.fetch_add(1, Ordering::Relaxed);
            }
        });
    }

    /// As the last watcher does. Returns the first signal.
    fn close(&self) -> i32 {
        self.line.close();
        self.is_open.store(false, Ordering::Relaxed);
        self.line.first.load(Ordering::Relaxed)
    }
}

#[test]
fn no_process_writes_to_a_closed_pipe() {
    model(|| {
        let process = Process::new();
        let handler = thread::spawn({
            let process = Arc::clone(&process);
            move || process.signal(2)
        });
        let first = process.close();
        let written = process.written.load(Ordering::Relaxed);
        assert_eq!(written, usize::from(first == 2), "a signal that was taken, and not reported");
        handler.join().unwrap();
        assert_eq!(process.written.load(Ordering::Relaxed), written, "reported after the end");
    });
}

#[test]
fn of_two_signals_one_is_the_first() {
    model(|| {
        let process = Process::new();
        let handlers = [2, 15].map(|number| {
            let process = Arc::clone(&process);
            thread::spawn(move || process.signal(number))
        });
        for handler in handlers {
            handler.join().unwrap();
        }
        assert_eq!(process.written.load(Ordering::Relaxed), 1);
        let first = process.close();
        assert!(first == 2 || first == 15, "{first}");
    });
}
