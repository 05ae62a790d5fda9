#[bridgehead::entry(flavor = "single_thread")]
async fn main() {}
