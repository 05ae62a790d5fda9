//! No thread remembers for longer than a generation that a runtime is alive.

use std::sync::Arc;

use loom::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use loom::thread;

use crate::model;
use crate::runtimes::generation::{Alive, Generation};

struct Known {
    generation: Generation,
    alive: Alive,
}

impl Known {
    fn new() -> Arc<Self> {
        Arc::new(Self { generation: Generation(AtomicU64::new(0)), alive: Alive::new() })
    }

    /// As `runtimes::state` uses what its thread remembers.
    fn is_alive(&self, seen: &mut Option<u64>) -> bool {
        let generation = self.generation.now();
        if *seen == Some(generation) {
            return true;
        }
        let alive = self.alive.get();
        if alive {
            *seen = Some(generation);
        }
        alive
    }
}

#[test]
fn a_waiter_that_is_woken_by_the_end_of_a_runtime_finds_it_ended() {
    model(|| {
        let known = Known::new();
        let reported = Arc::new(AtomicBool::new(false));
        let ending = thread::spawn({
            let (known, reported) = (Arc::clone(&known), Arc::clone(&reported));
            move || {
                known.alive.end(&known.generation);
                reported.store(true, Ordering::Release);
            }
        });
        let mut seen = None;
        for _ in 0..2 {
            let was_reported = reported.load(Ordering::Acquire);
            assert!(!(was_reported && known.is_alive(&mut seen)), "taken for alive");
            known.is_alive(&mut seen);
        }
        ending.join().unwrap();
        assert!(!known.is_alive(&mut seen), "taken for alive for ever");
    });
}

/// The same when another runtime ends, and the generation changes, at the same time.
#[test]
fn two_that_end_at_once() {
    model(|| {
        let (one, other) = (Known::new(), Arc::new(Alive::new()));
        let ending = thread::spawn({
            let (one, other) = (Arc::clone(&one), Arc::clone(&other));
            move || other.end(&one.generation)
        });
        let mut seen = None;
        let looking = thread::spawn({
            let one = Arc::clone(&one);
            move || {
                one.is_alive(&mut seen);
                seen
            }
        });
        one.alive.end(&one.generation);
        let mut seen = looking.join().unwrap();
        assert!(!one.is_alive(&mut seen), "taken for alive");
        ending.join().unwrap();
        assert!(!other.get() && one.generation.now() == 2);
    });
}
