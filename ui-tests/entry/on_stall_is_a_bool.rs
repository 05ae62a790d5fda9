#[bridgehead::entry(on_stall = true)]
async fn main() {}
