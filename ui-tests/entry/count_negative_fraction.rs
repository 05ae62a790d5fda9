#[bridgehead::entry(worker_threads = -4.5)]
async fn main() {}
