#[bridgehead::test(slow_poll_threshold = 5)]
async fn works() {}

fn main() {}
