#[bridgehead::test]
#[bridgehead::entry]
async fn main() {}
