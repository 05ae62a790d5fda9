#[bridgehead::test(timeout = "10")]
async fn works() {}

fn main() {}
