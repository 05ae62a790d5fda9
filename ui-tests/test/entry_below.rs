#[bridgehead::test]
#[bridgehead::entry]
async fn works() {}

fn main() {}
