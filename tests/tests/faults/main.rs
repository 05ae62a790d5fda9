//! The faults that a trusted bridge survives. Each is injected in a process of its own, with
//! `sync_call!`, and with the two bridges that people write by hand as controls. The outcomes are a
//! table of the crate's documentation.
//!
//! With the environment variable `FAULTS=overwrite` the test writes the table anew.
//! `FAULTS_ROUNDS`, which `scripts/faults` sets, is how often each case runs; the default is once.
#![cfg(target_os = "linux")]

mod ending;
mod inside;
mod scarce;
mod table;
mod waiting;

use std::collections::VecDeque;
use std::fmt;
use std::process;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use bridgehead_tests::bridge::{Bridge, Bridgehead, InPlace, InPlaceOrThread};
use bridgehead_tests::child::{self, Ended};
use bridgehead_tests::{DEADLINE, message};

/// The bridges, in the order of the table's columns.
const BRIDGES: [&str; 3] = [Bridgehead::NAME, InPlace::NAME, InPlaceOrThread::NAME];

struct Fault {
    number: u8,
    what: &'static str,
    cases: [fn() -> Held; 3],
}

macro_rules! faults {
    ($($number:literal $what:literal $module:ident::$case:ident;)*) => {
        const FAULTS: &[Fault] = &[$(Fault {
            number: $number,
            what: $what,
            cases: [$module::$case::<Bridgehead>, $module::$case::<InPlace>, $module::$case::<InPlaceOrThread>],
        }),*];
    };
}

// Fault 3 is a build with `panic = "abort"`, which `scripts/panic-abort` tests.
faults! {
    1 "a panic in the future after a wait, in every context" inside::panics;
    2 "a panic in the drop of the future, of its output, and a call while the thread unwinds" inside::panics_in_drops;
    4 "all workers of a runtime in calls (1, 2, 4), a barrier of 64 calls on 2" scarce::workers;
    5 "16 calls at once, and 4 threads in the blocking pool" scarce::blocking_pool;
    6 "500 threads in calls at once, with 1,024 descriptors" scarce::callers;
    7 "the runtime ends while a call waits for what nobody sends" ending::runtime;
    8 "the last owner of a runtime is dropped on one of its own threads" ending::owner;
    9 "recursion from sync to async to sync, 64 levels, on a worker and on a thread that drives a runtime" scarce::depth;
    10 "a fork in a task with calls pending, and a call in the child" ending::fork;
    11 "no threads to be had (`EAGAIN`), then some" scarce::threads;
    12 "too few descriptors for a runtime (`EMFILE`), then enough" scarce::descriptors;
    13 "a storm of signals" waiting::signals;
    14 "the calling task is aborted, a deadline passes" inside::caller_goes;
    15 "`Duration::MAX`, zero, a paused clock" waiting::durations;
    16 "thread-local destructors before and after tokio's" ending::thread;
    17 "wake-ups for an outer future, eaten park tokens, wakers kept and used long after" waiting::wakers;
    18 "a drop that calls back in while its future is polled" inside::calls_back;
    19 "a lock of tokio's held across the call that waits for it" waiting::lock;
    20 "first use by 64 threads at once" waiting::first_use;
    21 "the process exits with calls pending" ending::process;
    22 "another executor around the call, with and without a runtime" waiting::other_executor;
    23 "standard error is closed" ending::stderr;
}

/// How a case ended whose checks have passed.
enum Held {
    Completed,
    /// With the message of an error or a panic.
    Reported(String),
}

impl Held {
    /// `Reported` with the message of the panic, if the call panicked.
    fn by<T>(result: thread::Result<T>) -> Self {
        match result {
            Ok(_) => Self::Completed,
            Err(payload) => Self::Reported(message(payload.as_ref())),
        }
    }
}

/// The outcome of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Outcome {
    Completed,
    /// An error or a report contains the file and line of the call.
    Reported,
    Hung,
    /// Any other end.
    Crashed,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Completed => "completes",
            Self::Reported => "reports",
            Self::Hung => "hangs",
            Self::Crashed => "crashes",
        })
    }
}

