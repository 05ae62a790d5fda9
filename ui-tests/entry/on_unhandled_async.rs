#[bridgehead::entry(on_unhandled = async |_| {})]
async fn main() {}
