#[bridgehead::entry(event_interval = 61u64)]
async fn main() {}
