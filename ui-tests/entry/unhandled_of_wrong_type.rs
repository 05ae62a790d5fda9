#[bridgehead::entry(unhandled = String::new())]
async fn main() {}
