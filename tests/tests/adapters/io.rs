//! An async reader or writer as a synchronous one: what it does in every context, over sockets,
//! pipes and files.

use std::cell::Cell;
use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, IoSlice, Read, Seek, SeekFrom, Write};
use std::marker::PhantomPinned;
use std::pin::{Pin, pin};
use std::process::{self, Stdio};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use bridgehead::{ThreadContext, io, sync_call};
use bridgehead_tests::contexts::everywhere;
use tokio::fs::OpenOptions;
use tokio::io::{AsyncRead, ReadBuf, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

/// Both ends of a connection.
fn pair() -> (TcpStream, TcpStream) {
    let pair = sync_call!(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (client, (server, _)) =
            tokio::try_join!(TcpStream::connect(address), listener.accept())?;
        Ok::<_, io::Error>((client, server))
    });
    pair.expect("a connection")
}

#[test]
fn bytes_go_through_a_socket_both_ways() {
    everywhere(|case| {
        let (client, server) = pair();
        let (mut client, mut server) = (io(client), io(server));
        client.write_all(b"ping").expect("to write");
        let mut buffer = [0; 16];
        // `read` returns the bytes that are there, and doesn't wait for more.
        assert_eq!(server.read(&mut buffer).expect("to read"), 4);
        assert_eq!(&buffer[..4], b"ping");
        server.write_all(b"pong, and more").expect("to write");
        client.read_exact(&mut buffer[..4]).expect("to read");
        assert_eq!(&buffer[..4], b"pong");

        server.shutdown().expect("to shut down");
        assert_eq!(io::read_to_string(&mut client).expect("to read"), ", and more");
        assert_eq!(client.read(&mut buffer).expect("the end"), 0, "after the end");
        assert_eq!(
            client.read_exact(&mut buffer).expect_err("the end").kind(),
            io::ErrorKind::UnexpectedEof
        );
        // The other direction is still open.
        client.write_all(b"bye").expect("to write");
        drop(client);
        assert_eq!(io::read_to_string(&mut server).expect("to read"), "bye");
        assert_eq!(ThreadContext::current(), case.context, "afterwards");
    });
}

#[cfg(unix)]
#[test]
fn bytes_go_through_a_unix_socket() {
    everywhere(|_| {
        let (client, server) =
            sync_call!(async { tokio::net::UnixStream::pair() }).expect("a pair");
        let mut client = io(client);
        writeln!(client, "{} {}", 1, 2).expect("to write");
        drop(client);
        assert_eq!(io::read_to_string(io(server)).expect("to read"), "1 2\n");
    });
}

/// Reads and writes of empty buffers return at once, also where there is nothing to read and no
/// room to write.
#[test]
fn an_empty_buffer_does_not_wait() {
    everywhere(|_| {
        let (client, _server) = pair();
        let mut client = io(client);
        assert_eq!(client.read(&mut []).expect("to read"), 0);
        client.set_timeout(Some(Duration::from_millis(2)));
        while client.write(&[0; 1 << 14]).is_ok() {}
        assert_eq!(client.write(&[]).expect("to write"), 0);
        assert_eq!(
            client.write_vectored(&[IoSlice::new(&[]), IoSlice::new(&[])]).expect("to write"),
            0
        );
        assert_eq!(client.write_vectored(&[]).expect("to write"), 0);
    });
}

#[test]
fn several_buffers_are_written_at_once() {
    everywhere(|_| {
        let (client, server) = pair();
        let mut client = io(client);
        let parts = [IoSlice::new(b"one, "), IoSlice::new(b""), IoSlice::new(b"two")];
        assert_eq!(client.write_vectored(&parts).expect("to write"), 8);
        drop(client);
        assert_eq!(io::read_to_string(io(server)).expect("to read"), "one, two");
    });
}

/// Spawns a server that sends back what it receives.
fn echo() -> TcpStream {
    let (client, mut server) = pair();
    sync_call!(async {
        drop(tokio::spawn(async move {
            let (mut reader, mut writer) = server.split();
            tokio::io::copy(&mut reader, &mut writer).await
        }));
    });
    client
}

#[test]
fn a_megabyte_is_copied_both_ways() {
    everywhere(|_| {
        let bytes = (0..1_u32 << 18).flat_map(u32::to_le_bytes).collect::<Vec<_>>();
        let (reader, writer) = echo().into_split();
        let sent = bytes.clone();
        let sender = thread::spawn(move || {
            let mut writer = io(writer);
            let copied = io::copy(&mut sent.as_slice(), &mut writer)?;
            writer.shutdown()?;
            Ok::<_, io::Error>(copied)
        });
        let mut received = Vec::new();
        assert_eq!(io::copy(&mut io(reader), &mut received).expect("to read"), 1 << 20);
        assert!(received == bytes);
        assert_eq!(sender.join().expect("the thread").expect("to write"), 1 << 20);
    });
}

const TEXT: &[u8] = b"one\ntwo\r\nthree\n\nand no end of line";
const LINES: [&str; 5] = ["one", "two", "three", "", "and no end of line"];

