//! A program that a signal closes. Its first argument selects how its `main` ends, its second which
//! exit status counts.

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
use std::{env, future::pending, process::ExitCode};

#[cfg(unix)]
use bridgehead::{SignalStatus, cancelled};

#[cfg(unix)]
fn status() -> SignalStatus {
    if env::args().nth(2).as_deref() == Some("main") {
        SignalStatus::FromMain
    } else {
        SignalStatus::FromSignal
    }
}

#[cfg(unix)]
#[bridgehead::entry(signals = true, signal_status = status())]
async fn main() -> Result<ExitCode, String> {
    let how = env::args().nth(1).expect("an argument");
    terminate();
    if how == "never" {
        pending::<()>().await;
    }
    cancelled().await;
    match how.as_str() {
        "ok" => Ok(ExitCode::SUCCESS),
        "code" => Ok(ExitCode::from(7)),
        "error" => Err("the error of main".to_owned()),
        "panic" => panic!("the panic of main"),
        _ => unreachable!("{how}"),
    }
}

#[cfg(unix)]
#[expect(unsafe_code, reason = "std has no signals")]
fn terminate() {
    // SAFETY: `kill` takes no pointer.
    assert_eq!(unsafe { libc::kill(libc::getpid(), libc::SIGTERM) }, 0);
}
