//! An async reader or writer as a synchronous one: time limits, and what has gone away.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use bridgehead::{CallError, Io, io, sync_call};
use bridgehead_tests::contexts::{everywhere, multi, single};
use bridgehead_tests::within;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeek, BufReader, Empty, ReadBuf, duplex, empty};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

const SHORT: Duration = Duration::from_millis(2);

/// Both ends of a connection.
async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let client = TcpStream::connect(listener.local_addr().expect("its address"));
    let (client, server) = tokio::join!(client, listener.accept());
    (client.expect("a client"), server.expect("a server").0)
}

fn timed_out(error: &io::Error) {
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let inner = error.get_ref().and_then(|error| error.downcast_ref::<CallError>());
    assert!(matches!(inner, Some(CallError::Timeout { timeout: SHORT, .. })), "{error:?}");
    assert!(error.to_string().contains("io_limits.rs"), "{error}");
}

#[test]
fn a_time_limit_ends_the_wait_and_loses_nothing() {
    everywhere(|_| {
        let (client, server) = sync_call!(pair());
        let mut client = io(client).with_timeout(SHORT);
        let start = Instant::now();
        timed_out(&client.read(&mut [0]).expect_err("nobody writes"));
        assert!(start.elapsed() >= SHORT);
        let mut server = io(BufReader::new(server)).with_timeout(SHORT);
        timed_out(&server.fill_buf().expect_err("nobody writes"));
        server.write_all(b"late").expect("room");
        client.set_timeout(None);
        let mut buffer = [0; 4];
        client.read_exact(&mut buffer).expect("to read");
        assert_eq!(&buffer, b"late");

        let (narrow, mut wide) = duplex(2);
        let mut narrow = io(narrow).with_timeout(SHORT);
        assert_eq!(narrow.write(b"abc").expect("room for two"), 2);
        timed_out(&narrow.write_all(b"c").expect_err("nobody reads"));
        let mut there = [0; 2];
        sync_call!(wide.read_exact(&mut there)).expect("to read");
        narrow.write_all(b"c").expect("room");
        drop(narrow);
        let mut rest = String::new();
        sync_call!(wide.read_to_string(&mut rest)).expect("to read");
        assert_eq!((&there, rest.as_str()), (b"ab", "c"));
    });
}

/// Its seeks complete when `is_open` is set, in the order in which they were started.
struct SlowSeek {
    pending: VecDeque<u64>,
    is_open: bool,
    at: u64,
}

impl AsyncSeek for SlowSeek {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        assert!(self.pending.is_empty(), "one at a time");
        let SeekFrom::Start(position) = position else { return Err(ErrorKind::Unsupported.into()) };
        self.pending.push_back(position);
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if !self.is_open && !self.pending.is_empty() {
            return Poll::Pending;
        }
        self.at = self.pending.pop_front().unwrap_or(self.at);
        Poll::Ready(Ok(self.at))
    }
}

#[test]
fn a_seek_that_took_too_long_is_over_before_the_next_begins() {
    everywhere(|_| {
        let inner = SlowSeek { pending: VecDeque::new(), is_open: false, at: 0 };
        let mut file = io(inner).with_timeout(SHORT);
        timed_out(&file.seek(SeekFrom::Start(3)).expect_err("it is slow"));
        timed_out(&file.seek(SeekFrom::Start(4)).expect_err("it is slow"));
        file.get_mut().is_open = true;
        assert_eq!(file.seek(SeekFrom::Start(5)).expect("to seek"), 5);
        file.seek(SeekFrom::End(0)).expect_err("it can't");
        assert_eq!(file.seek(SeekFrom::Start(6)).expect("to seek"), 6);
    });
}

#[test]
fn a_peer_that_goes_away_half_way_is_an_error() {
    everywhere(|_| {
        let (client, mut server) = sync_call!(pair());
        let mut client = io(client);
        client.write_all(b"some").expect("to write");
        sync_call!(server.read_exact(&mut [0; 2])).expect("to read");
        // With unread bytes, this resets the connection.
        drop(server);
        let error =
            (0..1000).find_map(|_| client.write_all(&[0; 1024]).err()).expect("the peer has gone");
        let kinds =
            [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted];
        assert!(kinds.contains(&error.kind()), "{error:?}");
        assert!(
            client
                .read(&mut [0])
                .map_or_else(|error| kinds.contains(&error.kind()), |read| read == 0)
        );
    });
}

