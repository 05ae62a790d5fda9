#[bridgehead::test(worker-threads = 4)]
async fn works() {}

fn main() {}
