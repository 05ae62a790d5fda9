#[bridgehead::entry(slow_poll_threshold = 10_u64 + 1)]
async fn main() {}
