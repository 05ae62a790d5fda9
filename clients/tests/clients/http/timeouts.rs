//! Timeouts: the client's own, and those of the twins.

use std::error::Error;
use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bridgehead::CallError;
use bridgehead_tests::contexts::{everywhere, single};

use super::server::SERVER;
use super::{build, builder, client};

const SHORT: Duration = Duration::from_millis(50);

#[test]
fn of_the_whole_request() {
    let client = client();
    everywhere(move |_| {
        let error = client.get(SERVER.url("slow")).timeout(SHORT).send().expect_err("it is slow");
        assert!(error.is_timeout(), "{error:?}");
        // The timeout includes the body.
        let stalls = || client.get(SERVER.url("stalls")).timeout(SHORT).send()?.text();
        let error = stalls().expect_err("it stalls");
        assert!(error.is_timeout(), "{error:?}");
    });
}

#[test]
fn of_the_connecting() {
    let (address, _queue) = deaf();
    let client = build(builder().connect_timeout(SHORT));
    everywhere(move |_| {
        let error = client.get(format!("http://{address}")).send().expect_err("nobody accepts");
        assert!(error.is_connect() && error.is_timeout(), "{error:?}");
    });
}

/// An address at which no more connections are accepted while the queue lives.
fn deaf() -> (SocketAddr, Vec<Box<dyn Send>>) {
    let runtime = single();
    let listener = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
        socket.listen(1).expect("it listens")
    });
    let address = listener.local_addr().expect("its address");
    let mut queue: Vec<Box<dyn Send>> = vec![Box::new(runtime), Box::new(listener)];
    while let Ok(stream) = TcpStream::connect_timeout(&address, SHORT) {
        queue.push(Box::new(stream));
    }
    (address, queue)
}

#[test]
fn of_a_read() {
    let client = build(builder().read_timeout(SHORT));
    everywhere(move |_| {
        // On a busy machine the head of the response may take too long as well.
        let mut response = loop {
            match client.get(SERVER.url("stalls")).send() {
                Ok(response) => break response,
                Err(error) => assert!(error.is_timeout(), "{error:?}"),
            }
        };
        let mut received = Vec::new();
        let error = response.read_to_end(&mut received).expect_err("it stalls");
        assert!(b"begin".starts_with(&received), "{received:?}");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        let inner = error.get_ref().map(|inner| inner as &dyn Error);
        let inner = inner
            .and_then(|inner| inner.downcast_ref::<reqwest::Error>())
            .expect("the client's own");
        assert!(inner.is_timeout(), "{inner:?}");
    });
}

#[test]
fn of_a_twin() {
    let client = client();
    everywhere(move |_| {
        let sent = client.get(SERVER.url("slow")).send_timeout(SHORT);
        assert!(matches!(sent, Err(CallError::Timeout { .. })), "{sent:?}");

        let response =
            client.get(SERVER.url("stalls")).send_timeout(Duration::MAX).expect("in time");
        let text = response.expect("a response").text_timeout(SHORT);
        assert!(matches!(text, Err(CallError::Timeout { .. })), "{text:?}");

        let response = client.get(SERVER.url("square/6")).send().expect("a response");
        assert_eq!(response.text_timeout(Duration::MAX).expect("in time").expect("its body"), "36");
    });
}
