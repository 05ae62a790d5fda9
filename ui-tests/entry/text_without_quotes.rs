#[bridgehead::entry(thread_name = worker)]
async fn main() {}
