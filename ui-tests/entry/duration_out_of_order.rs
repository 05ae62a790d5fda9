#[bridgehead::entry(grace_period = "30s1m")]
async fn main() {}
