//! Cases that need a process of their own: the test executable runs itself again, for one test.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Names the test whose body a child runs.
const ROLE: &str = "BRIDGEHEAD_TEST_CHILD";

/// Selects the part of the test's body that a child runs, if it has several parts.
const PART: &str = "BRIDGEHEAD_TEST_PART";

/// A child prints this first. A name that is no test's is found out because it is missing.
const BEGINS: &str = "the child begins";

/// The exit status of a test that has passed, in the harness for `panic = "abort"`.
const PASSED: i32 = 50;

/// Whether this process is the child of the test `name`.
#[must_use]
pub fn is_child(name: &str) -> bool {
    let is_child = env::var(ROLE).is_ok_and(|role| role == name);
    if is_child {
        println!("{BEGINS}");
    }
    is_child
}

/// Runs the test `name` in a process of its own.
///
/// # Panics
///
/// If the child hangs, or if there is no such test. The caller judges how the child ended.
#[must_use]
pub fn run(name: &str) -> Output {
    run_with(name, Stdio::null())
}

/// As [`run`], with a standard input that stays open and empty.
///
/// # Panics
///
/// As [`run`].
#[must_use]
pub fn run_with_open_stdin(name: &str) -> Output {
    run_with(name, Stdio::piped())
}

/// As [`run`], with the environment variable `RUST_BACKTRACE` set, or not.
///
/// # Panics
///
/// As [`run`].
#[must_use]
pub fn run_with_backtraces(name: &str, on: bool) -> Output {
    let mut command = of_test(name);
    command
        .stdin(Stdio::null())
        .env_remove("RUST_LIB_BACKTRACE")
        .env("RUST_BACKTRACE", if on { "1" } else { "0" });
    finish_test(name, command)
}

fn run_with(name: &str, stdin: Stdio) -> Output {
    let mut command = of_test(name);
    command.stdin(stdin);
    finish_test(name, command)
}

fn finish_test(name: &str, command: Command) -> Output {
    let output = finish(name, command);
    assert!(
        String::from_utf8_lossy(&output.stdout).contains(BEGINS),
        "{name}: there is no such test"
    );
    output
}

fn of_test(name: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("the test executable"));
    command.args(["--exact", full_name(name), "--nocapture"]).env(ROLE, name);
    if cfg!(panic = "abort") {
        // The harness would run the test in another process. This variable names the test that it
        // runs in its own.
        command.env("__RUST_TEST_INVOKE", full_name(name));
    }
    command
}

/// The name of a test in the harness, which includes its module.
fn full_name(name: &str) -> &'static str {
    static TESTS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let mut command = Command::new(env::current_exe().expect("the test executable"));
        let output =
            command.args(["--list", "--format", "terse"]).output().expect("a child process");
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        lines.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
    });
    let is_meant = |full: &&String| {
        full.strip_suffix(name).is_some_and(|module| module.is_empty() || module.ends_with("::"))
    };
    let mut meant = TESTS.iter().filter(is_meant);
    match (meant.next(), meant.next()) {
        (Some(full), None) => full,
        (None, _) => panic!("{name}: there is no such test"),
        (Some(one), Some(other)) => {
            panic!("{name} may be `{one}` or `{other}`: name its module as well")
        }
    }
}

