#[bridgehead::entry(worker_threads = 4threads)]
async fn main() {}
