//! `#[blocking]`: runs every shape of code that the attribute accepts.
#![allow(
    clippy::elidable_lifetime_names,
    clippy::manual_async_fn,
    clippy::needless_arbitrary_self_type,
    clippy::needless_lifetimes,
    clippy::needless_maybe_sized,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    clippy::unused_self,
    reason = "how a signature is written is the point"
)]

mod arguments;
mod async_traits;
mod builders;
mod contexts;
mod fragments;
mod on;
mod shapes;
mod streams;
mod together;
mod traits;
mod twin_types;

use std::time::Duration;

/// A wait that makes a call block.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}
