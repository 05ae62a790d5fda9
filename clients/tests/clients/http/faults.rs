//! Faults of the server.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver};

use bridgehead_tests::contexts::everywhere;

use super::client;
use bridgehead_clients::http_client::Body;

use super::server::by_hand;

/// Sends this answer, and closes the connection.
fn cut(answer: &'static str) -> String {
    by_hand(move |mut stream: TcpStream| stream.write_all(answer.as_bytes()).expect("it is sent"))
}

const CUT: [&str; 2] = [
    "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nbegin",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nbegin\r\n",
];

#[test]
fn half_way_through_a_body() {
    let client = client();
    let urls = CUT.map(cut);
    everywhere(move |_| {
        for url in &urls {
            let response = client.get(url).send().expect("a response");
            let error: reqwest::Error = response.text().expect_err("it isn't all there");
            assert!(error.is_decode() || error.is_body(), "{error:?}");

            let mut response = client.get(url).send().expect("a response");
            let mut begin = [0; 5];
            response.read_exact(&mut begin).expect("what there is");
            assert_eq!(&begin, b"begin");
            let error = response.read(&mut begin).expect_err("nothing more, which is not the end");
            let inner = error.get_ref().map(|inner| inner as &dyn Error).expect("an error inside");
            assert!(inner.is::<reqwest::Error>(), "{error:?}");
        }
    });
}

#[test]
fn before_the_answer() {
    let client = client();
    let url = cut("");
    everywhere(move |_| {
        let error = client.get(&url).send().expect_err("there is none");
        assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    });
}

/// A reader that is never ready.
struct Never(Receiver<()>);

impl Read for Never {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        let _ = self.0.recv();
        Ok(0)
    }
}

/// The caller doesn't wait for the reader.
#[test]
fn while_the_body_that_it_was_to_get_is_still_waited_for() {
    let client = client();
    let url = cut("");
    everywhere(move |_| {
        let (_sender, receiver) = mpsc::channel();
        let body = Body::new(Never(receiver));
        let error = client.post(&url).body(body).send().expect_err("there is no answer");
        assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    });
}

/// The client finds out when it takes the connection from its pool, or else when it uses it. In
/// that case only the request that the server never read is lost.
#[test]
fn between_two_requests() {
    let client = client();
    let url = cut("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    everywhere(move |_| {
        for _ in 0..3 {
            let response =
                client.get(&url).send().or_else(|_: reqwest::Error| client.get(&url).send());
            assert_eq!(response.expect("a response").text().expect("its body"), "ok");
        }
    });
}
