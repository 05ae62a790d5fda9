#[bridgehead::test]
const async fn works() {}

fn main() {}
