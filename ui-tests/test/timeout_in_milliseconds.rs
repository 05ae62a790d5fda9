#[bridgehead::test(timeout_ms = 250)]
async fn works() {}

fn main() {}
