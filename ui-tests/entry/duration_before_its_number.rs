#[bridgehead::entry(shutdown_timeout = "s5")]
async fn main() {}
