//! Calls in the arguments of macros.

use std::thread::park;

fn number() -> u32 {
    park();
    4
}

pub async fn printed() {
    println!("{}", number()); //~ park
}

pub async fn in_a_list() {
    let _ = vec![number(), 4]; //~ park
}

pub async fn asserted() {
    assert_eq!(number(), 4, "{}", 4); //~ park
}

pub async fn selected() {
    tokio::select! {
        _ = tokio::task::yield_now() => {
            park(); //~ park
        }
    }
}

pub async fn selected_future() {
    tokio::select! {
        _ = async { number() } => {} //~ park
        else => {}
    }
}

pub fn joined() {
    let _ = async { tokio::join!(async { number() }, async {}) }; //~ park
}

macro_rules! wait {
    () => {
        park()
    };
}

/// Only calls in the sources are detected, not those that a macro expands to.
pub async fn not_detected() {
    wait!();
}

pub async fn offloaded_in_a_macro() {
    let _ = tokio::join!(tokio::task::spawn_blocking(|| number()), tokio::task::spawn_blocking(number));
}
