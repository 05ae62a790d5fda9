#[bridgehead::test(ignore)]
async fn works() {}

fn main() {}
