#[bridgehead::entry]
#[bridgehead::test]
async fn main() {}
