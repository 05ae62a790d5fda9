#[bridgehead::test(event_interval = 5_000_000_000)]
async fn works() {}

fn main() {}
