//! An async reader or writer as a synchronous one: errors, and what std makes of them.

use std::collections::VecDeque;
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

use bridgehead::{Io, io};
use bridgehead_tests::contexts::everywhere;
use bridgehead_tests::message;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

/// A reader and writer that takes the next step of its script at each poll.
#[derive(Default)]
struct Script(VecDeque<Step>);

#[derive(Clone, Copy)]
enum Step {
    Bytes(&'static [u8]),
    Error(ErrorKind),
    Panic,
}

impl Script {
    fn of<const N: usize>(steps: [Step; N]) -> Io<Self> {
        io(Self(steps.into()))
    }

    fn step(&mut self) -> io::Result<&'static [u8]> {
        match self.0.pop_front() {
            None => Ok(&[]),
            Some(Step::Bytes(bytes)) => Ok(bytes),
            Some(Step::Error(kind)) => Err(io::Error::new(kind, "of the test")),
            Some(Step::Panic) => panic!("of the test"),
        }
    }
}

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(self.step().map(|bytes| buffer.put_slice(bytes)))
    }
}

/// The buffer is the next step's bytes until they are consumed. There may be more bytes after an
/// end, as on a terminal.
impl AsyncBufRead for Script {
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        let bytes = this.step();
        if let Ok(bytes @ [_, ..]) = bytes {
            this.0.push_front(Step::Bytes(bytes));
        }
        Poll::Ready(bytes)
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        if let Some(Step::Bytes(bytes)) = self.0.front_mut() {
            *bytes = &bytes[amount..];
        }
        if matches!(self.0.front(), Some(Step::Bytes([]))) {
            self.0.pop_front();
        }
    }
}

/// Each write accepts as many bytes as its step has.
impl AsyncWrite for Script {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.step().map(<[u8]>::len))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.step().map(drop))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.step().map(drop))
    }
}

#[test]
fn errors_are_passed_on_as_they_are() {
    fn is_ours<T>(result: io::Result<T>, kind: ErrorKind) -> bool {
        result.is_err_and(|error| error.kind() == kind && error.to_string() == "of the test")
    }
    everywhere(|_| {
        for kind in [ErrorKind::ConnectionReset, ErrorKind::Interrupted, ErrorKind::WouldBlock] {
            let failing = || Script::of([Step::Error(kind)]);
            assert!(is_ours(failing().read(&mut [0]), kind));
            assert!(is_ours(failing().fill_buf().map(<[u8]>::len), kind));
            assert!(is_ours(failing().write(b"x"), kind));
            assert!(is_ours(failing().flush(), kind));
            assert!(is_ours(failing().shutdown(), kind));
        }
    });
}

#[test]
fn stds_own_loops_see_what_they_expect() {
    use Step::{Bytes, Error};
    everywhere(|_| {
        let mut buffer = [0; 3];
        let interrupted = [Bytes(b"a"), Error(ErrorKind::Interrupted), Bytes(b"bc"), Bytes(b"d\n")];
        let mut reader = Script::of(interrupted);
        reader.read_exact(&mut buffer).expect("to read");
        assert_eq!(&buffer, b"abc");
        assert_eq!(
            reader.read_exact(&mut buffer).expect_err("the end").kind(),
            ErrorKind::UnexpectedEof
        );

        // The bytes before an error are not lost.
        let mut all = Vec::new();
        let mut broken = Script::of([Bytes(b"ab"), Error(ErrorKind::Other), Bytes(b"c")]);
        broken.read_to_end(&mut all).expect_err("of the test");
        broken.read_to_end(&mut all).expect("to read");
        assert_eq!(all, b"abc");

        let mut lines =
            Script::of([Bytes(b"a\nb"), Error(ErrorKind::Interrupted), Bytes(b"c")]).lines();
        assert_eq!(lines.next().expect("a line").expect("to read"), "a");
        assert_eq!(lines.next().expect("a line").expect("to read"), "bc");

        Script::of(interrupted).write_all(b"abcde").expect("to write");
        let mut full = Script::of([Bytes(b"a"), Bytes(b"")]);
        assert_eq!(full.write_all(b"abc").expect_err("full").kind(), ErrorKind::WriteZero);
    });
}

/// A terminal returns an end, and then the next line: a second read would wait for that.
#[test]
fn an_end_is_asked_for_once() {
    let mut terminal = Script::of([Step::Bytes(b""), Step::Bytes(b"more")]);
    assert_eq!(terminal.fill_buf().expect("the end"), b"");
    assert_eq!(terminal.fill_buf().expect("more"), b"more");
}

#[test]
#[cfg_attr(panic = "abort", ignore = "something panics")]
fn a_panic_is_passed_on_and_the_next_read_works() {
    everywhere(|_| {
        let mut reader = Script::of([Step::Panic, Step::Bytes(b"x")]);
        let read = || reader.read(&mut [0]);
        let payload = panic::catch_unwind(AssertUnwindSafe(read)).expect_err("the panic");
        assert_eq!(message(payload.as_ref()), "of the test");
        assert_eq!(reader.read(&mut [0]).expect("to read"), 1);
    });
}
