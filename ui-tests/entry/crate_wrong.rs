#[bridgehead::entry(crate = std)]
async fn main() {}
