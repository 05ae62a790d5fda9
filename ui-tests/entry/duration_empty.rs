#[bridgehead::entry(grace_period = "")]
async fn main() {}
