#[bridgehead::entry(start_paused = true)]
async fn main() {}
