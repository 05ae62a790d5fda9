#[bridgehead::entry(thread_keep_alive = "5x")]
async fn main() {}
