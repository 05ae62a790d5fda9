async fn fetch() -> u32 {
    1
}

fn main() {
    let runner = bridgehead::Runner::new();
    let _ = bridgehead::sync_call!(fetch(), runtime = runner);
}
