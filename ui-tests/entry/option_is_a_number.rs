#[bridgehead::entry(4)]
async fn main() {}
