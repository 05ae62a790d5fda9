#[bridgehead::entry(flavor = "local", start_paused = 1)]
async fn main() {}