/// Runs the test `name` in a process of its own. `wait` is called with each line of its standard
/// error, at first with `None`, and returns how long to wait for the next line. The child is killed
/// when no line comes in that time.
///
/// # Panics
///
/// If the child fails before that, or if there is no such test.
pub fn watch(name: &str, mut wait: impl FnMut(Option<&str>) -> Duration) {
    let mut command = of_test(name);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a child process");
    let (begins, begun) = mpsc::channel();
    let out = lines(child.stdout.take().expect("its standard output"));
    // A pipe without a reader would make the child's prints fail, so it is read to its end.
    thread::spawn(move || {
        for _ in out.filter(|line| line.contains(BEGINS)) {
            let _ = begins.send(());
        }
    });
    let (sender, receiver) = mpsc::channel();
    let err = lines(child.stderr.take().expect("its standard error"));
    thread::spawn(move || {
        for line in err {
            let _ = sender.send(line);
        }
    });
    let mut all = String::new();
    let mut patience = wait(None);
    let has_ended = loop {
        match receiver.recv_timeout(patience) {
            Ok(line) => {
                patience = wait(Some(&line));
                all = all + &line + "\n";
            }
            Err(RecvTimeoutError::Disconnected) => break true,
            Err(RecvTimeoutError::Timeout) => break false,
        }
    };
    if has_ended {
        let Some(status) = self::wait(crate::DEADLINE, &mut child) else {
            panic!("{name}: the child process hung")
        };
        assert!(status.success(), "{name}: {status}\n{all}");
    } else {
        child.kill().and_then(|()| child.wait()).expect("its end");
    }
    // The reader is not joined: a process that the child has started may keep the pipe open.
    assert!(begun.recv().is_ok(), "{name}: there is no such test");
}

fn lines(pipe: impl Read) -> impl Iterator<Item = String> {
    BufReader::new(pipe).lines().map_while(Result::ok)
}

/// The part of the test's body that this child is to run.
///
/// # Panics
///
/// If this process was not started by [`run_part`].
#[must_use]
pub fn part() -> String {
    env::var(PART).expect("a part of the test")
}

/// Runs a part of the test `name` in a process of its own. If it has not ended by the deadline, it
/// is killed, with all that it has forked.
///
/// # Panics
///
/// If it can't be started. The caller judges how it ended.
#[must_use]
pub fn run_part(name: &str, part: &str, deadline: Duration) -> Ended {
    let mut command = of_test(name);
    // A backtrace contains many source locations, and tests search the output for one.
    command.env(PART, part).env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    finish_within(deadline, command)
}

/// As [`run`], for a test that may take as long as `deadline`.
///
/// # Panics
///
/// As [`run_part`].
#[must_use]
pub fn run_within(name: &str, deadline: Duration) -> Ended {
    run_part(name, "", deadline)
}

/// How a child ended.
#[derive(Debug)]
pub struct Ended {
    /// `None` if it had to be killed.
    pub status: Option<ExitStatus>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// Runs a command until it exits.
///
/// # Panics
///
/// If it can't be started, or if it hangs: then it is killed, with all that it has forked.
#[must_use]
pub fn finish(name: &str, command: Command) -> Output {
    let Ended { status, stdout, stderr } = finish_within(crate::DEADLINE, command);
    let Some(status) = status else { panic!("{name}: the child process hung\n{stdout}\n{stderr}") };
    Output { status, stdout: stdout.into_bytes(), stderr: stderr.into_bytes() }
}

fn finish_within(deadline: Duration, mut command: Command) -> Ended {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a child process");
    // The child's standard input stays open until the child has ended.
    let _stdin = child.stdin.take();
    let out = read(child.stdout.take());
    let err = read(child.stderr.take());
    let status = wait(deadline, &mut child);
    Ended {
        status,
        stdout: out.join().expect("the reader"),
        stderr: err.join().expect("the reader"),
    }
}

fn wait(deadline: Duration, child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + deadline;
    loop {
        if let Some(status) = child.try_wait().expect("the child's status") {
            // A test that the harness has run in its own process, see `of_test`.
            let has_passed = cfg!(panic = "abort") && status.code() == Some(PASSED);
            return Some(if has_passed { ExitStatus::default() } else { status });
        }
        if Instant::now() > deadline {
            #[cfg(unix)]
            crate::system::kill_group(child.id());
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn read(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // Killing the child closes the pipe, which ends the read.
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The child's standard error as text.
#[must_use]
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Fails the test unless the child succeeded.
///
/// # Panics
///
/// If it failed, with what it printed.
pub fn assert_success(name: &str, output: &Output) {
    assert!(
        output.status.success(),
        "{name}: {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        stderr(output)
    );
}
