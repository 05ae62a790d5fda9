//! Under attribute macros, which pass the user's tokens on.
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

// The attribute makes a synchronous function of it, which the source doesn't show.
#[meddler::without_async]
async fn stripped() {
    sync_call!(ready(1), allow_async);
}

// Everything that this macro generates has the location of this line.
meddler::generate!();

async fn with_generated_code() {
    meddler::generate!();
    // The location is not that of a call's name, so it doesn't show what the call is in.
    meddler::on_a_thread!(ready(1));
}
