#[bridgehead::entry(grace_period = "18446744073709551616s")]
async fn main() {}
