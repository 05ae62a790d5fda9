#[bridgehead::entry(grace_period_secs = 5)]
async fn main() {}
