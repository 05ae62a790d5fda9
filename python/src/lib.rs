//! A Python extension whose functions wait for async code. The guide "Python extensions" shows it,
//! part by part.

use std::io;
use std::mem;
use std::process;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bridgehead::{Task, close_background, spawn, try_sync_call};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// Waits with the GIL released, until the future is ready or a signal handler in Python raises an
/// exception.
fn wait<F>(py: Python<'_>, future: F) -> PyResult<F::Output>
where
    F: Future<Output: Send> + Send,
{
    let mut raised = None;
    let has_raised = || {
        // While the interpreter shuts down, `try_attach` returns `None`.
        raised = Python::try_attach(|py| py.check_signals().err()).flatten();
        raised.is_some()
    };
    let result = py.detach(|| try_sync_call!(future, interrupt = has_raised));
    match raised {
        Some(exception) => Err(exception),
        None => result.map_err(|error| PyRuntimeError::new_err(error.to_string())),
    }
}

/// All that a server sends.
#[pyfunction]
fn get(py: Python<'_>, server: &str) -> PyResult<String> {
    let answer = wait(py, async {
        let mut answer = String::new();
        TcpStream::connect(server).await?.read_to_string(&mut answer).await?;
        io::Result::Ok(answer)
    })??;
    Ok(answer)
}

/// Waits for so many seconds.
#[pyfunction]
fn pause(py: Python<'_>, seconds: f64) -> PyResult<()> {
    wait(py, async move { tokio::time::sleep(Duration::from_secs_f64(seconds)).await })
}

/// The tasks that must finish before the process ends, each with the id of the process that spawned
/// it. A forked child inherits the list, but the tasks don't exist there.
static SAVES: Mutex<Vec<(u32, Task<io::Result<()>>)>> = Mutex::new(Vec::new());

/// Writes a file in a task, and doesn't wait for it.
#[pyfunction]
fn save(path: String, text: String) {
    let task = spawn(async move { tokio::fs::write(path, text).await });
    SAVES.lock().unwrap_or_else(PoisonError::into_inner).push((process::id(), task));
}

/// Waits for the tasks of `save`, and closes the background runtime. Python calls it at its exit.
#[pyfunction]
fn close(py: Python<'_>) -> PyResult<()> {
    let begun = mem::take(&mut *SAVES.lock().unwrap_or_else(PoisonError::into_inner));
    let saved = wait(py, async {
        for (_, save) in begun.into_iter().filter(|(process, _)| *process == process::id()) {
            save.await.map_err(|error| PyRuntimeError::new_err(error.to_string()))??;
        }
        Ok(())
    });
    // Tasks may need the GIL before they can finish, so release it.
    let report = py.detach(close_background);
    if !report.is_clean() {
        eprintln!("waits: {report}");
    }
    saved?
}

/// Waits for async code in Python.
#[pymodule]
mod waits {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::{close, get, pause, save};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let close = module.getattr("close")?;
        module.py().import("atexit")?.call_method1("register", (close,))?;
        Ok(())
    }
}