/// Errors and reports name this file, which makes all calls.
const PLACE: &str = "src/bridge.rs:";
const COMPLETED: &str = "what must hold has held";
const REPORTED: &str = "what must be reported is reported";

/// Exits the process as a case that has completed.
fn complete() -> ! {
    println!("{COMPLETED}");
    process::exit(0)
}

/// The index of a fault in the list, and that of a bridge.
type Part = (usize, usize);

const NAME: &str = "every_fault_with_every_bridge";

fn run_part() {
    let part = child::part();
    let numbers: Vec<usize> =
        part.split('/').map(|number| number.parse().expect("a number")).collect();
    match FAULTS[numbers[0]].cases[numbers[1]]() {
        Held::Completed => complete(),
        Held::Reported(message) if message.contains(PLACE) => println!("{REPORTED}"),
        Held::Reported(message) => panic!("{message}"),
    }
}

fn outcome((fault, bridge): Part, deadline: Duration) -> (Outcome, Ended) {
    let ended = child::run_part(NAME, &format!("{fault}/{bridge}"), deadline);
    let is_reported = ended.stderr.contains(PLACE);
    let outcome = match ended.status {
        None if is_reported => Outcome::Reported,
        None => Outcome::Hung,
        Some(status) if status.success() && ended.stdout.contains(COMPLETED) => Outcome::Completed,
        Some(status) if status.success() && ended.stdout.contains(REPORTED) => Outcome::Reported,
        // The process ended by a panic, not by a signal.
        Some(status) if is_reported && status.code().is_some() => Outcome::Reported,
        Some(_) => Outcome::Crashed,
    };
    (outcome, ended)
}

/// Runs all cases, several at once. A case that hangs is killed after its `deadline`.
fn run_all(deadline: impl Fn(Part) -> Duration + Sync) -> Vec<[(Outcome, Ended); 3]> {
    const AT_ONCE: usize = 4;
    let parts: VecDeque<Part> =
        (0..FAULTS.len()).flat_map(|fault| (0..3).map(move |bridge| (fault, bridge))).collect();
    let parts = Mutex::new(parts);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(part) = { parts.lock().unwrap().pop_front() } {
                    let outcome = outcome(part, deadline(part));
                    done.lock().unwrap().push((part, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(part, _)| *part);
    let mut outcomes = done.into_iter().map(|(_, outcome)| outcome);
    FAULTS.iter().map(|_| [(); 3].map(|()| outcomes.next().expect("one for each"))).collect()
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn every_fault_with_every_bridge() {
    /// More than enough for a case that hangs to block.
    const HANGS: Duration = Duration::from_secs(6);
    /// Enough for a case that still waits after it has reported its fault.
    const REPORTS: Duration = Duration::from_secs(15);
    if child::is_child(NAME) {
        return run_part();
    }
    if table::is_to_be_written() {
        let outcomes = run_all(|_| Duration::from_secs(10));
        table::write(
            &outcomes
                .iter()
                .map(|row| row.each_ref().map(|(outcome, _)| *outcome))
                .collect::<Vec<_>>(),
        );
        return;
    }
    let known = table::read();
    let deadline = |(fault, bridge): Part| match known[fault][bridge] {
        Outcome::Hung => HANGS,
        Outcome::Reported => REPORTS,
        Outcome::Completed | Outcome::Crashed => DEADLINE,
    };
    let rounds: u32 =
        std::env::var("FAULTS_ROUNDS").map_or(1, |rounds| rounds.parse().expect("a number"));
    let mut differ = 0;
    for round in 1..=rounds {
        let outcomes = run_all(deadline);
        for (fault, row) in outcomes.iter().enumerate() {
            for (bridge, (outcome, ended)) in row.iter().enumerate() {
                let (number, name) = (FAULTS[fault].number, BRIDGES[bridge]);
                if *outcome != known[fault][bridge] {
                    println!(
                        "fault {number}, {name}: {outcome} in round {round}, {}\n{ended:?}",
                        known[fault][bridge]
                    );
                    differ += 1;
                }
            }
        }
        println!(
            "round {round} of {rounds}: {} cases, {differ} unlike the table",
            3 * FAULTS.len()
        );
    }
    assert_eq!(differ, 0, "is the table out of date? Write it anew with FAULTS=overwrite");
}
