#[bridgehead::entry(fiber = true)]
async fn main() {}
