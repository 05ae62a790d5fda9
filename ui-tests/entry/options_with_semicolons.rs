#[bridgehead::entry(worker_threads = 4; thread_name = "worker")]
async fn main() {}
