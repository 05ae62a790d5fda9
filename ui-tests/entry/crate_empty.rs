#[bridgehead::entry(crate = "")]
async fn main() {}
