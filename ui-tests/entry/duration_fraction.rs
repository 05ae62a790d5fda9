#[bridgehead::entry(thread_keep_alive = "1.5s")]
async fn main() {}
