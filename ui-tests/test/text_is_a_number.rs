#[bridgehead::test(thread_name = 4)]
async fn works() {}

fn main() {}
