//! Cases that need a process of their own: the test executable runs itself again, for the one test.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Names, to a child, the test whose body it is to run.
const ROLE: &str = "BRIDGEHEAD_TEST_CHILD";

/// Tells a child which part of the test's body it is to run, where there are several.
const PART: &str = "BRIDGEHEAD_TEST_PART";

/// What a child prints, so that a name that is no test's is found out.
const BEGINS: &str = "the child begins";

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
/// When it hangs, or is no test. How it ended is the caller's to judge.
#[must_use]
pub fn run(name: &str) -> Output {
    run_with(name, Stdio::null())
}

/// As [`run`], with a standard input that nobody writes to and nobody closes.
///
/// # Panics
///
/// As there.
#[must_use]
pub fn run_with_open_stdin(name: &str) -> Output {
    run_with(name, Stdio::piped())
}

/// As [`run`], with the environment variable `RUST_BACKTRACE` set, or not.
///
/// # Panics
///
/// As there.
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
    command
}

/// The name that the harness has for a test: with the module that it is in.
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

/// Runs the test `name` in a process of its own, which is ended when `wait` says so: it is given
/// each line of its standard error, or `None` at first, and says for how long the next one is
/// waited for.
///
/// # Panics
///
/// When it fails before that, or is no test.
pub fn watch(name: &str, mut wait: impl FnMut(Option<&str>) -> Duration) {
    let mut command = of_test(name);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a child process");
    let (begins, begun) = mpsc::channel();
    let out = lines(child.stdout.take().expect("its standard output"));
    // Read to the end, since nobody can print to a pipe that has none.
    thread::spawn(move || {
        for _ in out.filter(|line| line.contains(BEGINS)) {
            let _ = begins.send(());
        }
    });
    let (tells, told) = mpsc::channel();
    let err = lines(child.stderr.take().expect("its standard error"));
    thread::spawn(move || {
        for line in err {
            let _ = tells.send(line);
        }
    });
    let mut all = String::new();
    let mut patience = wait(None);
    let has_ended = loop {
        match told.recv_timeout(patience) {
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
    // Not until its standard output is closed: the child may have left it to one of its own.
    assert!(begun.recv().is_ok(), "{name}: there is no such test");
}

fn lines(pipe: impl Read) -> impl Iterator<Item = String> {
    BufReader::new(pipe).lines().map_while(Result::ok)
}

/// Which part of the test's body this child is to run.
///
/// # Panics
///
/// When nobody has said.
#[must_use]
pub fn part() -> String {
    env::var(PART).expect("a part of the test")
}

/// Runs a part of the test `name` in a process of its own, which is killed, with all that it has
/// forked, when it isn't done in time.
///
/// # Panics
///
/// When it can't be started. How it ended is the caller's to judge.
#[must_use]
pub fn run_part(name: &str, part: &str, deadline: Duration) -> Ended {
    let mut command = of_test(name);
    // A backtrace names places of all kinds.
    command.env(PART, part).env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    finish_within(deadline, command)
}

/// As [`run`], for one that may take that long.
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
    /// None if it had to be killed.
    pub status: Option<ExitStatus>,
    /// What it has printed.
    pub stdout: String,
    /// What it has told.
    pub stderr: String,
}

/// Runs a command to its end.
///
/// # Panics
///
/// When it can't be started or hangs. Then it is killed, with all that it has forked.
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
    // Held open until the child has ended.
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
            return Some(status);
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
            // A child that is killed closes it.
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
/// Then, with what the child printed.
pub fn assert_success(name: &str, output: &Output) {
    assert!(
        output.status.success(),
        "{name}: {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        stderr(output)
    );
}
