//! Any exit status can be returned, and its type need not be named.

use std::process::{ExitCode, Termination};

#[bridgehead::entry(flavor = "local")]
async fn main() -> impl Termination {
    tokio::task::spawn_local(async { ExitCode::from(7) }).await.expect("the task")
}
