#[bridgehead::entry]
#[bridgehead::entry]
async fn main() {}
