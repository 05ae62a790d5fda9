#[bridgehead::entry(flavor = "multi-threads")]
async fn main() {}
