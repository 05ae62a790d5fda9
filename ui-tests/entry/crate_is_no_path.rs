#[bridgehead::entry(crate = 4)]
async fn main() {}
