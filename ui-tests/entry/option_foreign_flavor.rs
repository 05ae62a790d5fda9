#[bridgehead::entry(single_thread)]
async fn main() {}
