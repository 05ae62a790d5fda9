use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

fn main() {
    sync_call!(fetch(), allow_async = true);
}
