#[bridgehead::entry(flavor = "")]
async fn main() {}
