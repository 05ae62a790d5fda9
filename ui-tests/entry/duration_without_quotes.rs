#[bridgehead::entry(grace_period = 5s)]
async fn main() {}
