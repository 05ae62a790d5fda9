#[bridgehead::entry(signals = ["SIGINT", "SIGTRM"])]
async fn main() {}
