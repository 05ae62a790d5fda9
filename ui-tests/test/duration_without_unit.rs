#[bridgehead::test(grace_period = "5")]
async fn works() {}

fn main() {}
