#[bridgehead::entry(worker_threads = "4".parse()?)]
async fn main() {}
