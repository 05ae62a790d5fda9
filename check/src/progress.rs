//! A line on standard error that shows progress.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Counts the seconds on a terminal until it is dropped. Otherwise it prints one line.
pub(crate) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    pub(crate) fn start(text: String) -> Self {
        if !io::stderr().is_terminal() {
            eprintln!("{text}");
            return Self(None);
        }
        let (stop, stopped) = mpsc::channel();
        let count = move || {
            let begun = Instant::now();
            loop {
                eprint!("\r{text} {} s", begun.elapsed().as_secs());
                if stopped.recv_timeout(Duration::from_secs(1)) != Err(RecvTimeoutError::Timeout) {
                    eprintln!();
                    return;
                }
            }
        };
        Self(Some((stop, thread::spawn(count))))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}
