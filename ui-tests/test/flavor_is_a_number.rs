#[bridgehead::test(flavor = 4)]
async fn works() {}

fn main() {}