#[test]
fn lines_are_read_through_either_buffer() {
    everywhere(|_| {
        let connection = || {
            let (client, server) = pair();
            io(client).write_all(TEXT).expect("to write");
            server
        };
        let lines = |reader: &mut dyn BufRead| reader.lines().collect::<io::Result<Vec<_>>>();
        // The buffer is smaller than a line, so that it has to be refilled.
        let mut tokios = io(tokio::io::BufReader::with_capacity(5, connection()));
        assert_eq!(lines(&mut tokios).expect("to read"), LINES);
        assert!(tokios.fill_buf().expect("the end").is_empty());
        assert_eq!(lines(&mut BufReader::new(io(connection()))).expect("to read"), LINES);

        let mut numbers = io(&b"1,2,3"[..]);
        let mut number = Vec::new();
        assert_eq!(numbers.read_until(b',', &mut number).expect("to read"), 2);
        assert_eq!(numbers.fill_buf().expect("to read"), b"2,3");
        numbers.consume(1);
        assert_eq!(numbers.into_inner(), b",3");
    });
}

/// A synchronous library, which knows nothing of async code.
fn converse(mut stream: impl Read + Write) -> io::Result<Vec<String>> {
    let mut writer = BufWriter::new(&mut stream);
    for number in 0..100 {
        writeln!(writer, "{number}")?;
    }
    writer.flush()?;
    drop(writer);
    BufReader::new(stream).lines().take(100).collect()
}

#[test]
fn it_is_given_to_code_that_is_generic() {
    everywhere(|_| {
        let mut stream = echo();
        let answers = converse(io(&mut stream)).expect("the answers");
        assert!(answers.iter().eq(&(0..100).map(|number| number.to_string()).collect::<Vec<_>>()));
        // `io` only borrowed the stream.
        assert_eq!(converse(io(stream)).expect("the answers").len(), 100);
    });
}

/// A file name that no other test uses.
fn temporary() -> std::path::PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    env::temp_dir().join(format!("bridgehead-io-{}-{number}", process::id()))
}

#[test]
fn files_are_sought_in() {
    everywhere(|_| {
        let path = temporary();
        let file =
            sync_call!(OpenOptions::new().read(true).write(true).create_new(true).open(&path));
        let mut file = io(file.expect("a file"));
        file.write_all(b"0123456789").expect("to write");
        assert_eq!(file.stream_position().expect("to seek"), 10);
        assert_eq!(file.seek(SeekFrom::Start(3)).expect("to seek"), 3);
        let mut buffer = [0; 2];
        file.read_exact(&mut buffer).expect("to read");
        assert_eq!((&buffer, file.seek(SeekFrom::Current(-1)).expect("to seek")), (b"34", 4));
        file.write_all(b"x").expect("to write");
        assert_eq!(file.seek(SeekFrom::End(-2)).expect("to seek"), 8);
        assert_eq!(io::read_to_string(&mut file).expect("to read"), "89");
        assert_eq!(
            file.seek(SeekFrom::Current(-100)).expect_err("before the start").kind(),
            io::ErrorKind::InvalidInput
        );
        file.rewind().expect("to seek");
        file.flush().expect("to flush");
        assert_eq!(fs::read(&path).expect("to read"), b"0123x56789");
        fs::remove_file(path).expect("to remove");
    });
}

#[test]
fn a_child_process_is_talked_to() {
    everywhere(|_| {
        let spawned = || Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = sync_call!(async { spawned() }).expect("a child");
        let mut input = io(child.stdin.take().expect("its input"));
        let mut output = BufReader::new(io(child.stdout.take().expect("its output")));
        writeln!(input, "hello").expect("to write");
        let mut line = String::new();
        output.read_line(&mut line).expect("to read");
        assert_eq!(line, "hello\n");
        drop(input);
        assert_eq!(output.read_line(&mut line).expect("the end"), 0);
        assert!(sync_call!(child.wait()).expect("its status").success());
    });
}

/// Neither `Send` nor `Unpin`.
struct Fixed {
    read: Rc<Cell<u8>>,
    _pinned: PhantomPinned,
}

impl AsyncRead for Fixed {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.read.set(self.read.get() + 1);
        buffer.put_slice(&[self.read.get()]);
        Poll::Ready(Ok(()))
    }
}

#[test]
fn nothing_need_be_send_or_unpin() {
    everywhere(|_| {
        let read = Rc::new(Cell::new(0));
        let fixed = || Fixed { read: Rc::clone(&read), _pinned: PhantomPinned };
        let mut buffer = [0; 2];
        io(fixed()).read_exact(&mut buffer).expect("to read");
        let mut pinned = pin!(fixed());
        assert_eq!((io(pinned.as_mut()).read(&mut [0]).expect("to read"), buffer), (1, [1, 2]));
        let mut owned = io(fixed());
        assert_eq!((owned.get_pin_mut().read.get(), owned.get_ref().read.get()), (3, 3));
    });
}

#[test]
fn what_is_inside_can_be_had() {
    let mut text = io(io::Cursor::new(vec![1, 2, 3]));
    text.get_mut().set_position(1);
    assert_eq!((text.get_ref().position(), text.read(&mut [0]).expect("to read")), (1, 1));
    assert!(format!("{text:?}").starts_with("Io { inner: Cursor"), "{text:?}");
    assert_eq!(text.into_inner().position(), 2);
}

/// As with a file or a socket of std, `drop` doesn't flush: the caller does.
#[test]
fn nothing_is_flushed_on_drop() {
    everywhere(|_| {
        let (here, mut there) = duplex(64);
        let mut buffered = io(tokio::io::BufWriter::new(here));
        buffered.write_all(b"seen").expect("to write");
        buffered.flush().expect("to flush");
        buffered.write_all(b"unseen").expect("to write");
        drop(buffered);
        assert_eq!(io::read_to_string(io(&mut there)).expect("to read"), "seen");
    });
}
