// originates in the macro because there is no token of the user's
use bridgehead::sync_call;

#[bridgehead::deny_blocking]
async fn outer() -> u32 {
    sync_call!()
}

fn main() {
    drop(outer());
}
