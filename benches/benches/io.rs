//! A synchronous reader or writer, against tokio-util's `SyncIoBridge`, where that works: on a
//! thread without a runtime (goal: 1.05 of it).
//!
//! Over sockets both make the same system calls, which take most of the time, and the rest is
//! mostly noise on a busy machine. In memory only the way into a call and out of it is measured.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream as StdStream};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use bridgehead_benches::{OURS, Peers};
use criterion::{Criterion, criterion_group, criterion_main};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_util::io::SyncIoBridge;

const PEER: &str = "SyncIoBridge";
const GOALS: &[(&str, f64)] = &[(PEER, 1.05)];

fn bridge<T: Unpin>(runtime: &Runtime, inner: T) -> SyncIoBridge<T> {
    SyncIoBridge::new_with_handle(inner, runtime.handle().clone())
}

/// Connects to a thread that runs `peer` with the other end.
fn connect(runtime: &Runtime, peer: impl FnOnce(StdStream) + Send + 'static) -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let ours = StdStream::connect(listener.local_addr().unwrap()).unwrap();
    let (theirs, _) = listener.accept().unwrap();
    for stream in [&ours, &theirs] {
        stream.set_nodelay(true).unwrap();
    }
    ours.set_nonblocking(true).unwrap();
    thread::spawn(|| peer(theirs));
    let _guard = runtime.enter();
    TcpStream::from_std(ours).unwrap()
}

fn echo(mut stream: StdStream) {
    let mut message = [0; 64];
    while stream.read_exact(&mut message).and_then(|()| stream.write_all(&message)).is_ok() {}
}

fn source(mut stream: StdStream) {
    while stream.write_all(&[b'x'; 1 << 14]).is_ok() {}
}

fn sink(mut stream: StdStream) {
    let _ = io::copy(&mut stream, &mut io::sink());
}

fn round_trip(stream: &mut (impl Read + Write)) {
    let mut message = [7; 64];
    stream.write_all(&message).unwrap();
    stream.read_exact(&mut message).unwrap();
}

fn unbuffered(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut ours = bridgehead::io(connect(&runtime, echo));
    let mut theirs = bridge(&runtime, connect(&runtime, echo));
    Peers::new("round trip of 64 bytes")
        .calls(OURS, || round_trip(&mut ours))
        .calls(PEER, || round_trip(&mut theirs))
        .compare(criterion, GOALS);
}

fn buffered(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut message = [0; 128];
    let mut reader = BufReader::new(bridgehead::io(connect(&runtime, source)));
    let ours = move || reader.read_exact(&mut message).unwrap();
    let mut reader = BufReader::new(bridge(&runtime, connect(&runtime, source)));
    let theirs = move || reader.read_exact(&mut message).unwrap();
    Peers::new("128 bytes through std's BufReader")
        .calls(OURS, ours)
        .calls(PEER, theirs)
        .compare(criterion, GOALS);

    let mut writer = BufWriter::new(bridgehead::io(connect(&runtime, sink)));
    let ours = move || writer.write_all(&message).unwrap();
    let mut writer = BufWriter::new(bridge(&runtime, connect(&runtime, sink)));
    let theirs = move || writer.write_all(&message).unwrap();
    Peers::new("128 bytes through std's BufWriter")
        .calls(OURS, ours)
        .calls(PEER, theirs)
        .compare(criterion, GOALS);
}

/// Narrowly missed in most runs. The peer reads into memory that has not been zeroed, which std's
/// stable `Read` can't do. From memory, reading 190 kB to the end takes 1.6 of the peer's time.
fn to_the_end(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let megabyte =
        || connect(&runtime, |mut stream| stream.write_all(&vec![b'x'; 1 << 20]).unwrap());
    let read = |mut reader: Box<dyn Read>| {
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        all
    };
    Peers::new("a connection, and 1 MiB to its end")
        .calls(OURS, || read(Box::new(bridgehead::io(megabyte()))))
        .calls(PEER, || read(Box::new(bridge(&runtime, megabyte()))))
        .compare(criterion, GOALS);
}

/// One line, again and again.
struct Lines(usize);

impl AsyncRead for Lines {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        const LINE: &[u8] = b"a line of text that is neither long nor short\n";
        while buffer.remaining() > 0 {
            let rest = &LINE[self.0..];
            let part = rest.len().min(buffer.remaining());
            buffer.put_slice(&rest[..part]);
            self.0 = (self.0 + part) % LINE.len();
        }
        Poll::Ready(Ok(()))
    }
}

fn read_line(mut reader: impl BufRead) -> impl FnMut() -> usize {
    let mut line = String::new();
    move || {
        line.clear();
        reader.read_line(&mut line).unwrap()
    }
}

fn memory(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut message = [0; 64];
    let mut reader = bridgehead::io(Lines(0));
    let ours = move || reader.read(&mut message).unwrap();
    let mut reader = bridge(&runtime, Lines(0));
    let theirs = move || reader.read(&mut message).unwrap();
    Peers::new("64 bytes, in memory")
        .calls(OURS, ours)
        .calls(PEER, theirs)
        .compare(criterion, GOALS);

    Peers::new("a line through tokio's BufReader, in memory")
        .calls(OURS, read_line(bridgehead::io(tokio::io::BufReader::new(Lines(0)))))
        .calls(PEER, read_line(bridge(&runtime, tokio::io::BufReader::new(Lines(0)))))
        .compare(criterion, GOALS);
}

criterion_group!(benches, unbuffered, buffered, to_the_end, memory);
criterion_main!(benches);
