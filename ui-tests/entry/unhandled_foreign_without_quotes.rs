#[bridgehead::entry(unhandled = abort)]
async fn main() {}
