#[bridgehead::entry(on_unhandled = |_, _| ())]
async fn main() {}
