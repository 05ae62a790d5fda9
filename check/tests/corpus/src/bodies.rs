//! Code that is async, and code that isn't.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread::{park, sleep};
use std::time::Duration;

pub async fn function() {
    park(); //~ park
}

pub fn synchronous() {
    park();
}

pub fn block() -> impl Future<Output = ()> {
    park();
    async {
        park(); //~ park
    }
}

pub fn block_in_closure() {
    let start = || async move { park() }; //~ park
    start();
}

pub fn closure() {
    let start = async |time: Duration| sleep(time); //~ sleep
    start(Duration::ZERO);
}

pub async fn synchronous_closure(values: &[u64]) {
    values.iter().for_each(|value| sleep(Duration::from_secs(*value))); //~ sleep
}

pub async fn inner_function() {
    fn inner() {
        park();
    }
}

pub async fn inner_function_called() {
    fn inner() {
        park();
    }
    inner(); //~ park
}

/// The nested functions of two functions share a name.
pub async fn inner_function_that_does_not() {
    fn inner() {}
    inner();
}

pub struct Service;

impl Service {
    pub async fn method(&self) {
        park(); //~ park
    }
}

pub trait Handler {
    async fn handle(&self);
    async fn with_default(&self) {
        park(); //~ park
    }
}

impl Handler for Service {
    async fn handle(&self) {
        park(); //~ park
    }
}

#[async_trait::async_trait]
pub trait Boxed {
    async fn handle(&self);
}

#[async_trait::async_trait]
impl Boxed for Service {
    async fn handle(&self) {
        park(); //~ park
    }
}

pub async fn several() {
    park(); //~ park
    // One report for each blocking function.
    park();
    sleep(Duration::ZERO); //~ sleep
}

pub struct Waiting;

impl Future for Waiting {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        park(); //~ park
        Poll::Ready(())
    }
}

/// What blocks in `poll` of the future is reported for `poll`.
pub async fn polls(mut future: Pin<Box<dyn Future<Output = ()>>>) {
    std::future::poll_fn(|cx| future.as_mut().poll(cx)).await;
    Waiting.await;
}

const _: fn() = || park();
