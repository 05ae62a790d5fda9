#[bridgehead::entry(worker_threads = 4, worker_threads = 8)]
async fn main() {}
