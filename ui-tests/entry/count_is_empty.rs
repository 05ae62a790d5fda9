#[bridgehead::entry(worker_threads = "")]
async fn main() {}
