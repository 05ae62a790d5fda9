#[bridgehead::entry(signals = ["sigint"])]
async fn main() {}
