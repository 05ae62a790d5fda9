//! The servers of the tests. No test starts one: `scripts/servers` does, and sets variables to
//! their addresses.

use std::env;
use std::io::{self, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::thread::{self, JoinHandle};

/// A server that an environment variable names.
pub(crate) struct Server {
    variable: &'static str,
    reported: Once,
}

impl Server {
    pub(crate) const fn named_by(variable: &'static str) -> Self {
        Self { variable, reported: Once::new() }
    }

    /// Whether the variable is not set: the test is then skipped. The first such test of a process
    /// reports that.
    pub(crate) fn is_missing(&self) -> bool {
        let is_missing = env::var_os(self.variable).is_none();
        if is_missing {
            // The harness doesn't show the text of `eprintln!` when a test passes.
            self.reported.call_once(|| {
                let _ = writeln!(
                    io::stderr(),
                    "skipped: tests whose server `{}` would name; `scripts/servers COMMAND` sets it",
                    self.variable
                );
            });
        }
        is_missing
    }

    /// The value of the variable.
    pub(crate) fn url(&self) -> String {
        env::var(self.variable).unwrap_or_else(|error| panic!("{}: {error}", self.variable))
    }
}

/// A port that forwards to a server until this is dropped. Then all connections end, and no other
/// one is accepted, as if the server had been killed.
pub(crate) struct Forwarder {
    port: u16,
    state: Arc<State>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    is_closed: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
}

impl Forwarder {
    /// Forwards to the server at this host and port.
    pub(crate) fn to(server: (String, u16)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let state = Arc::<State>::default();
        let accepting = thread::spawn({
            let state = Arc::clone(&state);
            move || {
                while let Ok((ours, _)) = listener.accept()
                    && !state.is_closed.load(Ordering::SeqCst)
                {
                    let theirs =
                        TcpStream::connect((server.0.as_str(), server.1)).expect("the server");
                    state.forward(&ours, &theirs);
                    state.forward(&theirs, &ours);
                }
            }
        });
        Self { port, state, accepting: Some(accepting) }
    }

    /// The port, on the loopback interface.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl State {
    fn forward(&self, from: &TcpStream, to: &TcpStream) {
        let clone = |stream: &TcpStream| stream.try_clone().expect("a descriptor");
        self.connections.lock().expect("no panic").push(clone(from));
        let (mut from, mut to) = (clone(from), clone(to));
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.state.is_closed.store(true, Ordering::SeqCst);
        // Only a connection ends `accept`.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        let _ = self.accepting.take().map(JoinHandle::join);
        for connection in self.state.connections.lock().expect("no panic").drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}
