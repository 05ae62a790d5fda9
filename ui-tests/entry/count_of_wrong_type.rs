#[bridgehead::entry(worker_threads = 4i8)]
async fn main() {}
