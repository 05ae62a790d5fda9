#[bridgehead::entry(thread_name = "work\0er")]
async fn main() {}
