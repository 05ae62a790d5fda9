#[bridgehead::entry(grace_period = "1d")]
async fn main() {}
