//! Under attribute macros, which hand the user's tokens on.
use bridgehead::sync_call;

use crate::ready;

#[tokio::main]
async fn main() {
    sync_call!(ready(1)); //~ inside `async fn main`
}

mod entry {
    #[bridgehead::entry]
    async fn main() {
        bridgehead::sync_call!(crate::ready(1)); //~ inside `async fn main`
    }
}

#[tokio::test]
async fn tokio_test() {
    sync_call!(ready(1)); //~ inside `async fn tokio_test`
    tokio::task::spawn_blocking(|| sync_call!(ready(1))).await.unwrap();
}

#[bridgehead::test(timeout = "5s")]
async fn bridgehead_test() {
    sync_call!(ready(1)); //~ inside `async fn bridgehead_test`
}

#[meddler::unchanged]
async fn handed_on() {
    sync_call!(ready(1)); //~ inside `async fn handed_on`
}

// It makes a synchronous function of it, which nobody can see.
#[meddler::without_async]
async fn stripped() {
    sync_call!(ready(1), allow_async);
}

// What it makes has only its own position.
meddler::generate!();

async fn with_generated_code() {
    meddler::generate!();
    // Not the name of a call, so what it is can't be told.
    meddler::on_a_thread!(ready(1));
}
