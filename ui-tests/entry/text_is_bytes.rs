#[bridgehead::entry(thread_name = b"worker")]
async fn main() {}
