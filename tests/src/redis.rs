//! A real Redis server.

use std::env;
use std::fs;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A server on a Unix socket in a folder of its own. It ends when this is dropped, or with this process, in whatever way that ends.
#[derive(Debug)]
pub struct Server {
    /// Runs the server until its standard input is closed.
    script: Child,
    folder: PathBuf,
}

const SCRIPT: &str = r#"
redis-server --port 0 --unixsocket socket --save "" &
cat
kill -9 $!
wait
rm -r "$0"
"#;

impl Server {
    /// Starts one, and waits until it answers.
    ///
    /// # Panics
    ///
    /// When its program is neither there nor can be installed, or it doesn't start.
    #[must_use]
    pub fn start() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        install();
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("bridgehead-redis-{}-{number}", process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let script = Command::new("sh")
            .args(["-c", SCRIPT])
            .arg(&folder)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C is for the test; the script has to outlive it.
            .process_group(0)
            .spawn()
            .expect("a child process");
        let server = Self { script, folder };
        let start = Instant::now();
        while UnixStream::connect(server.socket()).is_err() {
            assert!(start.elapsed() < crate::DEADLINE, "Redis doesn't start");
            thread::sleep(Duration::from_millis(2));
        }
        server
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// For `Client::open`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

fn install() {
    if Command::new("redis-server").arg("--version").output().is_err() {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/servers");
        let output = Command::new(script).output().expect("the script runs");
        assert!(output.status.success(), "Redis is missing: {}", String::from_utf8_lossy(&output.stderr));
    }
}
