#[bridgehead::test]
#[tokio::main]
async fn works() {}

fn main() {}
