async fn fetch() -> u32 {
    1
}

fn main() {
    let _ = bridgehead::try_sync_call!(fetch(), interrupt = || ());
}
