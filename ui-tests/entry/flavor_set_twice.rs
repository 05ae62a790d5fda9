#[bridgehead::entry(flavor = "local", flavor = "current_thread")]
async fn main() {}
