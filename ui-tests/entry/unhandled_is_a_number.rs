#[bridgehead::entry(unhandled = 4)]
async fn main() {}
