#[bridgehead::entry(signals = [2])]
async fn main() {}
