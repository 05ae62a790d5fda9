#[bridgehead::test(timeout = "5x")]
async fn works() {}

fn main() {}
