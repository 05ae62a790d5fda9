//! One client, which all handlers of actix-web share. Each worker of actix-web drives a
//! current-thread runtime.

#[path = "../src/main.rs"]
mod program;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer};
use program::{Store, configure};

/// A server that answers any request with "49", and keeps its connections open. Returns its URL.
fn upstream() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("its address"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut answers = stream.try_clone().expect("another handle");
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    if line.is_empty() {
                        let _ =
                            answers.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n49");
                    }
                }
            });
        }
    });
    url
}

/// Starts the program with this many workers.
fn serve(workers: usize, url: String) -> (SocketAddr, ServerHandle) {
    let (send, started) = mpsc::channel();
    thread::spawn(move || {
        actix_web::rt::System::new().block_on(async {
            let store = Store::new(url);
            let server =
                HttpServer::new(move || App::new().configure(|config| configure(config, &store)));
            let server =
                server.workers(workers).disable_signals().bind("127.0.0.1:0").expect("a port");
            let address = server.addrs()[0];
            let server = server.run();
            send.send((address, server.handle())).expect("the test listens");
            server.await
        })
    });
    started.recv().expect("the server starts")
}

/// Requests one handler. A worker that hangs causes a timeout.
fn ask(client: &reqwest::blocking::Client, address: SocketAddr, handler: &str) -> String {
    let request =
        client.get(format!("http://{address}/{handler}")).timeout(Duration::from_secs(20));
    let response = request.send().unwrap_or_else(|error| panic!("{handler}: {error:?}"));
    response.error_for_status().expect(handler).text().expect(handler)
}

#[test]
fn handlers_of_all_kinds_share_a_client_in_every_order() {
    const HANDLERS: [&str; 3] = ["async", "sync", "block"];
    let url = upstream();
    for workers in [1, 2] {
        for first in HANDLERS {
            for second in HANDLERS {
                // A fresh server has no connections yet.
                let (address, server) = serve(workers, url.clone());
                let client = reqwest::blocking::Client::new();
                for handler in [first, second].iter().chain(&HANDLERS) {
                    assert_eq!(ask(&client, address, handler), "49", "{first}, {second}");
                }
                drop(server.stop(false));
            }
        }
    }
}

#[test]
fn handlers_of_all_kinds_share_a_client_at_once() {
    let (address, server) = serve(2, upstream());
    let threads: Vec<_> = (0..6)
        .map(|number| {
            thread::spawn(move || {
                let client = reqwest::blocking::Client::new();
                for round in 0..30 {
                    let handler = ["async", "sync", "block"][(number + round) % 3];
                    assert_eq!(ask(&client, address, handler), "49");
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("the requests");
    }
    drop(server.stop(false));
}
