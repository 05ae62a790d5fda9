#[bridgehead::entry(worker threads = 4)]
async fn main() {}
