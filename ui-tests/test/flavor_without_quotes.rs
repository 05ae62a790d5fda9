#[bridgehead::test(flavor = local)]
async fn works() {}

fn main() {}
