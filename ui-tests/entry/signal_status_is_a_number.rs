#[bridgehead::entry(signals = true, signal_status = 4)]
async fn main() {}
