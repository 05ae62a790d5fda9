//! Twins of every kind, in every context.

use std::time::Duration;

use bridgehead::{CallError, blocking};
use bridgehead_tests::contexts::everywhere;
use futures::stream::{self, Stream, StreamExt};

use crate::pause;

#[blocking(timeout)]
async fn double(number: u32) -> u32 {
    pause().await;
    2 * number
}

#[blocking(type = BlockingCounter)]
#[derive(Debug)]
struct Counter {
    count: u32,
}

#[blocking(timeout)]
impl Counter {
    async fn new(count: u32) -> Result<Self, String> {
        pause().await;
        Ok(Self { count })
    }

    async fn get(&self) -> u32 {
        pause().await;
        self.count
    }

    async fn add(&mut self, other: u32) -> &mut u32 {
        pause().await;
        self.count += other;
        &mut self.count
    }

    async fn end(self) -> u32 {
        pause().await;
        self.count
    }

    async fn never(&self) {
        std::future::pending::<()>().await;
    }

    fn up_to(&self) -> impl Stream<Item = u32> {
        // `interval` needs a runtime as soon as it is made.
        let mut ticks = tokio::time::interval(Duration::from_millis(1));
        let count = self.count;
        stream::iter(0..count)
            .zip(stream::poll_fn(move |cx| ticks.poll_tick(cx).map(Some)))
            .map(|(n, _)| n)
    }
}

#[blocking(type = BlockingCounter, forward)]
impl Counter {
    pub(crate) async fn start() -> Option<Self> {
        pause().await;
        Some(Self { count: 1 })
    }

    pub(crate) async fn next(&mut self) -> u32 {
        pause().await;
        self.count += 1;
        self.count
    }

    pub(crate) fn spawned(&self) -> bool {
        tokio::spawn(async {}).id().to_string() != "0"
    }
}

#[blocking]
trait Source {
    async fn get(&self, key: &str) -> String;
}

impl Source for Counter {
    async fn get(&self, key: &str) -> String {
        pause().await;
        format!("{key}{}", self.count)
    }
}

#[test]
fn a_free_function() {
    everywhere(|_| {
        assert_eq!(blocking_double(2), 4);
        assert_eq!(blocking_double_timeout(2, Duration::MAX).expect("in time"), 4);
    });
}

#[test]
fn methods() {
    everywhere(|_| {
        let mut counter = Counter::blocking_new(1).expect("a counter");
        assert_eq!(counter.blocking_get(), 1);
        assert_eq!(*counter.blocking_add(2), 3);
        assert_eq!(counter.blocking_end_timeout(Duration::MAX).expect("in time"), 3);
    });
}

#[test]
fn a_twin_type() {
    everywhere(|_| {
        let mut counter = BlockingCounter::start().expect("a counter");
        assert_eq!(counter.next(), 2);
        assert!(counter.spawned());
        assert_eq!(Counter::from(counter).count, 2);
    });
}

#[test]
fn a_trait() {
    everywhere(|_| {
        let source: &dyn BlockingSource = &Counter { count: 4 };
        assert_eq!(source.blocking_get("a"), "a4");
    });
}

#[test]
fn a_stream() {
    everywhere(|_| {
        let numbers: Vec<_> = Counter { count: 3 }.blocking_up_to().collect();
        assert_eq!(numbers, [0, 1, 2]);
    });
}

/// The error has the line where the twin was called.
#[test]
fn a_timeout_passes() {
    everywhere(|_| {
        let counter = Counter { count: 1 };
        let (line, result) = (line!(), counter.blocking_never_timeout(Duration::from_millis(2)));
        let Err(error @ CallError::Timeout { .. }) = result else { panic!("{result:?}") };
        assert_eq!((error.location().file(), error.location().line()), (file!(), line));
    });
}

/// A type whose constructors and whose `Drop` need a runtime.
#[blocking(type = BlockingMetronome)]
#[derive(Debug, Default)]
struct Metronome {
    ticks: Ticks,
}

#[derive(Debug)]
struct Ticks(tokio::time::Interval);

impl Default for Ticks {
    fn default() -> Self {
        Self(tokio::time::interval(Duration::from_millis(1)))
    }
}

impl Drop for Metronome {
    fn drop(&mut self) {
        tokio::spawn(async {});
    }
}

#[blocking(type = BlockingMetronome, forward)]
impl Metronome {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn with(ticks: Ticks) -> Self {
        Self { ticks }
    }

    pub(crate) async fn tick(&mut self) {
        self.ticks.0.tick().await;
    }
}

#[test]
fn what_is_built_and_dropped() {
    everywhere(|_| {
        let ticks = {
            let _runtime = bridgehead::enter();
            Ticks::default()
        };
        let made = [
            BlockingMetronome::new(),
            BlockingMetronome::default(),
            BlockingMetronome::with(ticks),
        ];
        for mut metronome in made {
            metronome.tick();
            // A thread that has no runtime drops it.
            std::thread::scope(|scope| scope.spawn(|| drop(metronome)).join())
                .expect("it is dropped");
            BlockingMetronome::new().tick();
        }
    });
}
