#[bridgehead::entry(signals = String::new())]
async fn main() {}
