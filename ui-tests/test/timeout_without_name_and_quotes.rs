#[bridgehead::test(5s)]
async fn works() {}

fn main() {}
