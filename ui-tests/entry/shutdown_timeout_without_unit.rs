#[bridgehead::entry(shutdown_timeout = "10")]
async fn main() {}
