#[bridgehead::entry(on_unhandled = true)]
async fn main() {}
