#[bridgehead::entry(max_blocking_threads = 4.5)]
async fn main() {}
