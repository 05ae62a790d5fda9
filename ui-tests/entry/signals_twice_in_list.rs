#[bridgehead::entry(signals = ["SIGINT", "SIGINT"])]
async fn main() {}
