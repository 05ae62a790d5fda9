//! The example `sync_handlers`, with as many connections as it is for.
#![cfg(target_os = "linux")]
#![expect(unsafe_code, reason = "std can't raise the limit of descriptors")]

use std::fs;
use std::mem::MaybeUninit;

use bridgehead::{Builder, Flavor};
use bridgehead_tests::within;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;

#[path = "../../runtime/examples/sync_handlers.rs"]
#[allow(dead_code, reason = "its main isn't run")]
mod sync_handlers;

const CONNECTIONS: usize = 5000;

/// Allows as many descriptors as both ends of all connections need. Returns whether that worked.
fn allow_descriptors() -> bool {
    let wanted = libc::rlim_t::try_from(2 * CONNECTIONS + 200).expect("it is small");
    let mut limit = MaybeUninit::uninit();
    // SAFETY: `limit` is only read if the call has written it.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, limit.as_mut_ptr()) != 0 {
            return false;
        }
        let mut limit: libc::rlimit = limit.assume_init();
        limit.rlim_cur = limit.rlim_cur.max(wanted.min(limit.rlim_max));
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) == 0 && limit.rlim_cur >= wanted
    }
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").expect("Linux").count()
}

#[test]
fn thousands_of_connections_wait_on_one_thread() {
    if !allow_descriptors() {
        println!("skipped: so many descriptors can't be had here");
        return;
    }
    within("the server", || {
        let before = threads();
        Builder::new().flavor(Flavor::Local).run(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("it is bound");
            spawn_local(sync_handlers::serve(listener));
            let mut open = Vec::new();
            for _ in 0..CONNECTIONS {
                open.push(TcpStream::connect(address).await.expect("a connection"));
            }
            for step in 0..2 {
                for stream in open.iter_mut().skip(step).step_by(50).rev() {
                    assert_eq!(sync_handlers::ask(stream).await.expect("an answer"), "HELLO\n");
                }
            }
            assert_eq!(threads(), before);
        });
    });
}
