#[bridgehead::entry(grace_period = Duration::from_secs(5))]
async fn main() {}
