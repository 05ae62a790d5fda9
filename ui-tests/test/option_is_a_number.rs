#[bridgehead::test(4)]
async fn works() {}

fn main() {}
