#[bridgehead::test]
#[tokio::test]
async fn works() {}

fn main() {}
