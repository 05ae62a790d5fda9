// errors: 2 because there are as many faults
#[bridgehead::test]
#[tokio::test]
#[tokio::main]
async fn works() {}

fn main() {}
