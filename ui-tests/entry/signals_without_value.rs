#[bridgehead::entry(signals)]
async fn main() {}
