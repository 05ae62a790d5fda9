#[bridgehead::test(should_panic)]
async fn works() {}

fn main() {}
