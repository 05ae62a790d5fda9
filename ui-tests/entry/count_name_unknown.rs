#[bridgehead::entry(worker_threads = THREADS)]
async fn main() {}
