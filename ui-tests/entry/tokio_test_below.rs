#[bridgehead::entry]
#[tokio::test]
async fn main() {}
