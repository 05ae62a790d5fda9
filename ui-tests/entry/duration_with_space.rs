#[bridgehead::entry(grace_period = "5 s")]
async fn main() {}
