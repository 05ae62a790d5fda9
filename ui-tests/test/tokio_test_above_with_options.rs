#[tokio::test(flavor = "multi_thread")]
#[bridgehead::test]
async fn works() {}

fn main() {}
