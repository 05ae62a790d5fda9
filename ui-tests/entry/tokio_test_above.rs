#[tokio::test]
#[bridgehead::entry]
async fn main() {}
