#[bridgehead::entry(on_unhandled = Vec::<u8>::new())]
async fn main() {}
