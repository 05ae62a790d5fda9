#[bridgehead::entry(unhandled = Unhandled::Fail)]
async fn main() {}
