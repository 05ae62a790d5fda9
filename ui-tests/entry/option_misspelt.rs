#[bridgehead::entry(worker_thread = 4)]
async fn main() {}
