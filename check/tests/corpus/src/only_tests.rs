//! Code that only tests contain. `//t` is reported with `--all-targets`.

use std::time::Duration;

pub async fn waits() {
    std::thread::sleep(Duration::from_millis(1)); //~ sleep
}

#[tokio::test]
async fn a_test_waits() {
    std::thread::sleep(Duration::from_millis(1)); //t sleep
    waits().await;
}

#[cfg(test)]
mod helpers {
    use super::*;

    async fn helper() {
        std::thread::sleep(Duration::from_millis(1)); //t sleep
    }
}

#[cfg(not(test))]
pub mod program {}

#[cfg(test)]
mod apart;
