use bridgehead::sync_call;

#[bridgehead::deny_blocking]
async fn outer() -> u32 {
    sync_call!(|| std::future::ready(1))
}

fn main() {
    drop(outer());
}
