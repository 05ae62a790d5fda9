//! A program whose main does nothing, from its start to its end: with what `#[entry]` expands to,
//! with what `#[tokio::main]` expands to (goal: 1.1 of it), and without a runtime. Each is a
//! process: this program, started again.
//!
//! `#[entry]` additionally checks that descriptors are available, where tokio would panic. Unlike
//! `try_run` it doesn't check that a thread can be started: starting one, and joining it, was most
//! of the difference.

use std::env;
use std::process::Command;

use bridgehead::__private::{Builder, entry};
use bridgehead_benches::{OURS, Peers};
use criterion::{Criterion, criterion_group};

/// Selects what a child process does.
const CHILD: &str = "BRIDGEHEAD_BENCH_CHILD";
const TOKIO: &str = "tokio::main";
const NONE: &str = "no runtime";

fn child(what: &str) {
    match what {
        OURS => entry(Builder::new(), async {}, |()| ()),
        TOKIO => {
            tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(async {});
        }
        _ => {}
    }
}

fn run(what: &str) {
    let program = env::current_exe().unwrap();
    assert!(Command::new(program).env(CHILD, what).status().unwrap().success());
}

fn program(criterion: &mut Criterion) {
    Peers::new("empty program")
        .calls(OURS, || run(OURS))
        .calls(TOKIO, || run(TOKIO))
        .calls(NONE, || run(NONE))
        .compare(criterion, &[(TOKIO, 1.1)]);
}

criterion_group!(benches, program);

fn main() {
    if let Ok(what) = env::var(CHILD) {
        return child(&what);
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
