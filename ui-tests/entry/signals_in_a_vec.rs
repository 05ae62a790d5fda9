#[bridgehead::entry(signals = vec!["SIGINT"])]
async fn main() {}