#[test]
fn a_socket_whose_runtime_has_gone_is_an_error() {
    everywhere(|_| {
        let (client, _server) =
            thread::spawn(|| multi(1).block_on(pair())).join().expect("the thread");
        let mut client = io(client);
        // The error is tokio's own.
        let error = client.read(&mut [0]).expect_err("nobody looks after it");
        assert!(
            error.to_string().contains("shutdown") || error.to_string().contains("shut down"),
            "{error}"
        );
        client.write(b"x").expect_err("nobody looks after it");
    });
}

#[test]
fn a_read_that_waits_when_the_calls_runtime_ends_is_abandoned() {
    within("given up", || {
        let runtime = multi(1);
        let (send, receive) = mpsc::channel();
        let line = line!() + 2;
        let (here, _there) = duplex(1);
        let mut reader = io(here);
        runtime.spawn_blocking(move || send.send(reader.read(&mut [0])));
        thread::sleep(10 * SHORT);
        runtime.shutdown_background();
        let error = receive.recv().expect("the result").expect_err("the end of the runtime");
        assert_eq!(error.kind(), ErrorKind::Other);
        let inner = error.get_ref().and_then(|error| error.downcast_ref::<CallError>());
        assert!(matches!(inner, Some(CallError::Shutdown { .. })), "{error:?}");
        assert!(error.to_string().contains(&format!("io_limits.rs:{line}")), "{error}");
    });
}

/// The documented limit, and its remedy.
#[test]
fn a_socket_of_the_runtime_that_makes_no_progress_is_never_ready() {
    within("stands still", || {
        single().block_on(async {
            let (client, server) = pair().await;
            server.try_write(b"x").expect("room");
            let mut client = io(client).with_timeout(SHORT);
            timed_out(&client.read(&mut [0]).expect_err("nobody looks"));
            tokio::task::yield_now().await;
            assert_eq!(client.read(&mut [0]).expect("somebody has looked"), 1);
        });
    });
}

thread_local! {
    static AT_THREAD_END: RefCell<Option<AtThreadEnd>> = const { RefCell::new(None) };
}

struct AtThreadEnd(Io<Empty>, mpsc::Sender<io::Result<()>>);

impl Drop for AtThreadEnd {
    fn drop(&mut self) {
        let _ = self.1.send(self.0.flush());
    }
}

#[test]
fn a_thread_that_ends_gets_an_error_and_no_panic() {
    within("thread end", || {
        let (send, receive) = mpsc::channel();
        let thread = thread::spawn(move || {
            // Registered before tokio's thread-local state, and so dropped after it.
            AT_THREAD_END.set(None);
            AT_THREAD_END.set(Some(AtThreadEnd(io(empty()), send)));
            AT_THREAD_END.with_borrow_mut(|end| end.as_mut().expect("it is set").0.flush())
        });
        thread.join().expect("the thread").expect("to flush");
        let error = receive.recv().expect("the result").expect_err("the end of the thread");
        let inner = error.get_ref().and_then(|error| error.downcast_ref::<CallError>());
        assert!(matches!(inner, Some(CallError::ThreadExiting { .. })), "{error:?}");
    });
}

/// Spawns a task when it is dropped, as a pool does when a connection is returned to it.
struct SpawnsOnDrop(mpsc::Sender<bool>);

impl Drop for SpawnsOnDrop {
    fn drop(&mut self) {
        let _ = self.0.send(Handle::try_current().map(|handle| handle.spawn(async {})).is_ok());
    }
}

impl AsyncRead for SpawnsOnDrop {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn what_is_inside_is_dropped_where_a_task_can_be_started() {
    everywhere(|_| {
        let (send, receive) = mpsc::channel();
        assert_eq!(io(SpawnsOnDrop(send)).read(&mut [0]).expect("the end"), 0);
        assert_eq!(receive.try_recv(), Ok(true));
    });
}
