#[bridgehead::entry(worker_threads = Some(4))]
async fn main() {}
