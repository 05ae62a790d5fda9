use bridgehead::try_sync_call;

async fn fetch() -> u32 {
    1
}

async fn outer() -> Option<u32> {
    try_sync_call!(fetch(), timeout = "1500us").ok()
}

fn main() {
    drop(outer());
}
