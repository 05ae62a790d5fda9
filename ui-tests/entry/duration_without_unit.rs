#[bridgehead::entry(thread_keep_alive = "5")]
async fn main() {}
