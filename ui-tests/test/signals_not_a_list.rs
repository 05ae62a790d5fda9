#[bridgehead::test(signals = "SIGINT")]
async fn works() {}

fn main() {}
