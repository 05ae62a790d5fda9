//! Code in async functions that runs on threads which may block.

use std::thread::{self, park};

fn wait() {
    park();
}

pub async fn spawn_blocking() {
    let _ = tokio::task::spawn_blocking(|| wait()).await;
    let _ = tokio::task::spawn_blocking(park).await;
    let _ = tokio::runtime::Handle::current().spawn_blocking(move || {
        let inner = || wait();
        inner();
    });
    tokio::task::JoinSet::new().spawn_blocking(wait);
}

pub async fn block_in_place() {
    tokio::task::block_in_place(|| wait());
}

pub async fn threads() {
    thread::spawn(|| wait());
    let _ = thread::Builder::new().spawn(wait);
    let _ = bridgehead::to_thread(|| wait());
}

pub async fn by_a_variable() {
    let work = move || wait();
    let _ = tokio::task::spawn_blocking(work).await;
}

pub async fn fiber() {
    bridgehead::fiber(|| bridgehead::sync_call!(async {})).await;
}

/// `spawn` runs the future on a worker, unlike the functions above.
pub async fn spawned() {
    tokio::spawn(async {
        wait(); //~ park
    });
}

pub async fn argument_of_one() {
    let _ = tokio::task::spawn_blocking(make()).await; //~ park
}

fn make() -> impl FnOnce() + Send + 'static {
    park();
    || {}
}

/// The code inside of `run` is async code again.
pub async fn async_in_a_thread() {
    thread::spawn(|| {
        bridgehead::run(async {
            park(); //~ park
        });
    });
}

pub async fn joined() {
    let _ = thread::spawn(|| {}).join(); //~ join
}

static SLOW: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {
    std::thread::sleep(std::time::Duration::from_millis(1));
    4
});
static QUICK: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| 4);
static ONCE: std::sync::OnceLock<u32> = std::sync::OnceLock::new();

pub async fn lazily() -> u32 {
    *SLOW + *QUICK //~ sleep
}

pub async fn once() -> u32 {
    *ONCE.get_or_init(|| { //? get_or_init
        std::thread::sleep(std::time::Duration::from_millis(1)); //~ sleep
        4
    })
}

/// Functions that pass on the closures that they get.
async fn on_the_pool<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(move || work()).await.unwrap()
}

async fn handed_on<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    println!("{name}");
    on_the_pool(work).await
}

fn called_here(work: impl FnOnce()) {
    work();
}

pub async fn wrapped() {
    on_the_pool(|| wait()).await;
    handed_on("a", wait).await;
    called_here(|| wait()); //~ park
}

struct Kept {
    hook: Box<dyn Fn()>,
    function: fn(),
}

/// A closure that is stored is called elsewhere, if at all.
pub async fn kept() {
    let hook: Option<Box<dyn Fn()>> = Some(Box::new(|| wait()));
    let shared = std::sync::Arc::new(move || wait());
    Kept { hook: Box::new(wait), function: || wait() };
    made();
    std::sync::Arc::new(wait()); //~ park
}

fn made() -> impl Fn() {
    move || wait()
}

/// `state` is stored, but isn't a closure; `work` is called here.
fn with_state<S: 'static>(state: S, work: impl Fn(&S)) {
    let state = std::sync::Arc::new(state);
    work(&state);
}

pub async fn beside_what_is_kept() {
    with_state(4, |_| wait()); //~ park
}
