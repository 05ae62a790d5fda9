#![deny(deprecated)]

use bridgehead::sync_call;

#[deprecated = "use `begin`"]
async fn start() {}

fn main() {
    sync_call!(start());
}
