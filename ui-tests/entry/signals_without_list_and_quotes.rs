#[bridgehead::entry(signals = interrupt)]
async fn main() {}
