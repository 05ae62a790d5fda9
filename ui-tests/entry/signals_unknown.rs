#[bridgehead::entry(signals = ["SIGKILL"])]
async fn main() {}
