// errors: 2 because there are as many faults
#[bridgehead::entry(worker_threads = 0, worker_threads = 4)]
async fn main() {}
