#[bridgehead::test(start_paused)]
async fn works() {}

fn main() {}
