#[bridgehead::test(max_blocking_threads = 4i8)]
async fn works() {}

fn main() {}
