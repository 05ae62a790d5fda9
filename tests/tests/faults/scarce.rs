//! Faults in which something runs out: workers, threads, descriptors, depth.

use std::panic;
use std::thread;
use std::time::Duration;

use bridgehead_tests::bridge::Bridge;
use bridgehead_tests::contexts::{in_task, multi, multi_with_pool, single};
use bridgehead_tests::message;
use bridgehead_tests::system::{become_nobody, with_descriptors_left, with_limit};
use bridgehead_tests::traps::{self, SHORT};
use tokio::time::sleep;

use crate::{Held, PLACE};

pub(crate) fn workers<B: Bridge>() -> Held {
    [1, 2, 4].into_iter().for_each(traps::all_workers_wait::<B>);
    traps::barrier_of_64_calls_on_2_workers::<B>();
    Held::Completed
}

pub(crate) fn blocking_pool<B: Bridge>() -> Held {
    multi_with_pool(2, 4).block_on(async {
        let calls: Vec<_> =
            (0..16).map(|_| tokio::spawn(async { B::call(|| sleep(10 * SHORT)) })).collect();
        for call in calls {
            call.await.expect("the call");
        }
    });
    Held::Completed
}

pub(crate) fn callers<B: Bridge>() -> Held {
    // Long enough for all calls to wait at the same time.
    let call = || B::call(|| sleep(Duration::from_secs(2)));
    let calls = || {
        let threads: Vec<_> = (0..500).map(|_| thread::spawn(call)).collect();
        threads.into_iter().map(thread::JoinHandle::join).collect::<Result<Vec<_>, _>>()
    };
    Held::by(with_limit(libc::RLIMIT_NOFILE, 1024, calls))
}

pub(crate) fn depth<B: Bridge>() -> Held {
    in_task(&multi(1), Box::new(|| traps::down::<B>(64)));
    in_task(&single(), Box::new(|| traps::down::<B>(64)));
    Held::Completed
}

type Call = fn() -> thread::Result<()>;

fn call<B: Bridge>() -> thread::Result<()> {
    panic::catch_unwind(|| B::call(|| sleep(SHORT / 10)))
}

/// A call that can't be served fails with its location, and the next call is served.
fn while_scarce<B: Bridge>(make_scarce: fn(Call) -> thread::Result<()>) -> Held {
    let reported = match make_scarce(call::<B>) {
        Ok(()) => "a call that isn't short of anything".to_owned(),
        Err(payload) => message(payload.as_ref()),
    };
    if let Err(payload) = call::<B>() {
        return Held::Reported(message(payload.as_ref()));
    }
    // The messages of tokio's and std's panics contain no location. What else they print is not
    // considered here.
    assert!(reported.contains(PLACE), "{reported}");
    Held::Reported(reported)
}

pub(crate) fn threads<B: Bridge>() -> Held {
    become_nobody();
    while_scarce::<B>(|call| with_limit(libc::RLIMIT_NPROC, 1, call))
}

pub(crate) fn descriptors<B: Bridge>() -> Held {
    // Enough for tokio's selector and its clone, but not for its signal pipe. tokio panics without
    // that.
    while_scarce::<B>(|call| with_descriptors_left(3, call))
}
