#[bridgehead::entry(bridgehead::worker_threads = 4)]
async fn main() {}
