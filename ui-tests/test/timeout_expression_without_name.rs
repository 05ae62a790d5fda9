#[bridgehead::test(std::time::Duration::from_secs(5))]
async fn works() {}

fn main() {}
