//! A real server of PostgreSQL.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server, on a port and in a folder of its own. It ends when this is dropped, or with this process, in whatever way that ends.
#[derive(Debug)]
pub struct Server {
    /// Runs the server until its standard input is closed.
    script: Child,
    port: u16,
}

impl Server {
    /// Starts one, and waits until it answers.
    ///
    /// # Panics
    ///
    /// When its programs are neither there nor can be installed, or it doesn't start.
    #[must_use]
    pub fn start() -> Self {
        let programs = programs();
        let mut problem = String::new();
        // Somebody else may take the port before the server does.
        for _ in 0..3 {
            match Self::try_start(&programs) {
                Ok(server) => return server,
                Err(said) => problem = said,
            }
        }
        panic!("PostgreSQL doesn't start: {problem}")
    }

    fn try_start(programs: &Path) -> Result<Self, String> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = port.expect("a free port").port();
        let mut script = as_somebody_else()
            .args(["sh", "-c", include_str!("postgres.sh"), "postgres.sh"])
            .arg(programs)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C is for the test; the script has to outlive it.
            .process_group(0)
            .spawn()
            .expect("a child process");
        let mut said = String::new();
        let read = BufReader::new(script.stdout.take().expect("a pipe")).read_line(&mut said);
        match read {
            Ok(_) if said == "ready\n" => Ok(Self { script, port }),
            _ => Err(said),
        }
    }

    /// A connection string.
    #[must_use]
    pub fn url(&self) -> String {
        format!("host=127.0.0.1 port={} user=postgres", self.port)
    }

    /// Where it listens, on the loopback interface.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

/// PostgreSQL refuses to be run by root.
fn as_somebody_else() -> Command {
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let mut command = Command::new(if is_root { "setpriv" } else { "env" });
    if is_root {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]);
    }
    command
}

/// The folder of the server's programs; empty if they are in `PATH`.
fn programs() -> PathBuf {
    find().unwrap_or_else(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/servers");
        let output = Command::new(script).output().expect("the script runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "PostgreSQL is missing: {said}");
        find().expect("PostgreSQL has been installed")
    })
}

fn find() -> Option<PathBuf> {
    let is_in_path = Command::new("initdb").arg("--version").output().is_ok();
    if is_in_path {
        return Some(PathBuf::new());
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    versions.flatten().map(|version| version.path().join("bin")).find(|folder| folder.join("initdb").exists())
}
