#[bridgehead::entry(flavor = String::new())]
async fn main() {}
