use bridgehead::try_sync_call;

async fn fetch() -> u32 {
    1
}

async fn outer() -> u32 {
    try_sync_call!(fetch()).unwrap()
}

fn main() {
    drop(outer());
}
