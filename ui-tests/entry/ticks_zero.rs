#[bridgehead::entry(global_queue_interval = 0)]
async fn main() {}
