#[bridgehead::test(worker_threads(4))]
async fn works() {}

fn main() {}
