//! A server of Redis that belongs to a test.

use std::env;
use std::path::PathBuf;
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A server in a temporary folder, on a Unix socket. It is killed, and the folder removed, when this is dropped and when the process ends.
#[derive(Debug)]
pub struct Redis {
    /// It waits for the end of its input, and then does that.
    shell: Child,
    folder: PathBuf,
}

impl Redis {
    /// Starts it, and waits until it answers.
    ///
    /// # Panics
    ///
    /// When it doesn't.
    #[must_use]
    pub fn start() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("bridgehead-redis-{}-{number}", process::id()));
        std::fs::create_dir(&folder).expect("a folder");
        let script =
            "redis-server --port 0 --unixsocket socket --save '' & cat; kill -9 $!; wait; rm -r \"$0\"";
        let shell = Command::new("sh")
            .args(["-c", script])
            .arg(&folder)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let server = Self { shell, folder };
        let start = Instant::now();
        while std::os::unix::net::UnixStream::connect(server.socket()).is_err() {
            assert!(start.elapsed() < crate::DEADLINE, "`redis-server` can't be started; is it installed?");
            thread::sleep(Duration::from_millis(2));
        }
        server
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// Kills it.
    pub fn kill(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
