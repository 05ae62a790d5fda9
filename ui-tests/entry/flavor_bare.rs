#[bridgehead::entry(current_thread)]
async fn main() {}
