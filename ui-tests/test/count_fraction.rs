#[bridgehead::test(global_queue_interval = 4.5)]
async fn works() {}

fn main() {}
