#[bridgehead::entry(flavor = 4)]
async fn main() {}
