#[bridgehead::test(signals = ["SIGITN"])]
async fn works() {}

fn main() {}
