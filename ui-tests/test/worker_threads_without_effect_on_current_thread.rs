#[bridgehead::test(flavor = "current_thread", worker_threads = 2)]
async fn works() {}

fn main() {}
