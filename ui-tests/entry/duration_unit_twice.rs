#[bridgehead::entry(grace_period = "1s1s")]
async fn main() {}
