//! Calls through other functions.

use std::thread::park;

use bridgehead::sync_call;

pub async fn handler() {
    load(); //~ sync_call!
}

fn load() -> u32 {
    middle()
}

fn middle() -> u32 {
    Legacy.fetch()
}

struct Legacy;

impl Legacy {
    fn fetch(&self) -> u32 {
        sync_call!(async { 4 })
    }
}

trait Store {
    fn get(&self) -> u32;
    fn get_twice(&self) -> u32 {
        self.get() + self.get()
    }
    fn name(&self) -> String {
        String::new()
    }
}

struct Quick;

impl Store for Quick {
    fn get(&self) -> u32 {
        4
    }
}

impl<T> Store for Vec<T> {
    fn get(&self) -> u32 {
        park();
        4
    }
}

pub async fn by_dyn(store: &(dyn Store + Sync)) {
    store.get(); //~ park
}

pub async fn by_generic(store: impl Store) {
    store.get(); //~ park
}

pub async fn by_path<S: Store>(store: S) {
    S::get(&store); //~ park
}

pub async fn by_default_method(store: &(dyn Store + Sync)) {
    store.get_twice(); //~ park
}

pub async fn no_implementation_blocks(store: &(dyn Store + Sync)) {
    store.name();
}

pub async fn the_one_that_does_not(store: Quick) {
    store.get();
}

pub async fn recursive() {
    even(4); //~ park
}

fn even(value: u32) -> bool {
    value == 0 || odd(value - 1)
}

fn odd(value: u32) -> bool {
    park();
    value != 0 && even(value - 1)
}

pub async fn endless() {
    ping();
}

fn ping() {
    pong();
}

fn pong() {
    ping();
}

pub async fn passed(values: Vec<u32>) {
    values.into_iter().for_each(wait); //~ park
}

fn wait(_: u32) {
    park();
}

/// What blocks in an async function is reported for that function, not for those that await it.
pub async fn awaits() {
    inner().await;
}

async fn inner() {
    park(); //~ park
}

/// The future blocks, not the function that makes it.
pub async fn makes_a_future() {
    future().await;
}

fn future() -> impl Future<Output = ()> {
    async { park() } //~ park
}

struct Guard;

impl Guard {
    fn new() -> Self {
        park();
        Guard
    }
}

pub async fn constructor() {
    let _guard = Guard::new(); //~ park
}

impl std::fmt::Display for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        park();
        f.write_str("guard")
    }
}

pub async fn shortest() {
    long_way();
    short_way(); //~ park
}

fn long_way() {
    short_way();
}

fn short_way() {
    park();
}
