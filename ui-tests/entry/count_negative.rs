#[bridgehead::entry(worker_threads = -1)]
async fn main() {}
