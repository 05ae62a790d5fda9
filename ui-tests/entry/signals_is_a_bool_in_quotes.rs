#[bridgehead::entry(signals = "true")]
async fn main() {}
