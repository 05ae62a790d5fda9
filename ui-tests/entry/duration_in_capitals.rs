#[bridgehead::entry(grace_period = "5S")]
async fn main() {}
