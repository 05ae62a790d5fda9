//! The report about the end of a run.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

/// The kinds of tasks, work and threads of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The main future of the run.
    Main,
    /// A task of [`spawn`](crate::spawn) or [`spawn_local`](crate::spawn_local).
    Task,
    /// Work of [`to_thread`](crate::to_thread).
    Blocking,
    /// A fiber of `spawn_fiber`.
    Fiber,
    /// A thread of the runtime that runs code which this crate doesn't track: work of tokio's
    /// `spawn_blocking`, or a task of `tokio::spawn` that doesn't yield.
    Thread,
    /// A thread of the runtime that is blocked in a read of standard input. This is only detected
    /// on Linux. On other systems the kind of such a thread is [`Thread`](Self::Thread).
    StdinRead,
}

impl Kind {
    /// The number of kinds.
    pub(crate) const COUNT: usize = Self::StdinRead as usize + 1;
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Main => "the main future",
            Self::Task => "task",
            Self::Blocking => "blocking work",
            Self::Fiber => "fiber",
            Self::Thread => "thread of the runtime",
            Self::StdinRead => "thread of the runtime that reads standard input",
        })
    }
}

/// A task, blocking work or a thread that was still running when the [shutdown] of its run began.
/// A task that was to be spawned during the shutdown, and wasn't started, is listed as well.
///
/// [shutdown]: crate::guide::shutdown
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leftover {
    /// What it is: a task, blocking work or a thread.
    pub kind: Kind,
    /// The file and line where the task or the work was started. `None` for a thread.
    pub location: Option<&'static Location<'static>>,
    /// The minimum age. `None` for a thread. The age of a task is measured from the first time that
    /// it waited. If it had never waited when the shutdown began, the age is measured from then.
    pub age: Option<Duration>,
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        if let Some(location) = self.location {
            write!(f, " started at {location}")?;
        }
        if let Some(age) = self.age {
            write!(f, ", running for at least {age:.1?}")?;
        }
        Ok(())
    }
}

/// The failure of a task that no code awaits: a panic, or an error that the task returned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// What has failed: a task, blocking work or a fiber.
    pub kind: Kind,
    /// The file and line where the task or the work was started.
    pub location: &'static Location<'static>,
    /// The message of the panic, or the error.
    pub message: String,
    /// Whether the task panicked. Otherwise it returned an error.
    pub is_panic: bool,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, location, message, is_panic } = self;
        let how = if *is_panic { "panicked" } else { "failed" };
        write!(f, "{kind} started at {location} {how}: {message}")
    }
}

/// Which tasks and which blocking work of a run finished, were dropped or were abandoned at its
/// [shutdown](crate::guide::shutdown), and which failed.
///
/// [`Runner::close`](crate::Runner::close) and [`close_background`](crate::close_background) return
/// a report.
#[derive(Debug, Clone, Default)]
#[must_use = "it lists what was lost"]
pub struct Report {
    pub(crate) finished: Vec<Leftover>,
    pub(crate) dropped: Vec<Leftover>,
    /// The dropped tasks that had awaited `cancelled()`.
    pub(crate) timed_out: Vec<Leftover>,
    pub(crate) abandoned: Vec<Leftover>,
    pub(crate) failures: Vec<Failure>,
    /// The number of further failures.
    pub(crate) more_failures: u64,
    pub(crate) in_progress: bool,
    /// Whether this is the report of the background runtime.
    pub(crate) of_background: bool,
}

impl Report {
    /// The failures beyond this number are only counted, since a run may last for years.
    const FAILURES_KEPT: usize = 1000;

    pub(crate) fn add(&mut self, failure: Failure) {
        if self.failures.len() < Self::FAILURES_KEPT {
            self.failures.push(failure);
        } else {
            self.more_failures += 1;
        }
    }

    /// The tasks and the work that were still running when the shutdown began, and finished within
    /// its time limits.
    #[must_use]
    pub fn finished(&self) -> &[Leftover] {
        &self.finished
    }

    /// The tasks that the shutdown dropped at an `.await`, and those that it didn't start any more.
    #[must_use]
    pub fn dropped(&self) -> &[Leftover] {
        &self.dropped
    }

    /// The [dropped](Self::dropped) tasks that had awaited [`cancelled`](crate::cancelled), and
    /// didn't finish within the [`grace_period`](crate::Builder::grace_period).
    #[must_use]
    pub fn timed_out(&self) -> &[Leftover] {
        &self.timed_out
    }

