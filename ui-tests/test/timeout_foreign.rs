#[bridgehead::test(deadline = "1s")]
async fn works() {}

fn main() {}
