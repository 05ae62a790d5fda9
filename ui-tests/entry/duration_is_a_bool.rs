#[bridgehead::entry(grace_period = true)]
async fn main() {}
