#[bridgehead::entry(thread_name = 4 + 4)]
async fn main() {}
