#[bridgehead::test(max_blocking_threads = "4")]
async fn works() {}

fn main() {}
