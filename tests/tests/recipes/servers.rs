//! Servers that the recipes talk to, each on threads of its own, and processes that end while a
//! server runs.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use bridgehead_tests::child;

const ADDRESS: &str = "BRIDGEHEAD_TEST_SERVER";
const PART: &str = "BRIDGEHEAD_TEST_PART";

/// Serves each connection with `serve`.
fn listen(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let serve = serve.clone();
            thread::spawn(move || serve(connection));
        }
    });
    address
}

/// A daemon that starts and stops containers, and how many run.
pub(crate) fn daemon() -> (SocketAddr, Arc<AtomicUsize>) {
    let running = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&running);
    let address = listen(move |mut connection| {
        let lines = BufReader::new(connection.try_clone().expect("a socket")).lines();
        for line in lines.map_while(Result::ok) {
            match line.as_str() {
                "start" => counted.fetch_add(1, Ordering::SeqCst),
                "stop" => counted.fetch_sub(1, Ordering::SeqCst),
                other => panic!("{other}"),
            };
            connection.write_all(b"!").expect("an answer");
        }
    });
    (address, running)
}

/// A server that answers each line at once, and the lines that it has received.
pub(crate) fn collector() -> (SocketAddr, Receiver<String>) {
    let (send, lines) = mpsc::channel();
    let address = listen(move |mut connection| {
        let lines = BufReader::new(connection.try_clone().expect("a socket")).lines();
        for line in lines.map_while(Result::ok) {
            let _ = send.send(line);
            let _ = connection.write_all(b"!");
        }
    });
    (address, lines)
}

/// Runs a part of a test in a process of its own, which finds its server by `of_parent`.
pub(crate) fn run_beside(server: SocketAddr, test: &str, part: &str) -> Output {
    let mut command = Command::new(env::current_exe().expect("the test executable"));
    command.args(["--exact", test, "--nocapture"]).env("BRIDGEHEAD_TEST_CHILD", test);
    command.env(ADDRESS, server.to_string()).env(PART, part);
    child::finish(test, command)
}

/// The server of a child of [`run_beside`].
pub(crate) fn of_parent() -> SocketAddr {
    env::var(ADDRESS).expect("a server").parse().expect("an address")
}
