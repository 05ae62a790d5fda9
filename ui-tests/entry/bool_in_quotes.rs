#[bridgehead::entry(flavor = "local", start_paused = "true")]
async fn main() {}
