#[bridgehead::entry(on_unhandled = handler)]
async fn main() {}
