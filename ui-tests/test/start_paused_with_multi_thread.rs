#[bridgehead::test(flavor = "multi_thread", start_paused = true)]
async fn works() {}

fn main() {}
