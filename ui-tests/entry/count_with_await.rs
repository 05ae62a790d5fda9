#[bridgehead::entry(worker_threads = std::future::ready(4).await)]
async fn main() {}
