#[bridgehead::test(timeout = "1s", timeout = "2s")]
async fn works() {}

fn main() {}
