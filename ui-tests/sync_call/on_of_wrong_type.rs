async fn fetch() -> u32 {
    1
}

fn main() {
    let port = 8080;
    let _ = bridgehead::sync_call!(fetch(), on = port);
}
