#[bridgehead::entry(crate = "a b")]
async fn main() {}
