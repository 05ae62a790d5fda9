#[bridgehead::test]
async fn adds {}

fn main() {}
