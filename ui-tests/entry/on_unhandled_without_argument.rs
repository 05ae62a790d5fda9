#[bridgehead::entry(on_unhandled = || ())]
async fn main() {}
