use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

async fn outer() -> u32 {
    sync_call!(fetch())
}

fn main() {
    drop(outer());
}
