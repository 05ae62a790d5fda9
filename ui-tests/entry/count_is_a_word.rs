#[bridgehead::entry(worker_threads = "four")]
async fn main() {}
