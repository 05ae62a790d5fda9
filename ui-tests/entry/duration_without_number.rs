#[bridgehead::entry(grace_period = "s")]
async fn main() {}
