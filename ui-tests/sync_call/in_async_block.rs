use bridgehead::sync_call;

async fn fetch() -> u32 {
    1
}

fn main() {
    drop(async { sync_call!(fetch()) });
}
