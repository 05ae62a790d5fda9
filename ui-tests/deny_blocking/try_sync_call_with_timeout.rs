#[bridgehead::deny_blocking]
async fn outer() -> u32 {
    bridgehead::try_sync_call!(std::future::ready(1), timeout = "5s",).unwrap()
}

fn main() {
    drop(outer());
}
