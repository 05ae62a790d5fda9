//! Compares what `source` finds in the sources of real crates with what a full parser finds.

extern crate proc_macro;

#[allow(dead_code, unused_imports, reason = "the macros use more of it than this test")]
#[path = "../src/source/mod.rs"]
mod source;

#[path = "accuracy/compare.rs"]
mod compare;
#[path = "accuracy/figures.rs"]
mod figures;
#[path = "accuracy/rules.rs"]
mod rules;
#[path = "accuracy/sources.rs"]
mod sources;
#[path = "accuracy/tokens.rs"]
mod tokens;

use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;

use compare::compare;
use figures::Figures;

/// The percentage of positions that may be wrong.
const TOLERATED: f64 = 0.02;

#[test]
fn places_are_read_as_by_a_parser() {
    let figures = measure(sources::files());
    println!("{figures}");
    assert!(figures.positions > 200_000, "suspiciously few positions");
    assert!(figures.percent() <= TOLERATED, "more than {TOLERATED} % are wrong");
    assert_eq!(figures.lexed_otherwise, 0, "files have other tokens than by proc_macro2");
}

fn measure(files: Vec<PathBuf>) -> Figures {
    let files = Mutex::new(files.into_iter());
    let next = || files.lock().unwrap().next();
    let worker = || {
        let mut figures = Figures::default();
        while let Some(file) = next() {
            compare(&file, &mut figures);
        }
        figures
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let spawn = |_| {
            // The parser recurses, and needs a larger stack than the default.
            let builder = thread::Builder::new().stack_size(256 << 20);
            builder.spawn_scoped(scope, worker).unwrap()
        };
        let workers: Vec<_> = (0..threads).map(spawn).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .fold(Figures::default(), Figures::and)
    })
}
