#[bridgehead::entry(signals = &["SIGINT"])]
async fn main() {}
