async fn fetch() -> u32 {
    1
}

fn main() {
    let _ = bridgehead::sync_call!(fetch(), on = 4);
}
