#[bridgehead::entry]
fn start() {}
