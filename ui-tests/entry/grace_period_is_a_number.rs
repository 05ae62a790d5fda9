#[bridgehead::entry(grace_period = 5)]
async fn main() {}
