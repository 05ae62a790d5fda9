#[bridgehead::entry(on_unhandled = "log")]
async fn main() {}
