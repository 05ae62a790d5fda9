#[bridgehead::entry(!start_paused)]
async fn main() {}
