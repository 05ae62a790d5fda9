#[tokio::main]
#[bridgehead::test]
async fn works() {}

fn main() {}
