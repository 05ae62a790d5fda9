#[bridgehead::test(crate = 4)]
async fn works() {}

fn main() {}
