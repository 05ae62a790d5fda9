//! Runs each bridge in each context, and writes the outcomes into the documentation. See
//! `scripts/compare`.

mod bridges;
mod outcome;
mod page;
mod work;

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, io, thread};

use bridgehead_tests::contexts::CASES;

use crate::bridges::BRIDGES;
use crate::outcome::Outcome;
use crate::work::KINDS;

/// Most processes sleep, or hang.
const AT_ONCE: usize = 8;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Ok([kind, bridge, case]) = <[String; 3]>::try_from(arguments.clone()) {
        let number = |text: String| text.parse().expect("a number");
        outcome::become_child(number(kind), number(bridge), number(case));
    }
    let matrix = |kind| run_all(kind, BRIDGES.len());
    let page = page::write(&(0..KINDS.len()).map(matrix).collect::<Vec<_>>());
    match arguments.first() {
        Some(file) => fs::write(file, page),
        None => io::stdout().write_all(page.as_bytes()),
    }
}

/// The outcomes by context, then by bridge.
fn run_all(kind: usize, bridges: usize) -> Vec<Vec<Outcome>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut mine = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= bridges * CASES.len() {
                return mine;
            }
            mine.push((at, outcome::of(kind, at % bridges, at / bridges)));
        }
    };
    let mut all: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    all.sort_by_key(|(at, _)| *at);
    all.chunks(bridges).map(|row| row.iter().map(|(_, outcome)| *outcome).collect()).collect()
}
