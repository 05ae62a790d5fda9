#[bridgehead::entry(signals = "SIGINT", "SIGTERM")]
async fn main() {}
