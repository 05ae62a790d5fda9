#[bridgehead::entry(signals = ["ctrl_c"])]
async fn main() {}
