#[bridgehead::entry]
async fn start() {}
