#[bridgehead::entry(workerThreads = 4)]
async fn main() {}
