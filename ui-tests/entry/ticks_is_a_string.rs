#[bridgehead::entry(event_interval = "61")]
async fn main() {}
