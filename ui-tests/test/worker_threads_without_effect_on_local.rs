#[bridgehead::test(flavor = "local", worker_threads = 2)]
async fn works() {}

fn main() {}
