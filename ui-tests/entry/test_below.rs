#[bridgehead::entry]
#[test]
async fn main() {}
