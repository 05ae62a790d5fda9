//! Bodies that are streamed.

use std::error::Error;
use std::io::{self, BufRead, Read};
use std::sync::mpsc::{self, Receiver};

use bridgehead::ThreadContext;
use bridgehead_tests::contexts::everywhere;

use super::client;
use bridgehead_clients::http_client::Body;

use super::server::{SERVER, pattern};

const LONG: usize = 3_000_000;

#[test]
fn a_download_is_read_in_parts() {
    let client = client();
    everywhere(move |_| {
        let mut response =
            client.get(SERVER.url(&format!("bytes/{LONG}"))).send().expect("a response");
        let mut buffer = vec![0; 33_333];
        let mut position = 0;
        for turn in 0.. {
            // Reads parts of every size.
            let room = 1 + turn * 977 % buffer.len();
            let length = response.read(&mut buffer[..room]).expect("a part");
            if length == 0 {
                break;
            }
            assert!(
                buffer[..length]
                    .iter()
                    .enumerate()
                    .all(|(at, byte)| *byte == pattern(position + at))
            );
            position += length;
        }
        assert_eq!(position, LONG);
        assert_eq!(response.read(&mut buffer).expect("the end again"), 0);
    });
}

/// Reads the bytes of a long body, often fewer than fit into the buffer.
struct Pattern {
    position: usize,
}

impl Read for Pattern {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(LONG - self.position).min(1 + self.position % 50_021);
        buffer[..length]
            .iter_mut()
            .enumerate()
            .for_each(|(at, byte)| *byte = pattern(self.position + at));
        self.position += length;
        Ok(length)
    }
}

#[test]
fn an_upload_is_read_while_it_is_sent() {
    let client = client();
    everywhere(move |_| {
        let body = Body::new(Pattern { position: 0 });
        let response = client.post(SERVER.url("length")).body(body).send().expect("a response");
        assert_eq!(response.text().expect("its body"), LONG.to_string());
    });
}

/// Blocks until there is something to read.
struct Lines(Receiver<String>);

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(ThreadContext::current().may_block(), "{}", ThreadContext::current());
        let Ok(line) = self.0.recv() else { return Ok(0) };
        buffer[..line.len()].copy_from_slice(line.as_bytes());
        Ok(line.len())
    }
}

/// Sending and receiving alternate, so neither body is complete while the other one is waited for.
#[test]
fn both_bodies_take_turns() {
    let client = client();
    everywhere(move |_| {
        let (lines, to_send) = mpsc::channel();
        let mut response = client
            .post(SERVER.url("echo"))
            .body(Body::new(Lines(to_send)))
            .send()
            .expect("a response");
        for number in 0..3 {
            let sent = format!("line {number}\n");
            lines.send(sent.clone()).expect("it is read");
            let mut received = String::new();
            response.read_line(&mut received).expect("the line");
            assert_eq!(received, sent);
        }
        drop(lines);
        assert_eq!(response.read_to_end(&mut Vec::new()).expect("the end"), 0);
    });
}

/// A reader that fails or panics.
struct Broken(fn() -> io::Error);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err((self.0)())
    }
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn an_error_of_the_reader_is_reported() {
    let client = client();
    everywhere(move |_| {
        for fault in [|| io::Error::other("of the test"), || panic!("of the test")] {
            let body = Body::new(Broken(fault));
            let error =
                client.post(SERVER.url("length")).body(body).send().expect_err("it can't be sent");
            let mut messages = Vec::new();
            let mut source = Some(&error as &dyn Error);
            while let Some(error) = source {
                messages.push(error.to_string());
                source = error.source();
            }
            assert!(messages.last().expect("one").contains("of the test"), "{messages:?}");
        }
    });
}

#[test]
fn what_was_read_is_not_read_again_and_the_rest_is_not_lost() {
    let client = client();
    everywhere(move |_| {
        let sent = "a first line\na second line\nand more";
        let mut response = client.post(SERVER.url("echo")).body(sent).send().expect("a response");
        assert_eq!(response.read(&mut []).expect("no byte"), 0);
        assert_eq!(
            response.by_ref().lines().next().expect("a line").expect("a line"),
            "a first line"
        );
        assert_eq!(response.text().expect("the rest"), "a second line\nand more");
    });
}

#[test]
fn a_half_read_body_may_be_dropped() {
    let client = client();
    everywhere(move |_| {
        for _ in 0..3 {
            let mut response =
                client.get(SERVER.url(&format!("bytes/{LONG}"))).send().expect("a response");
            response.read_exact(&mut [0; 100]).expect("the beginning");
            drop(response);
            let response = client.get(SERVER.url("square/4")).send().expect("a response");
            assert_eq!(response.text().expect("its body"), "16");
        }
    });
}
