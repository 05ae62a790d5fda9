#[bridgehead::entry(crate = nowhere)]
async fn main() {}
