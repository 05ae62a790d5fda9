#[bridgehead::test(max_blocking_threads = "4".parse()?)]
async fn works() {}

fn main() {}
