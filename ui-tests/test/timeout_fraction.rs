#[bridgehead::test(timeout = "0.5s")]
async fn works() {}

fn main() {}
