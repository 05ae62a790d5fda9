#[bridgehead::entry(unhandled = fail)]
async fn main() {}