    /// The tasks, the work and the threads that still ran when all time limits of the shutdown had
    /// passed. They go on running.
    #[must_use]
    pub fn abandoned(&self) -> &[Leftover] {
        &self.abandoned
    }

    /// The failures of tasks that no code awaits, from the whole run and not only from its
    /// shutdown. Only the first thousand are kept. The text of the report contains the number of
    /// the others.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// Returns whether no work was abandoned and no task failed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.abandoned.is_empty() && self.failures.is_empty()
    }

    pub(crate) fn headline(&self) -> &'static str {
        match (self.of_background, self.in_progress) {
            (false, false) => "the run has ended",
            (false, true) => "the run is being closed",
            (true, false) => "the background runtime has ended",
            (true, true) => "the background runtime is being closed",
        }
    }

    /// Returns the text without its first line.
    pub(crate) fn lines(&self) -> String {
        let text = self.to_string();
        text.find('\n').map(|end| text[end..].to_owned()).unwrap_or_default()
    }

    /// Returns the text about what was lost. `None` if nothing was lost.
    ///
    /// Failures are not part of it: each was reported when it happened.
    pub(crate) fn losses(&self, headline: &str) -> Option<String> {
        if self.abandoned.is_empty() && self.timed_out.is_empty() {
            return None;
        }
        let losses = Self {
            timed_out: self.timed_out.clone(),
            abandoned: self.abandoned.clone(),
            ..Self::default()
        };
        let mut text = format!("{headline}{}", losses.lines());
        let has = |kind| self.abandoned.iter().any(|leftover| leftover.kind == kind);
        if has(Kind::Thread) {
            text += "\n  note: a thread of the runtime is one that runs `tokio::task::spawn_blocking` work, such as a read of standard \
                     input, or a task that does not yield\n  help: `bridgehead::to_thread` and `bridgehead::spawn` name what they start";
        }
        if has(Kind::StdinRead) {
            text += "\n  note: a read of standard input can't be interrupted; its thread ends when input comes";
        }
        if !self.timed_out.is_empty() {
            text +=
                "\n  help: `grace_period` sets how long tasks that await `cancelled()` may take";
        }
        if has(Kind::Thread) || has(Kind::Blocking) || has(Kind::Task) || has(Kind::Fiber) {
            text += "\n  help: `shutdown_timeout` sets how long the end of a run waits for these";
        }
        Some(text)
    }

    /// Returns whether another thread is still closing the run. This is so if a thread that must
    /// not wait has requested the shutdown. The report then contains only what has ended so far.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        self.in_progress
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { finished, dropped, timed_out, abandoned, failures, more_failures, .. } = self;
        f.write_str(self.headline())?;
        list(f, "finished in time", finished)?;
        list(f, "dropped", dropped)?;
        list(f, "dropped when the grace period had passed", timed_out)?;
        list(f, "abandoned, and still running", abandoned)?;
        list(f, "failed, and not awaited", failures)?;
        match more_failures {
            0 => Ok(()),
            more => write!(f, "\n    and {more} more, wherever they were started"),
        }
    }
}

/// An entry of a report. The text has one line for all entries of the same kind and place.
pub(crate) trait Line: fmt::Display {
    fn place(&self) -> (Kind, Option<&'static Location<'static>>);
}

impl Line for Leftover {
    fn place(&self) -> (Kind, Option<&'static Location<'static>>) {
        (self.kind, self.location)
    }
}

impl Line for Failure {
    fn place(&self) -> (Kind, Option<&'static Location<'static>>) {
        (self.kind, Some(self.location))
    }
}

/// Returns the first entry of each place, and the number of entries from there.
pub(crate) fn places<L: Line>(lines: &[L]) -> Vec<(&L, usize)> {
    let mut places: Vec<(&L, usize)> = Vec::new();
    for line in lines {
        match places.iter_mut().find(|(first, _)| first.place() == line.place()) {
            Some((_, count)) => *count += 1,
            None => places.push((line, 1)),
        }
    }
    places
}

/// Writes one line of text for each place in the source.
fn list<L: Line>(f: &mut fmt::Formatter<'_>, what: &str, lines: &[L]) -> fmt::Result {
    let places = places(lines);
    if !places.is_empty() {
        write!(f, "\n  {what}:")?;
    }
    for (line, count) in places {
        write!(f, "\n    {line}")?;
        if count > 1 {
            write!(f, " (and {} more from there)", count - 1)?;
        }
    }
    Ok(())
}
