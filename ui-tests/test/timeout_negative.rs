#[bridgehead::test(timeout = "-5s")]
async fn works() {}

fn main() {}
