//! Ways to do the same thing, measured in one run: the result is the ratio of one to another.
//!
//! Criterion measures one peer after the other, while the load of the machine changes. So the
//! ratios are measured apart from that, in short turns. In each round every peer has a turn, and
//! the median of the ratios of all rounds counts.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;

/// The first peer of every group.
pub const OURS: &str = "bridgehead";

const ROUNDS: usize = 41;
const TURN: Duration = Duration::from_millis(10);

/// A group of peers.
#[must_use]
#[expect(missing_debug_implementations, reason = "it is made of closures")]
pub struct Peers<'a> {
    name: &'static str,
    peers: Vec<Peer<'a>>,
}

struct Peer<'a> {
    name: &'static str,
    calls: Box<dyn FnMut(u64) -> Duration + 'a>,
}

impl<'a> Peers<'a> {
    /// Makes a group without peers.
    pub fn new(name: &'static str) -> Self {
        Self { name, peers: Vec::new() }
    }

    /// Adds a peer that is called again and again.
    pub fn calls<T>(self, name: &'static str, mut call: impl FnMut() -> T + 'a) -> Self {
        self.timed(name, move |count| time(count, &mut call))
    }

    /// Adds a peer that measures itself how long a number of calls took.
    pub fn timed(mut self, name: &'static str, calls: impl FnMut(u64) -> Duration + 'a) -> Self {
        self.peers.push(Peer { name, calls: Box::new(calls) });
        self
    }

    /// Measures all peers, and prints the time of the first as a ratio to that of each other one.
    /// With the environment variable `ONLY_RATIOS` it prints nothing else.
    pub fn compare(mut self, criterion: &mut Criterion, goals: &[(&str, f64)]) {
        if std::env::var_os("ONLY_RATIOS").is_some() {
            self.print_ratios(goals);
            return;
        }
        let mut group = criterion.benchmark_group(self.name);
        group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(700));
        group.sample_size(20);
        let mut chosen = false;
        for peer in &mut self.peers {
            group.bench_function(peer.name, |bencher| {
                chosen = true;
                bencher.iter_custom(&mut peer.calls);
            });
        }
        group.finish();
        // `cargo test` runs everything once, which measures nothing.
        if chosen && std::env::args().any(|argument| argument == "--bench") {
            self.print_ratios(goals);
        }
    }

    fn print_ratios(&mut self, goals: &[(&str, f64)]) {
        let counts: Vec<u64> = self.peers.iter_mut().map(Peer::calls_in_a_turn).collect();
        let mut ratios = vec![Vec::new(); self.peers.len()];
        for round in 0..ROUNDS {
            let mut turns = vec![0.0; self.peers.len()];
            // Each round begins with another peer, since a peer affects the next one.
            for peer in 0..self.peers.len() {
                let peer = (peer + round) % self.peers.len();
                turns[peer] = self.peers[peer].turn(counts[peer]);
            }
            for (ratios, turn) in ratios.iter_mut().zip(&turns) {
                ratios.push(turns[0] / turn);
            }
        }
        for (peer, ratios) in self.peers.iter().zip(&mut ratios).skip(1) {
            ratios.sort_by(f64::total_cmp);
            let ratio = ratios[ROUNDS / 2];
            let verdict = match goals.iter().find(|(of, _)| *of == peer.name) {
                Some((_, goal)) if ratio <= *goal => format!(" (goal {goal}: met)"),
                Some((_, goal)) => format!(" (goal {goal}: NOT met)"),
                None => String::new(),
            };
            println!("ratio  {}: {ratio:.2} of {}{verdict}", self.name, peer.name);
        }
        println!();
    }
}

impl Peer<'_> {
    fn calls_in_a_turn(&mut self) -> u64 {
        let mut count = 1;
        // A single long turn may have been an interruption.
        while (0..3).any(|_| (self.calls)(count) < TURN) {
            count *= 2;
        }
        count
    }

    /// The seconds of one call.
    #[expect(clippy::cast_precision_loss, reason = "no turn has that many calls")]
    fn turn(&mut self, count: u64) -> f64 {
        (self.calls)(count).as_secs_f64() / count as f64
    }
}

/// How long `count` calls take.
pub fn time<T>(count: u64, mut call: impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        black_box(call());
    }
    start.elapsed()
}
