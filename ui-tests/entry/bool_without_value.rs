#[bridgehead::entry(flavor = "local", start_paused)]
async fn main() {}
