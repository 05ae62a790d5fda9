#[bridgehead::entry(unhandled = true)]
async fn main() {}
