#[bridgehead::entry(grace_period = "never")]
async fn main() {}
