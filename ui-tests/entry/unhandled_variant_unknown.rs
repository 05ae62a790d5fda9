#[bridgehead::entry(unhandled = bridgehead::Unhandled::Fial)]
async fn main() {}
