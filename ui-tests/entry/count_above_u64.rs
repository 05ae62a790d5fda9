#[bridgehead::entry(worker_threads = 20_000_000_000_000_000_000)]
async fn main() {}
