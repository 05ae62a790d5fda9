#[bridgehead::entry(timeout = "5s")]
async fn main() {}
