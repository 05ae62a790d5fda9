#[bridgehead::test(colour = 4)]
async fn works() {}

fn main() {}
