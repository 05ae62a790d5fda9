#[bridgehead::entry(grace_period = "5x")]
async fn main() {}
