#[bridgehead::entry(worker_threads = "4".len() as u32)]
async fn main() {}
