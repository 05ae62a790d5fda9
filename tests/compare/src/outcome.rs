//! One bridge in one context, in a process of its own.

use std::io::Read;
use std::panic::{self, AssertUnwindSafe};
use std::process::{self, Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fmt, thread};

use bridgehead_tests::contexts::CASES;

use crate::bridges::BRIDGES;
use crate::work::{ANSWER, KINDS};

/// Longer than a call needs to report that it has stalled, which takes two seconds.
const LIMIT: Duration = Duration::from_secs(5);

const PANICKED: i32 = 3;
const NO_RUNTIME: i32 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Completes,
    Panics,
    /// Aborted, or ended by a signal.
    Crashes,
    Hangs,
    /// It hangs, and reports that on standard error.
    Reports,
    /// No runtime is current there, or it is gone, so that there is no dependent future.
    Impossible,
}

impl Outcome {
    pub const ALL: [Self; 6] = [
        Self::Completes,
        Self::Panics,
        Self::Crashes,
        Self::Hangs,
        Self::Reports,
        Self::Impossible,
    ];
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Completes => "completes",
            Self::Panics => "panics",
            Self::Crashes => "crashes",
            Self::Hangs => "hangs",
            Self::Reports => "reports",
            Self::Impossible => "–",
        })
    }
}

/// In the child: makes the future in the context, calls the bridge, and ends the process with the
/// outcome.
pub fn become_child(kind: usize, bridge: usize, case: usize) -> ! {
    let job = move || {
        let Some(work) = KINDS[kind]() else { process::exit(NO_RUNTIME) };
        let result = panic::catch_unwind(AssertUnwindSafe(|| (BRIDGES[bridge].call)(work)));
        process::exit(if matches!(result, Ok(ANSWER)) { 0 } else { PANICKED });
    };
    (CASES[case].run)(Box::new(job));
    unreachable!("the job ends the process");
}

pub fn of(kind: usize, bridge: usize, case: usize) -> Outcome {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args([kind, bridge, case].map(|number| number.to_string()));
    let mut child =
        command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("a child process");
    let code = wait(&mut child);
    let mut printed = String::new();
    let _ = child.stderr.take().expect("its standard error").read_to_string(&mut printed);
    match code {
        Some(Some(0)) => Outcome::Completes,
        Some(Some(PANICKED)) => Outcome::Panics,
        Some(Some(NO_RUNTIME)) => Outcome::Impossible,
        Some(_) => Outcome::Crashes,
        None if printed.contains("has been blocked for") => Outcome::Reports,
        None => Outcome::Hangs,
    }
}

/// The exit code of the child, or `None` after it was killed at the limit.
fn wait(child: &mut Child) -> Option<Option<i32>> {
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        if let Some(status) = child.try_wait().expect("the child's status") {
            return Some(status.code());
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("a child that can be killed");
    child.wait().expect("the child's end");
    None
}
