#[bridgehead::entry(colour = 4)]
async fn main() {}
