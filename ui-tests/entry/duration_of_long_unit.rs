#[bridgehead::entry(thread_keep_alive = "5secs")]
async fn main() {}
